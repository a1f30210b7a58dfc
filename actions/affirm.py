"""Take a yes."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people import reporting


class ActionAffirm(CoreAction):
    """Take a yes."""

    action_name = "action_affirm"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await reporting.affirm(self.parts, asked.conversation_id)
