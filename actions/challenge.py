"""Start the proof whose button was pressed."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.cases.challenging import challenge
from recovery_core.messages import Message
from recovery_core.proofs.methods import Method


class ActionChallenge(CoreAction):
    """Start the proof whose button was pressed."""

    action_name = "action_challenge"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        method = Method(asked.intent.removeprefix("gateway_method_"))
        return await challenge(self.parts, asked.conversation_id, method)
