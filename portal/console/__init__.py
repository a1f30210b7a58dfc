"""What both consoles share: signing in, sessions, and how their pages look."""

from __future__ import annotations
