"""A talk with a person: waited for, taken once, masked both ways, given back where the case was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases import resuming
from recovery_core.cases.events import Event
from recovery_core.cases.hearing import EmptyTextError
from recovery_core.cases.proving import Try
from recovery_core.conversations.conversation import LineKind, Mode
from recovery_core.errors import ConflictError, GoneError, RecoveryError, UnknownError
from recovery_core.messages import FormPurpose, MessageId
from recovery_core.people import desk, live
from recovery_core.people.reporting import report
from recovery_core.people.rights import NoRightError
from recovery_core.people.statusing import ticket_status
from recovery_core.people.tickets import Kind, Reason, Ticket, TicketState
from recovery_core.proofs.methods import Method
from tests.unit.cases.house import HERE, MINUTE, TICK
from tests.unit.people.house import PeopleHouse, ids


async def waiting(house: PeopleHouse) -> Ticket:
    """Ask for a person while one is there."""
    house.agent_arrives()
    said = await live.talk_to_human(house.parts, HERE)
    assert ids(said) == [MessageId.TALK_WAITING, MessageId.NOT_MEASURED]
    return house.ticket(kind=Kind.TALK)


async def talking(house: PeopleHouse) -> Ticket:
    """Be in a talk with agent1."""
    return await house.take(await waiting(house))


def said_by_agent(house: PeopleHouse) -> list[str]:
    """Return the agent's words as the person reads them."""
    lines = [ln.payload for ln in house.data.lines.values() if ln.payload.get("kind") == "agent"]
    return [str(payload["text"]) for payload in lines]


async def unanswered(house: PeopleHouse) -> list[str]:
    """Return what the assistant would be given."""
    async with house.work.reading() as work:
        return [str(ln.payload) for ln in await work.conversations.unanswered(10, HERE)]


async def test_a_person_who_is_there_is_waited_for(house: PeopleHouse) -> None:
    """The conversation's mode is waiting, and the desk's queue shows it."""
    ticket = await waiting(house)

    assert await live.mode_of(house.parts, HERE) is Mode.WAITING
    assert [t.id for t in (await desk.queue(house.parts, "agent1")).items] == [ticket.id]


async def test_nobody_there_leaves_a_ticket(house: PeopleHouse) -> None:
    """An agent not seen for five minutes is not there; the assistant goes on."""
    house.agent_arrives()
    house.clock.move(house.parts.numbers.desk_present + TICK)
    said = await live.talk_to_human(house.parts, HERE)

    assert ids(said) == [MessageId.TALK_TICKET, MessageId.NOT_MEASURED]
    assert await live.mode_of(house.parts, HERE) is Mode.BOT
    assert house.ticket().kind is Kind.TALK


async def test_asking_twice_leaves_one_ticket(house: PeopleHouse) -> None:
    """A talk is asked for once per case."""
    await live.talk_to_human(house.parts, HERE)
    await live.talk_to_human(house.parts, HERE)

    assert len(house.data.tickets) == 1


async def test_the_assistant_sees_nothing_of_the_human_part(house: PeopleHouse) -> None:
    """Lines said to a person are stored as answered, in both modes; before and after they are not."""
    await house.hear("hello")
    await waiting(house)
    await house.hear("anybody there?")
    await house.take(house.ticket(kind=Kind.TALK))
    await house.hear("my cat ate my phone")
    assert [line for line in await unanswered(house) if "cat" in line or "anybody" in line] == []
    await live.give_back(house.parts, "agent1", house.ticket(kind=Kind.TALK).id)
    await house.hear("and now?")
    assert any("and now?" in line for line in await unanswered(house))


async def test_two_agents_take_one_talk(house: PeopleHouse) -> None:
    """One of them gets it; the same agent's second click changes nothing."""
    ticket = await talking(house)
    with pytest.raises(ConflictError):
        await house.take(ticket, "agent2")
    assert (await house.take(ticket)).assignee == "agent1"
    with pytest.raises(RecoveryError) as refused:
        await live.say(house.parts, "agent2", ticket.id, "m", "hello")
    assert refused.value.code == "not_yours"


