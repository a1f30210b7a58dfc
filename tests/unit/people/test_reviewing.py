"""Documents are reviewed by two people, old contacts may object, and the new mailbox is proven last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import Role, Status
from recovery_core.cases import linking
from recovery_core.cases.case import Escalation
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.forms import mint
from recovery_core.cases.proving import Try
from recovery_core.cases.vetoing import VetoOutcome
from recovery_core.errors import GoneError, RecoveryError, UnknownError
from recovery_core.messages import FormPurpose, MessageId
from recovery_core.notices.delivery import Template
from recovery_core.people import desk, reviewing, takeover, voting
from recovery_core.people.reporting import report
from recovery_core.people.requesting import request_review
from recovery_core.people.rights import NoRightError
from recovery_core.people.statusing import ticket_status
from recovery_core.people.tickets import Reason, Ticket, TicketState
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, DAVE
from tests.unit.cases.house import DAY, HERE, HOUR, TICK
from tests.unit.people.house import NEW_MAILBOX, SUPER, PeopleHouse, ids

SUPER_ID = f"id-{SUPER}"


async def vote(house: PeopleHouse, who: str, ticket: Ticket, reason: Reason | None = None) -> Ticket:
    """Vote for the ticket, or with a reason against it."""
    return await voting.vote(house.parts, who, ticket.id, reason is None, reason)


async def test_a_review_waits_for_documents(house: PeopleHouse) -> None:
    """R17: without documents there is nothing to vote on; the form is offered while the review waits."""
    await house.identify(SUPER)
    await request_review(house.parts, HERE)
    assert house.case().escalation is Escalation.REVIEW
    assert await house.form(FormPurpose.EVIDENCE)
    with pytest.raises(RecoveryError) as refused:
        await vote(house, "reviewer1", house.ticket())
    assert refused.value.code == "nothing_to_review"


async def test_the_documents_form_is_for_reviews_alone(house: PeopleHouse) -> None:
    """R17: a case that waits for an administrator has no documents form."""
    await house.requested()
    async with house.work() as work:
        assert await mint(work, house.parts, HERE, FormPurpose.EVIDENCE) is None


async def test_two_approvals_accept_a_review(house: PeopleHouse) -> None:
    """R17: one vote decides nothing, the second one does."""
    ticket = await house.reviewed()
    assert (await vote(house, "reviewer1", ticket)).state is TicketState.OPEN
    accepted = await vote(house, "reviewer2", ticket)

    assert accepted.state is TicketState.APPROVED
    assert accepted.effective_at == house.clock.now() + DAY
    assert house.state() is State.ESCALATED


async def test_two_who_differ_wait_for_a_third(house: PeopleHouse) -> None:
    """R17: the third vote makes two of one mind."""
    ticket = await house.reviewed()
    await vote(house, "reviewer1", ticket)
    assert (await vote(house, "reviewer2", ticket, Reason.UNREADABLE)).is_open
    assert (await vote(house, "reviewer3", ticket, Reason.NAME_DIFFERS)).reason is Reason.NAME_DIFFERS
    assert house.state() is State.REFUSED


async def test_nobody_votes_twice(house: PeopleHouse) -> None:
    """R17: the same reviewer's second vote is refused and changes nothing."""
    ticket = await house.reviewed()
    await vote(house, "reviewer1", ticket)
    with pytest.raises(RecoveryError) as refused:
        await vote(house, "reviewer1", ticket)
    assert refused.value.code == "voted_already"
    assert house.ticket().is_open


async def test_nobody_votes_on_an_own_ticket(house: PeopleHouse) -> None:
    """R15: neither on one they work on nor on the own mailbox."""
    ticket = await house.reviewed()
    await house.take(ticket, "reviewer1")
    with pytest.raises(RecoveryError) as refused:
        await vote(house, "reviewer1", ticket)
    assert refused.value.code == "own_ticket"
    house.data.operators["reviewer2"] = replace(house.data.operators["reviewer2"], name=SUPER)
    with pytest.raises(RecoveryError):
        await vote(house, "reviewer2", ticket)
    assert not (await desk.open_ticket(house.parts, "reviewer1", ticket.id)).may_vote


async def test_nobody_sees_a_vote_before_voting(house: PeopleHouse) -> None:
    """R17: votes are shown to those who voted, and to all after the decision."""
    ticket = await house.reviewed()
    await vote(house, "reviewer1", ticket)

    assert (await desk.open_ticket(house.parts, "reviewer2", ticket.id)).votes == ()
    assert (await desk.open_ticket(house.parts, "agent1", ticket.id)).votes == ()
    assert len((await desk.open_ticket(house.parts, "reviewer1", ticket.id)).votes) == 1
    await vote(house, "reviewer2", ticket)
    assert len((await desk.open_ticket(house.parts, "agent1", ticket.id)).votes) == 2


