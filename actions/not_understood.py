"""Admit that the line was not understood, name what was heard, then say where the person stands."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases.misunderstanding import not_understood
from recovery_core.messages import Message


class ActionNotUnderstood(CoreAction):
    """Admit that the line was not understood, name what was heard, then say where the person stands."""

    action_name = "action_not_understood"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        odd = asked.intent == "out_of_scope"
        return await not_understood(self.parts, asked.conversation_id, asked.heard, out_of_scope=odd)
