"""Secure pages: everything that must never be written into the chat is entered here."""

from portal.forms.routing import routes

__all__ = ["routes"]
