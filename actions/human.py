"""Bring a person into the conversation, or leave a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people import live


class ActionHuman(CoreAction):
    """Bring a person into the conversation, or leave a ticket."""

    action_name = "action_human"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await live.talk_to_human(self.parts, asked.conversation_id)
