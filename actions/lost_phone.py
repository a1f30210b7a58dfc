"""Say what works without the phone."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionLostPhone(CoreAction):
    """Say what works without the phone."""

    action_name = "action_lost_phone"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.lost_phone(self.parts, asked.conversation_id, asked.text)
