"""Leave the talk with a person and go on here."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people import live


class ActionBackToAssistant(CoreAction):
    """Leave the talk with a person and go on here."""

    action_name = "action_back_to_assistant"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await live.leave(self.parts, asked.conversation_id)
