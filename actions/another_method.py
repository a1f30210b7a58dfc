"""Offer the methods again."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionAnotherMethod(CoreAction):
    """Offer the methods again."""

    action_name = "action_another_method"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.another_method(self.parts, asked.conversation_id)
