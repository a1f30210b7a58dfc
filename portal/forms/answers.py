"""The page for the two security questions."""

from __future__ import annotations

from aiohttp import web

from portal.forms.fields import Broken, read_fields
from portal.forms.opened import Opened, finish, go_on, seen
from portal.forms.pages import render, words
from portal.keys import PARTS, TURNS
from recovery_core.cases import proving
from recovery_core.cases.proving import Try
from recovery_core.errors import GoneError
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.questions import MAX_ANSWER

_FIELDS = ("answer_1", "answer_2")


async def show(request: web.Request, opened: Opened, broken: tuple[Broken, ...] = ()) -> web.Response:
    """Show both questions, never an answer; with *broken*, as a refusal (422)."""
    if opened.challenge is None or opened.challenge.questions is None:
        raise GoneError("form_over")
    questions = list(zip(_FIELDS, opened.challenge.questions, strict=True))
    over = any(item.code in {Try.DEAD, Try.EXPIRED} for item in broken)
    status = 422 if broken else 200
    return render(
        request, "answers.html", status=status, questions=questions, broken=broken, over=over,
        both=over or any(item.code == Try.WRONG for item in broken),
        longest=MAX_ANSWER,
    )  # fmt: skip


async def act(request: web.Request, opened: Opened) -> web.Response:
    """Try both answers together; which of them was wrong is never said (R7)."""
    fields = await read_fields(request)
    given = (fields.get("answer_1", ""), fields.get("answer_2", ""))
    looked_at = [_flaw(request, name, text) for name, text in zip(_FIELDS, given, strict=True)]
    unreadable = [flaw for flaw in looked_at if flaw]
    if unreadable:
        return await show(request, opened, tuple(unreadable))
    parts, conversation = request.app[PARTS], opened.conversation
    tried = await proving.try_answers(parts, conversation.id, given)
    async with parts.work() as work:
        await seen(work, request, conversation)
        if tried.outcome is Try.RIGHT:
            path = await finish(work, request, opened)
            await work.commit()
            return go_on(request, conversation.id, path)
        await work.commit()
    request.app[TURNS].wake(conversation.id)
    text = words(request)(f"form.answers.{_outcome(opened, tried.outcome)}", tries_left=tried.tries_left)
    return await show(request, opened, (Broken(_outcome(opened, tried.outcome), text, "answer_1"),))


def _outcome(opened: Opened, outcome: Try) -> Try:
    if outcome is not Try.NOT_PENDING:
        return outcome
    if opened.challenge is not None and opened.challenge.state is ChallengeState.DEAD:
        return Try.DEAD
    raise GoneError("form_over")


def _flaw(request: web.Request, name: str, text: str) -> Broken | None:
    if text.strip() and len(text) <= MAX_ANSWER:
        return None
    code = "answer_too_long" if text.strip() else "answer_missing"
    number = _FIELDS.index(name) + 1
    return Broken(code, words(request)(f"form.answers.{code}", number=number, maximum=MAX_ANSWER), name)
