"""Name the path of the edition in the line, or ask for the edition."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.accounts.account import Edition
from recovery_core.cases import answering
from recovery_core.messages import Message, MessageId


class ActionAdminRecovery(CoreAction):
    """Name the path of the edition in the line, or ask for the edition."""

    action_name = "action_admin_recovery"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        if asked.edition in set(Edition):
            return answering.edition(Edition(asked.edition))
        return (Message(MessageId.ASK_EDITION),)
