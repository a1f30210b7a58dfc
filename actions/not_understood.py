"""Admit that the line was not understood, then say where the person stands."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message, MessageId


class ActionNotUnderstood(CoreAction):
    """Admit that the line was not understood, then say where the person stands."""

    action_name = "action_not_understood"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        said = MessageId.OUT_OF_SCOPE if asked.intent == "out_of_scope" else MessageId.FALLBACK
        return await answering.say_and_remind(self.parts, asked.conversation_id, said)
