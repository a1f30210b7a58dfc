"""Tell the rules of a new password."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionPasswordRules(CoreAction):
    """Tell the rules of a new password."""

    action_name = "action_password_rules"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        return await answering.password_rules(self.parts, asked.conversation_id)
