"""Help when no code or link arrives."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionCodeMissing(CoreAction):
    """Help when no code or link arrives."""

    action_name = "action_code_missing"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.code_missing(self.parts, asked.conversation_id)
