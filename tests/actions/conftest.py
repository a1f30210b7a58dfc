"""The portal of the chat's tests, for the actions behind it."""

from tests.integration.chat.conftest import clock, folder, portal, settled

__all__ = ["clock", "folder", "portal", "settled"]