@pytest.mark.parametrize("who", ["reviewer1", "auditor1"])
async def test_only_agents_talk(house: PeopleHouse, who: str) -> None:
    """R15: the right to chat is the agents'."""
    ticket = await waiting(house)
    with pytest.raises(NoRightError):
        await house.take(ticket, who)


async def test_a_word_is_said_once(house: PeopleHouse) -> None:
    """A message that is sent again after a crash is not doubled; an empty one is refused."""
    ticket = await talking(house)
    assert await live.say(house.parts, "agent1", ticket.id, "m1", "Hello, how can I help?")
    assert await live.say(house.parts, "agent1", ticket.id, "m1", "Hello, how can I help?") is None
    with pytest.raises(EmptyTextError):
        await live.say(house.parts, "agent1", ticket.id, "m2", "  ")

    assert said_by_agent(house) == ["Hello, how can I help?"]


@pytest.mark.parametrize(
    "text", ["your new password is Tr0ub4dor&3x", "832117", "the code was 832117", "Tr0ub4dor&3x"]
)
async def test_what_the_agent_writes_is_masked(house: PeopleHouse, text: str) -> None:
    """R16: no password and no code reaches the person through the desk."""
    ticket = await talking(house)
    await live.say(house.parts, "agent1", ticket.id, "m", text)

    (shown,) = said_by_agent(house)
    assert "Tr0ub4dor" not in shown
    assert "832117" not in shown


async def test_what_the_person_writes_is_masked_for_the_agent(house: PeopleHouse) -> None:
    """R16: the desk's transcript holds no password."""
    ticket = await talking(house)
    await house.hear("my password is Tr0ub4dor&3x")
    view = await desk.open_ticket(house.parts, "agent1", ticket.id)

    assert "Tr0ub4dor" not in repr([line.payload for line in view.lines])


async def test_an_agent_offers_only_forms_the_case_may_have(house: PeopleHouse) -> None:
    """An agent cannot open the password form of an unproven case."""
    await house.challenged(Method.SMS)
    ticket = await talking(house)
    assert await live.offer_form(house.parts, "agent1", ticket.id, "f1", FormPurpose.CODE)
    with pytest.raises(RecoveryError) as refused:
        await live.offer_form(house.parts, "agent1", ticket.id, "f2", FormPurpose.PASSWORD)
    assert refused.value.code == "form_not_possible"


async def test_giving_back_continues_the_case_where_it_was(house: PeopleHouse) -> None:
    """The pending code is still good, the assistant says so, the ticket is closed."""
    await house.challenged(Method.SMS)
    ticket = await talking(house)
    closed = await live.give_back(house.parts, "agent1", ticket.id)

    assert closed.state is TicketState.CLOSED
    assert await live.mode_of(house.parts, HERE) is Mode.BOT
    said = await report(house.parts, HERE, Event.TALK_ENDED)
    assert ids(said) == [MessageId.TALK_ENDED, MessageId.REMIND_CODE]
    assert (await house.try_code(house.code())).outcome is Try.RIGHT
    with pytest.raises(GoneError):
        await live.say(house.parts, "agent1", ticket.id, "late", "one more thing")


@pytest.mark.parametrize(("taken", "end"), [(False, TicketState.WITHDRAWN), (True, TicketState.CLOSED)])
async def test_the_person_may_leave(house: PeopleHouse, taken: bool, end: TicketState) -> None:  # noqa: FBT001
    """R13: back to the assistant at any time, waiting or talking."""
    await (talking if taken else waiting)(house)
    said = await live.leave(house.parts, HERE)

    assert ids(said) == [MessageId.TALK_ENDED, MessageId.REMIND_ADDRESS]
    assert house.ticket(kind=Kind.TALK).state is end
    assert await live.mode_of(house.parts, HERE) is Mode.BOT


async def test_a_talk_goes_on_on_another_device(house: PeopleHouse) -> None:
    """R13: the resumed case takes the talk along; the agent's next word arrives there."""
    await house.challenged(Method.SMS)
    ticket = await talking(house)
    back = await resuming.issue(house.parts, await house.form(FormPurpose.RESUME), HERE)
    there = house.talk("there")
    await resuming.resume(house.parts, there, "client", back.reference, back.secret)
    line = await live.say(house.parts, "agent1", ticket.id, "m", "Still here.")

    assert line is not None
    assert line.conversation_id == there
    assert await live.mode_of(house.parts, there) is Mode.HUMAN
    assert await live.mode_of(house.parts, HERE) is Mode.BOT


