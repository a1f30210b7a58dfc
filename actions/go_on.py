"""Say where the person stands."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionContinue(CoreAction):
    """Say where the person stands."""

    action_name = "action_continue"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.remind(self.parts, asked.conversation_id)
