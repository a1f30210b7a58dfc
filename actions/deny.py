"""Take a no."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionDeny(CoreAction):
    """Take a no."""

    action_name = "action_deny"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.deny(self.parts, asked.conversation_id)
