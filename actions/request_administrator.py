"""Open the request for whoever decides on this mailbox."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.messages import Message
from recovery_core.people.requesting import request_administrator


class ActionRequestAdministrator(CoreAction):
    """Open the request for whoever decides on this mailbox."""

    action_name = "action_request_administrator"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await request_administrator(self.parts, asked.conversation_id)
