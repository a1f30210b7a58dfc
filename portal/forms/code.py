"""The page for the code of an SMS."""

from __future__ import annotations

from aiohttp import web

from portal.forms.fields import Broken, read_fields
from portal.forms.opened import Opened, finish, go_on, seen
from portal.forms.pages import render, words
from portal.keys import PARTS, TURNS
from recovery_core.cases import forms, proving
from recovery_core.cases.events import Event, announce
from recovery_core.cases.proving import Try
from recovery_core.conversations.code_in_line import code_try
from recovery_core.errors import GoneError
from recovery_core.messages import FormPurpose
from recovery_core.proofs.challenge import ChallengeState

_MAX_TYPED = 60


async def show(request: web.Request, _opened: Opened, broken: tuple[Broken, ...] = ()) -> web.Response:
    """Show the page; with *broken*, as a refusal (422)."""
    minutes = int(request.app[PARTS].numbers.code_life.total_seconds() // 60)
    over = any(item.code in {Try.DEAD, Try.EXPIRED} for item in broken)
    status = 422 if broken else 200
    return render(request, "code.html", status=status, broken=broken, minutes=minutes, over=over)


async def act(request: web.Request, opened: Opened) -> web.Response:
    """Try the code: right goes on, wrong costs a try, what is no code costs nothing."""
    fields = await read_fields(request)
    code = code_try(fields.get("code", "")[:_MAX_TYPED])
    if code is None:
        return await show(request, opened, (_broken(request, "not_six_digits"),))
    parts = request.app[PARTS]
    async with parts.work() as work:
        await forms.require_form(work, parts, opened.form.id, opened.conversation.id, FormPurpose.CODE)
        tried = await proving.try_code(work, parts, opened.conversation.id, code)
        await seen(work, request, opened.conversation)
        if tried.outcome is Try.RIGHT:
            await announce(work, parts, opened.conversation.id, Event.CODE_RIGHT)
            path = await finish(work, request, opened)
            await work.commit()
            return go_on(request, opened.conversation.id, path)
        if tried.outcome is Try.DEAD:
            await announce(work, parts, opened.conversation.id, Event.CODE_DEAD)
        await work.commit()
    request.app[TURNS].wake(opened.conversation.id)
    outcome = _outcome(opened, tried.outcome)
    return await show(request, opened, (_broken(request, outcome, tries_left=tried.tries_left),))


def _outcome(opened: Opened, outcome: Try) -> Try:
    """Return what to say; a code that was killed before this page was sent is as dead as one killed by it."""
    if outcome is not Try.NOT_PENDING:
        return outcome
    if opened.challenge is not None and opened.challenge.state is ChallengeState.DEAD:
        return Try.DEAD
    raise GoneError("form_over")


def _broken(request: web.Request, code: str, **variables: int) -> Broken:
    return Broken(str(code), words(request)(f"form.code.{code}", **variables), "code")
