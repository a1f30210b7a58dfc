"""A new phone after an approved review: one number a case, three codes, allowed countries (R17)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hmac import compare_digest
from math import ceil

from recovery_core.accounts.account import Account, Contact, ContactKind
from recovery_core.accounts.importing_problems import ValueRefusedError
from recovery_core.accounts.importing_values import read_phone
from recovery_core.audit import AuditEvent, AuditName
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.completing import alive
from recovery_core.cases.form import Form
from recovery_core.cases.forms import require_form
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import domain_guessed
from recovery_core.conversations.code_in_line import code_try
from recovery_core.errors import GoneError, MustWaitError, UnknownError
from recovery_core.evidence.drafts import Pending
from recovery_core.evidence.ports import EvidenceFiles
from recovery_core.messages import FormPurpose
from recovery_core.notices import telling
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.proofs import guess_budget, secrets, send_limits
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

LONGEST = 60
"""Characters that are read of what is typed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The number that a code was sent to; lies sealed beside the drafts of documents until it is proven."""

    number: str = field(repr=False)
    pending: Pending


@dataclass(frozen=True, slots=True)
class Refusal:
    """What has to be put right: a stable code, and the tries left or the seconds to wait."""

    code: str
    number: int = 0


async def offered(work: UnitOfWork, parts: Parts, case: Case) -> bool:
    """Tell whether the case may have a new phone: reviewed, its new mailbox proven, no phone, codes left."""
    account = await _account(work, parts, case)
    if account is None or account.contact(ContactKind.PHONE) is not None:
        return False
    sent = await work.audit.events(case.id, name=AuditName.PHONE_ASKED)
    return len(sent) < parts.numbers.phone_codes_per_case


async def asked_of(files: EvidenceFiles, form: Form) -> Asked | None:
    """Return the number that was asked for by this form, None if none was."""
    try:
        read = json.loads(await files.get(_file_id(form), 0))
    except UnknownError:
        return None
    issued_at = datetime.fromisoformat(read["issued_at"])
    return Asked(read["number"], Pending(read["hash"], issued_at, read["tries_left"]))


async def ask(work: UnitOfWork, parts: Parts, files: EvidenceFiles, form: Form, typed: str) -> Refusal | None:
    """Send a code to the typed number, an older code dies; return what is wrong. The caller commits.

    Raises GoneError when the form, the grant or the offer is over.
    """
    case, account = await _locked(work, parts, form)
    number = _read(parts, typed)
    if isinstance(number, Refusal):
        return number
    sent = await work.audit.events(case.id, name=AuditName.PHONE_ASKED)
    hashed = _number_hash(parts, case, number)
    refused = _one_number(parts, sent, hashed) or await _limited(work, parts, case, account, number)
    if refused is not None:
        return refused
    code, now = secrets.draw_code(parts.entropy), parts.clock.now()
    await _send(work, parts, case, len(sent) + 1, number, code)
    said: dict[str, str | int] = {"count": len(sent) + 1, "number": hashed}
    await work.audit.append(case.id, AuditName.PHONE_ASKED, now, said)
    pending = Pending(_hash(parts, form, number, code), now, parts.numbers.code_tries)
    await _save(files, form, Asked(number, pending))
    return None


async def confirm(
    work: UnitOfWork, parts: Parts, files: EvidenceFiles, form: Form, typed: str
) -> Refusal | None:
    """Try a code: the right one makes the phone a contact; return what is wrong. The caller commits.

    What is no code costs no try. Raises GoneError when the form, the grant or the offer is over.
    """
    case, account = await _locked(work, parts, form)
    code = code_try(typed[:LONGEST])
    if code is None:
        return Refusal("phone_code_form")
    asked, now, numbers = await asked_of(files, form), parts.clock.now(), parts.numbers
    if asked is None or asked.pending.tries_left <= 0:
        return Refusal("phone_code_over")
    issued_at = asked.pending.issued_at
    if not secrets.in_time(issued_at, issued_at + numbers.code_life, now, numbers):
        return Refusal("phone_code_over")
    if not compare_digest(asked.pending.hash, _hash(parts, form, asked.number, code)):
        return await _wrong(work, parts, files, form, case, asked)
    await _bind(work, parts, case, account, asked.number)
    return None


async def forget(files: EvidenceFiles, form: Form) -> None:
    """Drop what was asked for by this form."""
    await files.delete(_file_id(form))


async def _locked(work: UnitOfWork, parts: Parts, form: Form) -> tuple[Case, Account]:
    """Lock the case: two posts of one form, and two tries of one code, follow each other."""
    case = await work.cases.lock(form.case_id)
    await require_form(work, parts, form.id, form.conversation_id, FormPurpose.PASSWORD)
    account = await _account(work, parts, case) if case else None
    if case is None or account is None or account.contact(ContactKind.PHONE) is not None:
        raise GoneError("form_over")
    return case, account


async def _account(work: UnitOfWork, parts: Parts, case: Case) -> Account | None:
    """Return the account if its review was approved and the grant that the new mailbox gave is alive."""
    if case.escalation is not Escalation.REVIEW or case.account_id is None:
        return None
    account = await work.accounts.by_id(case.account_id)
    held = await work.directory.credentials(case.account_id)
    return account if account is not None and alive(parts, case, account, held) else None


def _read(parts: Parts, typed: str) -> str | Refusal:
    """Return the number in E.164 form, if an SMS may go to its country (R5)."""
    try:
        number = read_phone(typed[:LONGEST])
    except ValueRefusedError:
        return Refusal("phone_form")
    return number if number.startswith(parts.numbers.sms_countries) else Refusal("phone_country")


def _one_number(parts: Parts, sent: Sequence[AuditEvent], hashed: str) -> Refusal | None:
    """Refuse a second number, and a code too many, over all forms of the case (R17)."""
    if any(event.data["number"] != hashed for event in sent):
        return Refusal("phone_other")
    return Refusal("phone_codes") if len(sent) >= parts.numbers.phone_codes_per_case else None


async def _limited(
    work: UnitOfWork, parts: Parts, case: Case, account: Account, number: str
) -> Refusal | None:
    """Apply what limits every SMS: the pace of one number, money, waits after killed codes (R4, R5, R8)."""
    now, keys = parts.clock.now(), _keys(parts, case, number)
    budget = await work.budgets.get(_budget_key(parts, case))
    counters = await send_limits.read_counters(work.sends, keys, now)
    size = await work.accounts.domain_size(account.domain)
    try:
        guess_budget.check_wait(budget, now)
        send_limits.check_pace(counters, parts.numbers, now)
        send_limits.check_money(counters, size, parts.numbers)
    except MustWaitError as wait:
        return Refusal("phone_wait", ceil(wait.retry_after.total_seconds()))
    except send_limits.SendingLimitError as refusal:
        if refusal.code == "sms_cap":
            parts.alerts.raise_alert("sms_cap")
        return Refusal("phone_limit")
    spent = guess_budget.spent(budget, Method.SMS, parts.numbers, now)
    return Refusal("phone_limit") if spent else None


async def _send(work: UnitOfWork, parts: Parts, case: Case, count: int, number: str, code: str) -> None:
    now, life = parts.clock.now(), parts.numbers.code_life
    talk = await work.conversations.get(case.conversation_id)
    topic, keys = f"phone:{case.id}", _keys(parts, case, number)
    await work.sends.add(keys.address_method, keys.domain, now, paid=True)
    await work.outbox.drop(topic, now)
    sms = Delivery(
        id=f"new_phone:{case.id}:{count}",
        channel=Channel.SMS,
        to=number,
        template=Template.NEW_PHONE,
        variables={"code": code, "minutes": str(int(life.total_seconds() // 60))},
        language=talk.language if talk else "zh",
        topic=topic,
        expires_at=now + life,
    )
    await work.outbox.put(sms, now)


async def _wrong(
    work: UnitOfWork, parts: Parts, files: EvidenceFiles, form: Form, case: Case, asked: Asked
) -> Refusal:
    """Spend a try, of the code and of the account's guess budget (R8)."""
    now, numbers = parts.clock.now(), parts.numbers
    guessed = await domain_guessed(work, parts, case)
    left = 0 if guessed else asked.pending.tries_left - 1
    budget = guess_budget.after_wrong(
        await work.budgets.get(_budget_key(parts, case)), Method.SMS, numbers, now
    )
    await work.budgets.put(budget if left else guess_budget.after_killed(budget, numbers, now))
    name = AuditName.TRY_WRONG if left else AuditName.CHALLENGE_KILLED
    await work.audit.append(case.id, name, now, {"method": Method.SMS.value})
    await _save(files, form, replace(asked, pending=replace(asked.pending, tries_left=left)))
    return Refusal("phone_code_wrong", left) if left else Refusal("phone_code_over")


