"""A secure form that this browser may use now, with the case that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from portal import sessions
from portal.forms import claiming
from portal.forms.fields import read_fields
from portal.keys import PARTS, TURNS
from recovery_core.cases import forms, resuming
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import State
from recovery_core.cases.form import Form
from recovery_core.conversations.conversation import Conversation
from recovery_core.errors import GoneError
from recovery_core.messages import FormPurpose
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

BACK = "/back"
UPLOAD = "multipart/form-data"
_METHODS = {FormPurpose.CODE: Method.SMS, FormPurpose.ANSWERS: Method.QUESTIONS}


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page of a form needs."""

    form: Form
    case: Case
    conversation: Conversation
    challenge: Challenge | None


async def open_form(request: web.Request) -> Opened:
    """Return the form of the request's token; raises UnknownError or GoneError and changes nothing."""
    parts = request.app[PARTS]
    form_id = forms.form_id_of(parts, request.match_info["token"])
    async with parts.work.reading() as work:
        conversation = await claiming.holder(work, request, form_id)
        form = await forms.require_form(work, parts, form_id, conversation.id if conversation else "")
        case = await work.cases.current(form.conversation_id)
        challenge = await work.challenges.latest(form.case_id)
    if conversation is None or case is None or case.id != form.case_id or not _wanted(form, case, challenge):
        raise GoneError("form_over")
    return Opened(form, case, conversation, challenge)


async def open_for_post(request: web.Request) -> Opened:
    """Return the form as :func:`open_form` does, after taking back what has been proven too long ago.

    Only a POST with our hidden field binds the form to its browser. Where files are sent that field comes
    among them, and whoever reads them binds the form.
    """
    opened = await open_form(request)
    if request.content_type != UPLOAD:
        await read_fields(request)
        await claiming.claim(request, opened.form)
    await resuming.end_idle_rights(request.app[PARTS], opened.conversation.id)
    try:
        return await open_form(request)
    except GoneError as gone:
        request.app[TURNS].wake(opened.conversation.id)
        raise GoneError("grant_expired") from gone


async def seen(work: UnitOfWork, request: web.Request, conversation: Conversation) -> None:
    """Remember that the conversation's browser was here: whoever fills in a form is not idle (R13)."""
    now, client = request.app[PARTS].clock.now(), sessions.client_key(request)
    await work.conversations.seen(conversation.id, now, conversation.language, client)


async def finish(work: UnitOfWork, request: web.Request, opened: Opened) -> str:
    """Finish the form and return where to go next: the password form if the case may have one, else back."""
    parts = request.app[PARTS]
    if not await work.forms.finish(opened.form.id, parts.clock.now()):
        raise GoneError("form_finished")
    return await next_page(work, request, opened.conversation.id)


async def next_page(work: UnitOfWork, request: web.Request, conversation_id: str) -> str:
    """Return the path of a new password form if the case may have one, else of the way back to the chat."""
    token = await forms.mint(work, request.app[PARTS], conversation_id, FormPurpose.PASSWORD)
    if token is not None:
        await claiming.claim_next(work, request, token)
    return f"/secure/{token}" if token else BACK


def go_on(request: web.Request, conversation_id: str, path: str) -> web.Response:
    """Let the chat take up what happened and send the browser to *path*."""
    request.app[TURNS].wake(conversation_id)
    if path == BACK and claiming.MESSENGER in request:
        path = f"{BACK}?form={request.match_info['token']}"
    return web.Response(status=303, headers={"Location": path})


def _wanted(form: Form, case: Case, challenge: Challenge | None) -> bool:
    """Tell whether the case still waits for what the form asks."""
    if form.purpose is FormPurpose.PASSWORD:
        return case.state is State.PROVEN and case.grant is not None
    if form.purpose is FormPurpose.EVIDENCE:
        return case.state is State.ESCALATED and case.escalation is Escalation.REVIEW
    if form.purpose is FormPurpose.RESUME:
        return not case.ended
    method = _METHODS.get(form.purpose)
    return case.state is State.CHALLENGED and challenge is not None and challenge.method is method