async def test_waiting_ends_after_ten_minutes(house: PeopleHouse) -> None:
    """Nobody came: the ticket stays, the assistant goes on and says so; asking again waits again."""
    await waiting(house)
    await house.sweep(10 * MINUTE - TICK)
    assert await live.mode_of(house.parts, HERE) is Mode.WAITING
    await house.sweep(TICK)
    assert await live.mode_of(house.parts, HERE) is Mode.BOT
    assert ids(await report(house.parts, HERE, Event.TALK_MISSED)) == [MessageId.TALK_MISSED]
    assert house.ticket(kind=Kind.TALK).is_open

    await waiting(house)
    await house.sweep(timedelta(minutes=1))
    assert await live.mode_of(house.parts, HERE) is Mode.WAITING


async def test_status_during_a_talk_is_the_talks(house: PeopleHouse) -> None:
    """Where is my request: waiting tells the place, talking says so."""
    ticket = await waiting(house)
    assert ids(await ticket_status(house.parts, HERE))[0] is MessageId.TALK_WAITING
    await house.take(ticket)
    assert ids(await ticket_status(house.parts, HERE)) == [MessageId.TALK_IS_ON]


async def test_what_was_measured_is_said(house: PeopleHouse) -> None:
    """R18: the time of the last talk, in whole minutes."""
    ticket = await talking(house)
    house.clock.move(timedelta(minutes=41, seconds=10))
    await live.give_back(house.parts, "agent1", ticket.id)
    house.agent_arrives()
    (_, measured) = await live.talk_to_human(house.parts, house.talk("there"))

    assert measured.id is MessageId.MEASURED_MINUTES
    assert dict(measured.variables) == {"count": 1, "median": 42, "p90": 42}


async def test_the_desk_works_on_its_own_lane_only(house: PeopleHouse) -> None:
    """R15: an administrator's request is unknown at the desk."""
    ticket = await house.requested()
    for act in (
        house.take(ticket),
        desk.open_ticket(house.parts, "agent1", ticket.id),
        desk.add_note(house.parts, "agent1", ticket.id, "note"),
        desk.refuse(house.parts, "agent1", ticket.id, Reason.OTHER),
    ):
        with pytest.raises(UnknownError):
            await act


async def test_agents_see_only_what_was_typed_before_a_proof(house: PeopleHouse) -> None:
    """R15: registered data needs a proof; the typed address is all there is before."""
    await house.identify()
    first = await waiting(house)
    assert (await desk.open_ticket(house.parts, "agent1", first.id)).account is None
    there = house.talk("there")
    await house.proven("bob@example.com", there)
    await live.talk_to_human(house.parts, there)
    second = house.ticket(there, Kind.TALK)
    assert (await desk.open_ticket(house.parts, "agent1", second.id)).account is not None


async def test_an_auditor_reads_no_transcript(house: PeopleHouse) -> None:
    """R15: the auditor sees the ticket and not what was said; the look is audited."""
    ticket = await talking(house)
    view = await desk.open_ticket(house.parts, "auditor1", ticket.id)

    assert view.lines == ()
    assert "operator:ticket:seen" in house.audit()


async def test_a_ticket_is_released_by_its_holder(house: PeopleHouse) -> None:
    """Only who took it puts it back."""
    ticket = await house.reviewed()
    await house.take(ticket, "agent1")
    with pytest.raises(RecoveryError):
        await desk.release(house.parts, "agent2", ticket.id)
    free = await desk.release(house.parts, "agent1", ticket.id)
    assert (free.state, free.assignee) == (TicketState.OPEN, None)


async def test_replies_of_agents_are_replies(house: PeopleHouse) -> None:
    """The person's browser gets them like any other reply."""
    ticket = await talking(house)
    line = await live.say(house.parts, "agent1", ticket.id, "m", "Hello")
    assert line is not None
    assert line.kind is LineKind.REPLY
    assert line.payload == {"kind": "agent", "text": "Hello", "by": "Agent1"}
