"""The portal of the chat's tests, for the desk behind it."""

from tests.integration.chat.conftest import chat, clock, folder, portal, settled

__all__ = ["chat", "clock", "folder", "portal", "settled"]