@pytest.mark.parametrize("who", ["agent1", "auditor1", "id-helper", "nobody"])
async def test_only_reviewers_vote(house: PeopleHouse, who: str) -> None:
    """R15: an agent, an auditor, an administrator and a stranger may not."""
    with pytest.raises(NoRightError):
        await vote(house, who, await house.reviewed())


async def test_a_refusal_wants_a_reason(house: PeopleHouse) -> None:
    """R18: the person must learn what to do next."""
    ticket = await house.reviewed()
    with pytest.raises(RecoveryError) as refused:
        await voting.vote(house.parts, "reviewer1", ticket.id, False, None)  # noqa: FBT003
    assert refused.value.code == "reason_missing"


async def test_an_agent_alone_cannot_decide_a_review(house: PeopleHouse) -> None:
    """R17: the desk closes and refuses only what needs no vote."""
    ticket = await house.reviewed()
    for act in (
        desk.close(house.parts, "agent1", ticket.id),
        desk.refuse(house.parts, "agent1", ticket.id, Reason.OTHER),
    ):
        with pytest.raises(RecoveryError) as refused:
            await act
        assert refused.value.code == "wants_votes"


async def test_a_review_takes_effect_after_24_hours(house: PeopleHouse) -> None:
    """R17: not a microsecond before; then the new mailbox is proven again and a password may be set."""
    ticket = await house.accepted(await house.reviewed())
    assert ids(await ticket_status(house.parts, HERE)) == [MessageId.REVIEW_COOLS]
    await house.sweep(DAY - TICK)
    assert house.state() is State.ESCALATED
    await house.sweep(TICK)

    assert house.state() is State.APPROVED
    assert house.ticket().state is TicketState.CLOSED
    assert [c.value for c in house.data.accounts[SUPER_ID].contacts] == [NEW_MAILBOX]
    assert ids(await report(house.parts, HERE, Event.REVIEW_EFFECTIVE)) == [MessageId.REVIEW_EFFECTIVE]
    assert await house.ask(Method.SMS) is MessageId.CODE_SENT
    assert house.challenge().decoy
    assert ticket.effective_at is not None


async def test_after_a_review_one_proof_of_the_new_mailbox_is_enough(house: PeopleHouse) -> None:
    """R17: also for an administrator, whose two old factors are lost."""
    await house.accepted(await house.reviewed())
    await house.sweep(DAY)
    await house.ask(Method.MAIL)
    assert house.data.outbox[house.challenge().id].delivery.to == NEW_MAILBOX
    await linking.press(house.parts, house.link(), HERE, None)
    assert house.state() is State.PROVEN
    assert (await house.set()).state is State.COMPLETED


async def overdue_review(house: PeopleHouse, address: str = ALICE.address) -> Ticket:
    """Let an administrator be silent for three working days, then send documents."""
    await house.requested(address)
    house.clock.move(timedelta(days=3))
    assert ids(await request_review(house.parts, HERE)) == [MessageId.REVIEW_OPENED]
    return await house.submit(house.ticket())


async def test_a_review_opens_when_no_administrator_answers(house: PeopleHouse) -> None:
    """R17: said once, at three working days, and possible from then on."""
    await house.requested()
    await house.sweep(timedelta(days=3) - TICK)
    assert house.events() == []
    assert ids(await request_review(house.parts, HERE)) == [MessageId.REVIEW_LATER]
    await house.sweep(TICK)
    await house.sweep(timedelta(minutes=1))
    await house.sweep(timedelta(minutes=1))

    assert house.events() == [Event.REVIEW_POSSIBLE]
    assert ids(await report(house.parts, HERE, Event.REVIEW_POSSIBLE)) == [MessageId.REVIEW_POSSIBLE]
    assert ids(await request_review(house.parts, HERE)) == [MessageId.REVIEW_OPENED]
    states = {t.kind.value: t.state for t in house.data.tickets.values()}
    assert states == {"reset": TicketState.WITHDRAWN, "review": TicketState.WAITING}


async def test_old_contacts_hear_of_documents_and_of_an_approval(house: PeopleHouse) -> None:
    """R17: each of them, twice, with a veto of its own."""
    ticket = await overdue_review(house)
    assert {d.to for d in house.posted(Template.REVIEW_SUBMITTED)} == {ALICE.phone, ALICE.backup}
    await house.accepted(ticket)
    assert {d.to for d in house.posted(Template.REVIEW_APPROVED)} == {ALICE.phone, ALICE.backup}
    assert len(house.data.vetoes) == 4


