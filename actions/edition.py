"""Name the path of the edition whose button was pressed."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Asked, CoreAction
from recovery_core.accounts.account import Edition
from recovery_core.cases import answering
from recovery_core.messages import Message


class ActionEdition(CoreAction):
    """Name the path of the edition whose button was pressed."""

    action_name = "action_edition"

    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Ask the core."""
        named = asked.intent.removeprefix("gateway_edition_")
        return answering.edition(Edition(named) if named in set(Edition) else None)
