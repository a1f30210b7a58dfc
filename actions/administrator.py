"""Say what the own administrator can do."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message, MessageId


class ActionAdministrator(CoreAction):
    """Say what the own administrator can do."""

    action_name = "action_administrator"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.say_and_remind(
            self.parts, asked.conversation_id, MessageId.ADMINISTRATOR_HELPS
        )
