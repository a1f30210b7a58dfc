"""Open the review of documents where its time has come."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people.requesting import request_review


class ActionRequestReview(CoreAction):
    """Open the review of documents where its time has come."""

    action_name = "action_request_review"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await request_review(self.parts, asked.conversation_id)
