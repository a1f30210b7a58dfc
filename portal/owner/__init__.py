"""The page of the registered owner of a cloud account, who comes by the link of a mail (R14)."""

from __future__ import annotations

from portal.owner.routing import routes

__all__ = ["routes"]
