"""The page for documents: sent and looked at while the person is still there, then the new mailbox proven."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from portal.forms import claiming
from portal.forms.fields import Broken, line, read_fields
from portal.forms.opened import BACK, UPLOAD, Opened, go_on, seen
from portal.forms.pages import render, words
from portal.forms.refusals import RefusedError
from portal.forms.uploads import read_upload
from portal.keys import DOCUMENTS, PARTS
from recovery_core.errors import UnknownError
from recovery_core.evidence import submitting
from recovery_core.evidence.drafts import Draft
from recovery_core.evidence.precheck import MAX_COMPANY, MAX_FILE, MAX_FILES, Item, Problem, Typed
from recovery_core.evidence.submitting import Documents, Reviews
from recovery_core.people import reviewing
from recovery_core.work import UnitOfWork

_MEGABYTE = 1024 * 1024


async def show(request: web.Request, opened: Opened, problems: Sequence[Problem] = ()) -> web.Response:
    """Show what is still wanted; with *problems*, as a refusal (422)."""
    documents = _documents(request)
    draft = await submitting.state_of(documents, opened.form)
    broken = _broken(request, problems)
    status = 422 if broken else 200
    if draft.pending is not None:
        return _code_page(request, draft, broken, status)
    return render(
        request, "evidence.html", status=status, broken=broken, step="documents", files=draft.files,
        claim=draft.claim, failing={item.field for item in broken}, most=MAX_FILES,
        room=MAX_FILES - len(draft.files), megabytes=MAX_FILE // _MEGABYTE, longest=MAX_COMPANY,
        bytes=MAX_FILE, days=documents.keeping.days, soft=any(item.soft for item in problems),
    )  # fmt: skip


async def act(request: web.Request, opened: Opened) -> web.Response:
    """Take documents, or the code that was mailed to the new mailbox."""
    if request.content_type == UPLOAD:
        return await _offer(request, opened)
    fields = await read_fields(request)
    parts, documents, form = request.app[PARTS], _documents(request), opened.form
    match fields.get("action"):
        case "confirm":
            return await _confirm(request, opened, line(fields, "mailbox_code"))
        case "resend":
            problems = await submitting.resend(parts, documents, form)
        case "change":
            problems = await _change(request, opened, files_too=False)
        case "start_over":
            problems = await _change(request, opened, files_too=True)
        case _:
            raise RefusedError(400, "bad_request")
    return await _stay(request, opened, problems)


async def _offer(request: web.Request, opened: Opened) -> web.Response:
    sent = await read_upload(request)
    await claiming.claim(request, opened.form)
    if len(sent.files) > MAX_FILES:
        return await show(request, opened, (Problem("too_many_files", Item.LICENCE),))
    typed = Typed(*(line(sent.fields, name) for name in ("company", "uscc", "new_mailbox")))
    problems = await submitting.offer(
        request.app[PARTS], _documents(request), opened.form, typed, sent.files,
        anyway=sent.fields.get("anyway") == "1",
    )  # fmt: skip
    return await _stay(request, opened, problems)


async def _change(request: web.Request, opened: Opened, *, files_too: bool) -> tuple[Problem, ...]:
    await submitting.change(request.app[PARTS], _documents(request), opened.form, files_too=files_too)
    return ()


async def _confirm(request: web.Request, opened: Opened, code: str) -> web.Response:
    parts = request.app[PARTS]

    async def ticket_of(work: UnitOfWork, case_id: str) -> str:
        return (await reviewing.ticket_of_case(work, case_id)).id

    async def submitted(work: UnitOfWork, ticket_id: str) -> object:
        return await reviewing.submitted(work, parts, ticket_id)

    reviews = Reviews(ticket_of, submitted)
    problems = await submitting.confirm(parts, _documents(request), reviews, opened.form, code)
    if problems:
        return await _stay(request, opened, problems)
    await _was_here(request, opened)
    return go_on(request, opened.conversation.id, BACK)


async def _stay(request: web.Request, opened: Opened, problems: Sequence[Problem]) -> web.Response:
    """Show the page again, as a refusal or, after a step that went well, by a new request."""
    await _was_here(request, opened)
    if problems:
        return await show(request, opened, problems)
    return web.Response(status=303, headers={"Location": request.path_qs})


async def _was_here(request: web.Request, opened: Opened) -> None:
    async with request.app[PARTS].work() as work:
        await seen(work, request, opened.conversation)
        await work.commit()


def _code_page(request: web.Request, draft: Draft, broken: tuple[Broken, ...], status: int) -> web.Response:
    minutes = int(request.app[PARTS].numbers.code_life.total_seconds() // 60)
    mailbox = draft.claim.new_mailbox if draft.claim else ""
    return render(
        request, "evidence.html", status=status, broken=broken, step="mailbox", mailbox=mailbox,
        minutes=minutes, mails=request.app[PARTS].numbers.mails_per_case,
    )  # fmt: skip


def _broken(request: web.Request, problems: Sequence[Problem]) -> tuple[Broken, ...]:
    """Return the problems in words; the same one of several files is said once, with their numbers."""
    numbers: dict[tuple[str, Item], list[int]] = {}
    for problem in problems:
        numbers.setdefault((problem.code, problem.item), []).append(problem.number)
    text = words(request)
    return tuple(
        Broken(
            code,
            text(
                f"form.evidence.{code}", number=", ".join(map(str, sorted(given))), most=MAX_FILES,
                megabytes=MAX_FILE // _MEGABYTE, longest=MAX_COMPANY,
            ),
            "mailbox_code" if code.startswith("mailbox_code") else item.value,
        )
        for (code, item), given in numbers.items()
    )  # fmt: skip


def _documents(request: web.Request) -> Documents:
    documents = request.app.get(DOCUMENTS)
    if documents is None:
        raise UnknownError("form")
    return documents
