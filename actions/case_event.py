"""Say what happened outside a sentence: a code was tried, a form sent, a link pressed."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases.events import Event
from recovery_core.messages import Message
from recovery_core.people.reporting import report


class ActionCaseEvent(CoreAction):
    """Say what happened outside a sentence: a code was tried, a form sent, a link pressed."""

    action_name = "action_case_event"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await report(self.parts, asked.conversation_id, Event(asked.intent))
