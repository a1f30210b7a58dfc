"""End the case because the person gives up; its requests are withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people import requesting


class ActionCancel(CoreAction):
    """End the case because the person gives up; its requests are withdrawn."""

    action_name = "action_cancel"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await requesting.cancel(self.parts, asked.conversation_id)
