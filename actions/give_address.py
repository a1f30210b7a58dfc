"""Take the address that the line names."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import opening
from recovery_core.messages import Message


class ActionGiveAddress(CoreAction):
    """Take the address that the line names."""

    action_name = "action_give_address"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await opening.identify(self.parts, asked.conversation_id, asked.addresses)
