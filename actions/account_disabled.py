"""Say who enables a disabled account, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message, MessageId


class ActionAccountDisabled(CoreAction):
    """Say who enables a disabled account, and in which order."""

    action_name = "action_account_disabled"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.say_and_remind(self.parts, asked.conversation_id, MessageId.ACCOUNT_DISABLED)
