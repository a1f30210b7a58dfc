"""The page for a new phone after an approved review: a step beside the password form, which waits (R17)."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from portal.forms.fields import Broken, line, read_fields
from portal.forms.opened import Opened, finish, go_on, seen
from portal.forms.pages import render, words
from portal.forms.refusals import RefusedError
from portal.keys import DOCUMENTS, PARTS
from recovery_core.cases.case import Escalation
from recovery_core.errors import UnknownError
from recovery_core.evidence import phone
from recovery_core.evidence.phone import Refusal
from recovery_core.evidence.ports import EvidenceFiles
from recovery_core.messages import FormPurpose

_STEP = ("step", "phone")


def is_asked(request: web.Request, opened: Opened) -> bool:
    """Tell whether the request is for this step of a password form."""
    name, value = _STEP
    return opened.form.purpose is FormPurpose.PASSWORD and request.query.get(name) == value


async def way_to(request: web.Request, opened: Opened) -> str | None:
    """Return the query that leads from the password page here; None when no new phone may be bound."""
    if DOCUMENTS not in request.app or opened.case.escalation is not Escalation.REVIEW:
        return None
    async with request.app[PARTS].work.reading() as work:
        may = await phone.offered(work, request.app[PARTS], opened.case)
    return f"?{urlencode(dict([*request.query.items(), _STEP]))}" if may else None


async def show(request: web.Request, opened: Opened, refusal: Refusal | None = None) -> web.Response:
    """Ask for the number, then for the code; with *refusal*, as a refusal (422)."""
    asked = await phone.asked_of(_files(request), opened.form)
    if asked is None and refusal is None and await way_to(request, opened) is None:
        return web.Response(status=303, headers={"Location": request.path})
    numbers = request.app[PARTS].numbers
    return render(
        request, "phone.html", status=422 if refusal else 200, broken=_broken(request, refusal),
        asked=asked.number if asked else None, path=request.path, codes=numbers.phone_codes_per_case,
        countries=_countries(request), minutes=int(numbers.code_life.total_seconds() // 60),
        longest=phone.LONGEST,
    )  # fmt: skip


async def act(request: web.Request, opened: Opened) -> web.Response:
    """Send a code to the number, once more, or try the code; the right one goes on to the password."""
    fields = await read_fields(request)
    match fields.get("action"):
        case "confirm":
            return await _confirm(request, opened, line(fields, "phone_code"))
        case "send":
            return await _ask(request, opened, line(fields, "phone"))
        case "resend":
            asked = await phone.asked_of(_files(request), opened.form)
            return await _ask(request, opened, asked.number if asked else "")
    raise RefusedError(400, "bad_request")


async def _ask(request: web.Request, opened: Opened, typed: str) -> web.Response:
    parts = request.app[PARTS]
    async with parts.work() as work:
        refusal = await phone.ask(work, parts, _files(request), opened.form, typed)
        await seen(work, request, opened.conversation)
        await work.commit()
    if refusal is not None:
        return await show(request, opened, refusal)
    return web.Response(status=303, headers={"Location": request.path_qs})


async def _confirm(request: web.Request, opened: Opened, code: str) -> web.Response:
    parts, files = request.app[PARTS], _files(request)
    async with parts.work() as work:
        refusal = await phone.confirm(work, parts, files, opened.form, code)
        await seen(work, request, opened.conversation)
        path = "" if refusal else await finish(work, request, opened)
        await work.commit()
    if refusal is not None:
        return await show(request, opened, refusal)
    await phone.forget(files, opened.form)
    return go_on(request, opened.conversation.id, path)


def _broken(request: web.Request, refusal: Refusal | None) -> tuple[Broken, ...]:
    if refusal is None:
        return ()
    text = words(request)(
        f"form.phone.{refusal.code}", number=refusal.number, countries=_countries(request),
        codes=request.app[PARTS].numbers.phone_codes_per_case,
    )  # fmt: skip
    return (Broken(refusal.code, text, "phone_code" if refusal.code.startswith("phone_code_") else "phone"),)


def _countries(request: web.Request) -> str:
    return ", ".join(request.app[PARTS].numbers.sms_countries)


def _files(request: web.Request) -> EvidenceFiles:
    documents = request.app.get(DOCUMENTS)
    if documents is None:
        raise UnknownError("form")
    return documents.files
