"""The new mailbox is proven before anybody decides: a code by mail, three mails a case (R17)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.form import Form
from recovery_core.cases.parts import Parts
from recovery_core.evidence.drafts import Draft, Pending
from recovery_core.evidence.precheck import Item, Problem
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.proofs import secrets
from recovery_core.work import UnitOfWork

DIGITS = 6
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_PURPOSE = "new-mailbox"


async def ask(
    work: UnitOfWork, parts: Parts, case: Case, form: Form, draft: Draft
) -> tuple[Draft, tuple[Problem, ...]]:
    """Mail a code to the claimed mailbox, under the case's lock; the caller saves the draft and commits.

    The mails are counted in the case's audit trail, over all its forms and mailboxes, and on the mailbox over
    all cases: nobody's mailbox is flooded by whoever opens many (R4).
    """
    if draft.claim is None:
        return draft, ()
    now = parts.clock.now()
    sent = len(await work.audit.events(case.id, name=AuditName.MAILBOX_ASKED))
    if sent >= parts.numbers.mails_per_case:
        return draft, (Problem("mailbox_mails", Item.NEW_MAILBOX),)
    code, to = parts.entropy.digits(DIGITS), draft.claim.new_mailbox
    if await _too_often(work, parts, to):
        return draft, (Problem("mailbox_often", Item.NEW_MAILBOX),)
    talk = await work.conversations.get(case.conversation_id)
    topic = f"mailbox:{case.id}"
    await work.outbox.drop(topic, now)
    minutes = str(int(parts.numbers.code_life.total_seconds() // 60))
    mail = Delivery(
        id=f"new_mailbox:{case.id}:{sent + 1}",
        channel=Channel.MAIL,
        to=to,
        template=Template.NEW_MAILBOX,
        variables={"code": code, "minutes": minutes},
        language=talk.language if talk else "zh",
        topic=topic,
        expires_at=now + parts.numbers.code_life,
    )
    await work.outbox.put(mail, now)
    await work.audit.append(case.id, AuditName.MAILBOX_ASKED, now, {"count": sent + 1})
    pending = Pending(_hash(parts, form, to, code), now, parts.numbers.code_tries)
    return replace(draft, pending=pending), ()


async def _too_often(work: UnitOfWork, parts: Parts, to: str) -> bool:
    """Count one more code to the mailbox; tell whether it is one too many in an hour or a day (R4)."""
    now, numbers = parts.clock.now(), parts.numbers
    key = parts.keyed.of("send-mailbox", to.casefold())
    day = await work.sends.attempts_since(key, now - _DAY)
    hour = await work.sends.attempts_since(key, now - _HOUR)
    if hour >= numbers.sends_per_hour or day >= numbers.sends_per_day:
        return True
    await work.sends.add_attempt(key, now)
    return False


def judge(parts: Parts, form: Form, draft: Draft, typed: str) -> tuple[Draft, Problem | None]:
    """Return the draft after the try, and what is wrong; what is no code at all costs no try."""
    pending, claim = draft.pending, draft.claim
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", code, re.ASCII):
        return draft, Problem("mailbox_code_form", Item.NEW_MAILBOX)
    now, numbers = parts.clock.now(), parts.numbers
    if pending is None or claim is None or pending.tries_left <= 0:
        return draft, Problem("mailbox_code_over", Item.NEW_MAILBOX)
    if not secrets.in_time(pending.issued_at, pending.issued_at + numbers.code_life, now, numbers):
        return draft, Problem("mailbox_code_over", Item.NEW_MAILBOX)
    if parts.keyed.matches(pending.hash, _PURPOSE, form.id, claim.new_mailbox, code):
        return draft, None
    tried = replace(pending, tries_left=pending.tries_left - 1)
    code_left = "mailbox_code_wrong" if tried.tries_left else "mailbox_code_over"
    return replace(draft, pending=tried), Problem(code_left, Item.NEW_MAILBOX, tried.tries_left)


async def proven(work: UnitOfWork, parts: Parts, case: Case) -> None:
    """Note that the new mailbox was proven."""
    await work.audit.append(case.id, AuditName.MAILBOX_PROVEN, parts.clock.now())


def _hash(parts: Parts, form: Form, to: str, code: str) -> str:
    return parts.keyed.of(_PURPOSE, form.id, to, code)
