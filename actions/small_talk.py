"""Answer a greeting, thanks or a call for help, then say where the person stands."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message, MessageId


class ActionSmallTalk(CoreAction):
    """Answer a greeting, thanks or a call for help, then say where the person stands."""

    action_name = "action_small_talk"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.say_and_remind(self.parts, asked.conversation_id, MessageId(asked.intent))
