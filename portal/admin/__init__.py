"""The administrators' console: the requests of the own domain, for ``gmxxxx`` of the group (R15)."""

from __future__ import annotations

from portal.admin.routing import routes

__all__ = ["routes"]
