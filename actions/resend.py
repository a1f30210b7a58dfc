"""Send the last code or link once more."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases.challenging import resend
from recovery_core.messages import Message


class ActionResend(CoreAction):
    """Send the last code or link once more."""

    action_name = "action_resend"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await resend(self.parts, asked.conversation_id)
