"""The portal of the chat's tests, for the consoles behind it."""

from tests.integration.chat.conftest import clock, folder, portal, settled

__all__ = ["clock", "folder", "portal", "settled"]
