"""Tell how the request or the case stands."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people.statusing import ticket_status


class ActionCaseStatus(CoreAction):
    """Tell how the request or the case stands."""

    action_name = "action_case_status"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await ticket_status(self.parts, asked.conversation_id)
