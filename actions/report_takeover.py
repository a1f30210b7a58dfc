"""Say what can be done when somebody else got in."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people import takeover


class ActionReportTakeover(CoreAction):
    """Say what can be done when somebody else got in."""

    action_name = "action_report_takeover"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await takeover.report_takeover(self.parts, asked.conversation_id)
