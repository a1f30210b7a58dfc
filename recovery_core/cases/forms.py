"""Secure forms: minted after the assistant has answered, shown to one browser, dead on success."""

from __future__ import annotations

from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import State
from recovery_core.cases.form import Form
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, UnknownError
from recovery_core.messages import FormPurpose
from recovery_core.proofs import secrets
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

_METHOD_OF = {FormPurpose.CODE: Method.SMS, FormPurpose.ANSWERS: Method.QUESTIONS}


async def mint(work: UnitOfWork, parts: Parts, conversation_id: str, purpose: FormPurpose) -> str | None:
    """Store a form if the conversation's case may have one now; return its token, None if it may not.

    Asks the case and nobody else: an action that wants a form for a case that is not so far gets none.
    """
    case = await work.cases.current(conversation_id)
    if case is None or case.ended:
        return None
    challenge = await work.challenges.latest(case.id)
    if not _allowed(parts, case, challenge, purpose):
        return None
    now = parts.clock.now()
    form = Form(
        id=parts.entropy.token(128),
        case_id=case.id,
        conversation_id=conversation_id,
        purpose=purpose,
        issued_at=now,
        expires_at=now + parts.numbers.form_life,
    )
    await work.forms.add(form)
    return token_of(parts, form.id)


def token_of(parts: Parts, form_id: str) -> str:
    """Return the token of a form: its id and a keyed hash of it, so that no token is ever stored."""
    return f"{form_id}.{parts.keyed.of('form', form_id)}"


def form_id_of(parts: Parts, token: str) -> str:
    """Return the id of the form; raises UnknownError for a token that was never issued."""
    form_id, _, mac = token.partition(".")
    if not parts.keyed.matches(mac, "form", form_id):
        raise UnknownError("form")
    return form_id


async def require_form(
    work: UnitOfWork, parts: Parts, form_id: str, browser: str, purpose: FormPurpose | None = None
) -> Form:
    """Return the form if *browser* (a conversation id) may use it now; raises UnknownError or GoneError."""
    form = await work.forms.get(form_id)
    if form is None or (purpose is not None and form.purpose is not purpose):
        raise UnknownError("form")
    if form.finished_at is not None:
        raise GoneError("form_finished")
    if not secrets.in_time(form.issued_at, form.expires_at, parts.clock.now(), parts.numbers):
        raise GoneError("form_expired")
    if form.conversation_id != browser:
        raise GoneError("form_elsewhere")
    return form


def _allowed(parts: Parts, case: Case, challenge: Challenge | None, purpose: FormPurpose) -> bool:
    if purpose is FormPurpose.PASSWORD:
        return case.state is State.PROVEN and case.grant is not None
    if purpose is FormPurpose.EVIDENCE:
        return case.state is State.ESCALATED and case.escalation is Escalation.REVIEW
    if purpose is FormPurpose.RESUME:
        return True
    method = _METHOD_OF.get(purpose)
    return (
        case.state is State.CHALLENGED
        and challenge is not None
        and challenge.method is method
        and secrets.open_at(challenge, parts.clock.now(), parts.numbers)
    )