async def _bind(work: UnitOfWork, parts: Parts, case: Case, account: Account, number: str) -> None:
    """Add the phone beside the new mailbox; both are told, every other grant of the account dies (R10, R19).

    The grant of this case is renewed for the contacts that its own holder has just changed, and for nothing
    else: not a second longer. The phone gave a proof, so its veto revokes nothing (R12).
    """
    now = parts.clock.now()
    new = Contact(parts.entropy.token(128), ContactKind.PHONE, number, account.language)
    await work.accounts.replace_contacts(account.id, [*account.contacts, new])
    changed = await work.accounts.by_id(account.id)
    if changed is None or case.grant is None:
        raise GoneError("form_over")
    change = telling.Change(case.id, case.reference, now, "", ())
    await telling.tell_contacts(work, changed, Template.CONTACT_CHANGED, change)
    grant = replace(case.grant, contacts_version=changed.contacts_version)
    given = (*case.proof_contacts, new.id)
    await work.cases.save(replace(case, grant=grant, proof_contacts=given, updated_at=now))
    hashed = _number_hash(parts, case, number)
    await work.audit.append(case.id, AuditName.PHONE_PROVEN, now, {"number": hashed})
    said = {"account": account.id, "kinds": new.kind.value, "reason": "review"}
    await work.audit.append("operator", AuditName.CONTACTS_CHANGED, now, said)


def _keys(parts: Parts, case: Case, number: str) -> send_limits.SendKeys:
    """Count on the number, whoever names it: nobody's phone is flooded from several cases (R4)."""
    keys = send_limits.SendKeys.of(parts.keyed, case.address or "", Method.SMS, f"case:{case.id}")
    return replace(keys, address_method=parts.keyed.of("send-phone", number))


def _budget_key(parts: Parts, case: Case) -> str:
    return guess_budget.budget_key(parts.keyed, case.address or "", Method.SMS)


def _number_hash(parts: Parts, case: Case, number: str) -> str:
    """Return the keyed hash of the number, good for this one case only: trails cannot be joined by it."""
    return parts.keyed.of("new-phone", case.id, number)


def _hash(parts: Parts, form: Form, number: str, code: str) -> str:
    return secrets.sent_hash(parts.keyed, secrets.code_hash(parts.keyed, form.id, code), number)


def _file_id(form: Form) -> str:
    return f"{form.id}-phone"


async def _save(files: EvidenceFiles, form: Form, asked: Asked) -> None:
    pending = asked.pending
    said = {
        "hash": pending.hash,
        "tries_left": pending.tries_left,
        "issued_at": pending.issued_at.isoformat(),
    }
    await files.put(_file_id(form), 0, json.dumps(said | {"number": asked.number}).encode())
