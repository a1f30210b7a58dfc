"""A line said to a person: what became of a code in it is told by the gateway, never by the assistant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recovery_core.cases import forms
from recovery_core.cases.events import Event
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Line
from recovery_core.messages import FormPurpose
from recovery_core.work import UnitOfWork

_NOTICES = {
    Event.CODE_RIGHT: "gateway.talk_code_right",
    Event.CODE_WRONG: "gateway.talk_code_wrong",
    Event.CODE_DEAD: "gateway.talk_code_over",
    Event.CODE_EXPIRED: "gateway.talk_code_over",
    Event.CODE_QUESTION: "gateway.talk_code_alone",
    Event.NO_CODE_PENDING: "gateway.code_masked",
    Event.SECRET_MASKED: "gateway.masked",
}


async def answer(work: UnitOfWork, parts: Parts, line: Line, event: Event | None) -> None:
    """Mark *line* answered, with the gateway's own notice of *event*; a right code brings the next form."""
    replies: Sequence[Mapping[str, Any]] = ()
    if event is not None:
        replies = [{"kind": "notice", "key": _NOTICES[event]}]
    if event is Event.CODE_RIGHT:
        token = await forms.mint(work, parts, line.conversation_id, FormPurpose.PASSWORD)
        if token is not None:
            form = {"purpose": FormPurpose.PASSWORD.value, "id": forms.form_id_of(parts, token)}
            replies = [*replies, {"kind": "form", "key": "gateway.form_offered", "form": form}]
    await work.conversations.answer(line, replies, parts.clock.now())