async def test_a_phone_gets_two_warnings_of_documents_in_a_day(house: PeopleHouse) -> None:
    """R5, R17: the third is a decoy, mails and what follows an approval always go out."""
    talks = [house.talk(f"talk {n}") for n in range(3)]
    for where in talks:
        await house.requested(ALICE.address, where)
    house.clock.move(7 * DAY)
    tickets = []
    for where in talks:
        await request_review(house.parts, where)
        tickets.append(await house.submit(house.ticket(where)))
    sent = [d for d in house.posted(Template.REVIEW_SUBMITTED) if not d.decoy]
    assert [d.to for d in sent].count(ALICE.phone) == 2
    assert [d.to for d in sent].count(ALICE.backup) == 3
    assert sum(row.paid for row in house.data.sendings) == 2
    await house.accepted(tickets[2])
    approved = {d.to for d in house.posted(Template.REVIEW_APPROVED) if not d.decoy}
    assert approved == {ALICE.phone, ALICE.backup}
    assert sum(row.paid for row in house.data.sendings) == 3


async def test_an_old_contact_stops_an_approved_review(house: PeopleHouse) -> None:
    """R12, R17: within the 24 hours "this was not me" freezes the case; nothing is replaced."""
    await house.accepted(await overdue_review(house))
    (mail,) = (d for d in house.posted(Template.REVIEW_APPROVED) if "veto_link" in d.variables)
    token = mail.variables["veto_link"].rpartition("/")[2]

    assert await takeover.veto(house.parts, token) is VetoOutcome.FROZEN
    await house.sweep(2 * DAY)
    assert house.ticket().reason is Reason.VETOED
    assert len(house.data.accounts["id-alice"].contacts) == 2


async def test_documents_of_nobody_look_and_cost_alike(house: PeopleHouse) -> None:
    """R2, R18: rows of the same number and size, the same event, never delivered."""
    other = PeopleHouse()
    for each, who in ((house, SUPER), (other, "gm9999@group.example")):
        await each.reviewed(who)
    sizes = [sorted(r.size for r in h.data.outbox.values()) for h in (house, other)]

    assert sizes[0] == sizes[1]
    assert house.events() == other.events() == [Event.DOCUMENTS_RECEIVED]
    with pytest.raises(UnknownError):
        await vote(other, "reviewer1", other.ticket())


async def test_documents_after_the_end_are_refused(house: PeopleHouse) -> None:
    """R17: a decided review takes no more of them."""
    ticket = await house.reviewed()
    for who in ("reviewer1", "reviewer2"):
        await vote(house, who, ticket, Reason.UNREADABLE)
    async with house.work() as work:
        with pytest.raises(GoneError):
            await reviewing.submitted(work, house.parts, ticket.id)
        with pytest.raises(GoneError):
            await reviewing.ticket_of_case(work, ticket.case_id)


async def test_a_review_of_a_disabled_account_still_wants_it_enabled(house: PeopleHouse) -> None:
    """R10: the proof after a review gives no grant while the account is disabled."""
    house.change("id-dave", status=Status.DISABLED)
    await house.accepted(await overdue_review(house, DAVE.address))
    await house.sweep(DAY + HOUR)
    await house.ask(Method.MAIL)
    await linking.press(house.parts, house.link(), HERE, None)
    assert house.state() is State.ESCALATED
    assert house.case().escalation is Escalation.ENABLE
    assert ids(await report(house.parts, HERE, Event.LINK_PRESSED)) == [MessageId.DISABLED_REQUEST_FILED]


async def test_a_disabled_super_administrator_is_enabled_by_two_votes(house: PeopleHouse) -> None:
    """R10, R17: nobody stands above; two reviewers enable, then one fresh proof is asked."""
    house.data.accounts["id-carol"] = replace(house.data.accounts["id-carol"], role=Role.SUPER_ADMINISTRATOR)
    await house.challenged(Method.SMS, "carol@example.com")
    assert (await house.try_code(house.code())).outcome is Try.RIGHT
    await house.ask(Method.MAIL)
    await linking.press(house.parts, house.link(), HERE, None)
    await report(house.parts, HERE, Event.LINK_PRESSED)
    ticket = house.ticket()
    await vote(house, "reviewer1", ticket)
    await vote(house, "reviewer2", ticket)

    assert house.data.accounts["id-carol"].status is Status.ACTIVE
    assert house.state() is State.CHALLENGED
    assert house.case().proofs == (Method.SMS,)
