"""Begin a recovery, with the address if the line names one."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import opening
from recovery_core.messages import Message


class ActionStartRecovery(CoreAction):
    """Begin a recovery, with the address if the line names one."""

    action_name = "action_start_recovery"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await opening.start(self.parts, asked.conversation_id, asked.addresses)
