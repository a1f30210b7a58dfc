"""Who learns of a changed password, by what, and how they can say that it was not them (R12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recovery_core.accounts.account import Account, Contact, ContactKind
from recovery_core.entropy import Entropy
from recovery_core.keyed import KeyedHash
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.notices.ports import NoticeStores
from recovery_core.notices.veto import Veto

VETO_CODE_LENGTH = 8
"""Characters of the code in an SMS; tried at most five times an hour per client."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Where the veto's pages are and how long a veto lives."""

    public_url: str
    veto_life: timedelta


@dataclass(frozen=True, slots=True)
class Change:
    """What happened: no secret, no contact, just time and method."""

    case_id: str
    reference: str
    at: datetime
    methods: str
    proof_contacts: tuple[str, ...]

    def variables(self, account: Account) -> Mapping[str, str]:
        """Return what every notice of the change says."""
        return {
            "address": account.address,
            "time": self.at.isoformat(timespec="minutes"),
            "channel": "chat",
            "method": self.methods,
            "reference": self.reference,
        }


def veto_hash(keyed: KeyedHash, secret: str, *, by_sms: bool) -> str:
    """Return the keyed hash of a veto: a short code of an SMS is never found as the token of a link."""
    return keyed.of("veto-code" if by_sms else "veto", secret)


async def password_changed(
    work: NoticeStores, keyed: KeyedHash, entropy: Entropy, account: Account, change: Change, telling: Telling
) -> None:
    """Tell every contact, the mailbox itself and the administrators; end the open sessions."""
    for contact in account.contacts:
        await tell_with_veto(work, keyed, entropy, account, contact, change, telling)
    own = Delivery(
        id=f"own:{change.case_id}",
        channel=Channel.MAIL,
        to=account.address,
        template=Template.PASSWORD_CHANGED_OWN,
        variables=change.variables(account),
        language=account.language,
        topic=f"notices:{change.case_id}",
    )
    await work.outbox.put(own, change.at)
    await end_sessions(work, account, change.case_id, change.at)
    await _tell_administrators(work, account, change)


async def end_sessions(work: NoticeStores, account: Account, case_id: str, at: datetime) -> None:
    """Order the end of everything that is logged in with an older password (R11)."""
    order = Delivery(
        id=f"sessions:{case_id}:{at.isoformat()}",
        channel=Channel.SESSIONS,
        to=account.address,
        template=Template.END_SESSIONS,
        variables={"address": account.address},
        language=account.language,
        topic=f"sessions:{account.id}",
    )
    await work.outbox.put(order, at)


async def tell_administrators(
    work: NoticeStores, account: Account, template: Template, change: Change
) -> None:
    """Send *template* to every other administrator of the account's domain, at once."""
    for administrator in await work.accounts.administrators(account.domain):
        if administrator.id == account.id:
            continue
        notice = Delivery(
            id=f"{template.value}:{change.case_id}:{administrator.id}",
            channel=Channel.MAIL,
            to=administrator.address,
            template=template,
            variables=change.variables(account),
            language=administrator.language,
            topic=f"notices:{change.case_id}",
        )
        await work.outbox.put(notice, change.at)


async def _tell_administrators(work: NoticeStores, account: Account, change: Change) -> None:
    others = [contact for contact in account.contacts if contact.id not in change.proof_contacts]
    if not others:
        # Nobody but the one who gave the proof would learn of it otherwise.
        await tell_administrators(work, account, Template.ADMIN_CHANGED, change)
        return
    await work.digests.add(account.domain, change.variables(account), change.at)


async def tell_with_veto(
    work: NoticeStores,
    keyed: KeyedHash,
    entropy: Entropy,
    account: Account,
    contact: Contact,
    change: Change,
    telling: Telling,
    template: Template = Template.PASSWORD_CHANGED,
    *,
    decoy: bool = False,
) -> None:
    """Tell one contact what happened, with its own "this was not me"; a *decoy* is stored and never sent."""
    by_sms = contact.kind is ContactKind.PHONE
    secret = entropy.readable(VETO_CODE_LENGTH) if by_sms else entropy.token(192)
    veto = Veto(
        id=entropy.token(128),
        account_id=account.id,
        case_id=change.case_id,
        contact_id=contact.id,
        gave_proof=contact.id in change.proof_contacts,
        token_hash=veto_hash(keyed, secret, by_sms=by_sms),
        issued_at=change.at,
        expires_at=change.at + telling.veto_life,
    )
    await work.vetoes.add(veto)
    page = f"{telling.public_url}/not-me"
    extra = {"veto_page": page, "veto_code": secret} if by_sms else {"veto_link": f"{page}/{secret}"}
    variables = {**change.variables(account), **extra}
    notice = replace(_notice(veto, contact, change, variables), template=template, decoy=decoy)
    await work.outbox.put(notice, change.at)


def _notice(veto: Veto, contact: Contact, change: Change, variables: Mapping[str, str]) -> Delivery:
    return Delivery(
        id=f"changed:{veto.id}",
        channel=Channel.SMS if contact.kind is ContactKind.PHONE else Channel.MAIL,
        to=contact.value,
        template=Template.PASSWORD_CHANGED,
        variables=variables,
        language=contact.language,
        topic=f"notices:{change.case_id}",
        expires_at=veto.expires_at,
    )


async def tell_contacts(work: NoticeStores, account: Account, template: Template, change: Change) -> None:
    """Send *template* to every contact of the account, without a veto."""
    for contact in account.contacts:
        notice = Delivery(
            id=f"{template.value}:{change.case_id}:{contact.id}",
            channel=Channel.SMS if contact.kind is ContactKind.PHONE else Channel.MAIL,
            to=contact.value,
            template=template,
            variables=change.variables(account),
            language=contact.language,
            topic=f"notices:{change.case_id}",
        )
        await work.outbox.put(notice, change.at)


async def send_digests(work: NoticeStores, before: datetime, at: datetime) -> int:
    """Send the administrators what was kept since *before*, a mail per domain and day; return how many."""
    sent = 0
    for domain in await work.digests.due(before):
        lines = await work.digests.take(domain)
        text = "\n".join(f"{line['time']} {line['address']} {line['reference']}" for line in lines)
        variables = {"domain": domain, "count": str(len(lines)), "lines": text}
        for administrator in await work.accounts.administrators(domain):
            digest = Delivery(
                id=f"digest:{domain}:{at.isoformat()}:{administrator.id}",
                channel=Channel.MAIL,
                to=administrator.address,
                template=Template.ADMIN_DIGEST,
                variables=variables,
                language=administrator.language,
                topic=f"digest:{domain}",
            )
            await work.outbox.put(digest, at)
            sent += 1
    return sent
