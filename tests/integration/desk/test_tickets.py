"""Tickets at the desk: who may see and do what, two at once, votes, decoys, and what no page ever tells."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from recovery_core.people.requesting import request_administrator
from recovery_core.people.sweeping import sweep
from recovery_core.people.tickets import Kind
from tests.fakes import FakeClock
from tests.integration.desk.house import (
    agent,
    audit_names,
    conversation_id,
    review,
    staff,
    talking,
    ticket_of,
)
from tests.portal_house import Chat, PortalHouse


async def test_nobody_gets_in_unsigned(portal: PortalHouse, chat: Chat) -> None:
    """R15: every door of the desk asks to sign in first, streams and scripts by status."""
    await chat.say("a human please")
    ticket = await ticket_of(portal, chat)
    stranger = await portal.client()
    for path in ("/desk", "/desk/overview", f"/desk/tickets/{ticket.id}", "/desk/evidence/x/1"):
        response = await stranger.get(path, allow_redirects=False)
        assert response.status == 303
        assert response.headers["Location"].startswith("/desk/sign-in")
    for path in ("/desk/events", f"/desk/tickets/{ticket.id}/events"):
        assert (await stranger.get(path)).status == 401
    response = await stranger.post(f"/desk/tickets/{ticket.id}", data={"act": "take"}, allow_redirects=False)
    assert response.status == 303


async def test_two_agents_take_one_ticket(portal: PortalHouse, chat: Chat) -> None:
    """Of two who take at the same moment one gets it, the other reads that it is taken."""
    first, second = await agent(portal), await agent(portal, "agent2")
    await chat.say("a human please")
    ticket = await ticket_of(portal, chat)
    pages = await asyncio.gather(first.act(ticket, "take"), second.act(ticket, "take"))
    assert sorted(page.status for page in pages) == [303, 409]
    assert 'data-code="taken"' in next(page.text for page in pages if page.status == 409)
    loser = (first, second)[[page.status for page in pages].index(409)]
    assert (await loser.act(ticket, "say", text="mine", key="k")).status == 422


async def test_the_queue_is_live(portal: PortalHouse, chat: Chat) -> None:
    """The open queue page learns of a new ticket and of its taking without being loaded again."""
    someone, other = await agent(portal), await agent(portal, "agent2")
    async with other.watch("/desk/events") as events:
        assert "Nothing is waiting" in (await events.next("queue"))[2]["html"]
        await chat.say("a human please")
        ticket = await ticket_of(portal, chat)
        assert ticket.number in (await events.next("queue"))[2]["html"]
        await someone.act(ticket, "take")
        assert "Taken" in (await events.next("queue"))[2]["html"]


async def test_presence_needs_a_sign_of_life(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: an open stream keeps nobody present or signed in; a moving mouse does."""
    someone = await agent(portal)
    parts = portal.house.parts
    async with someone.watch("/desk/events") as events:
        await events.next("queue")
        for _ in range(2):
            clock.move(timedelta(minutes=6))
            async with parts.work.reading() as work:
                assert await work.operators.present(clock.now() - parts.numbers.desk_present) == 0
            assert (await someone.get("/desk/here")).status == 204
            async with parts.work.reading() as work:
                assert await work.operators.present(clock.now() - parts.numbers.desk_present) == 1
        clock.move(timedelta(minutes=15))
        assert await events.ended()
    assert (await someone.get("/desk/here")).status == 401


@pytest.mark.parametrize(
    ("name", "transcript", "acts"),
    [("agent1", True, {"take", "note"}), ("reviewer1", True, {"note"}), ("auditor1", False, set())],
)
async def test_roles(
    portal: PortalHouse,
    chat: Chat,
    name: str,
    transcript: bool,  # noqa: FBT001
    acts: set[str],
) -> None:
    """R15: each role sees the acts of its rights, and the core refuses the others whatever is sent."""
    await chat.say("I like purple elephants, a human please")
    ticket = await ticket_of(portal, chat)
    someone = await agent(portal, name)
    page = (await someone.get(f"/desk/tickets/{ticket.id}")).text
    assert ("purple elephants" in page) is transcript
    for act in ("take", "note", "say", "vote"):
        assert (f'name="act" value="{act}"' in page) is (act in acts)
    refused = {"agent1": "vote", "reviewer1": "take", "auditor1": "note"}[name]
    sent = await someone.act(ticket, refused, text="x", vote="refuse", reason="other")
    assert sent.status == 403


async def test_what_is_not_the_desks_is_unknown(portal: PortalHouse, chat: Chat) -> None:
    """R18: a decoy's request never reaches the desk, is refused in its time, and looks unknown by its id."""
    someone = await agent(portal)
    await chat.say("I forgot the password of nobody@example.com")
    await chat.say("lost my phone")
    await ask_administrator(portal, chat)
    ticket = await ticket_of(portal, chat)
    assert ticket.lane.value == "nobody"
    assert ticket.number not in (await someone.get("/desk")).text
    assert (await someone.get(f"/desk/tickets/{ticket.id}")).status == 404
    assert (await someone.get("/desk/tickets/nothing")).status == 404
    clock = portal.house.parts.clock
    assert isinstance(clock, FakeClock)
    clock.move(timedelta(days=6))
    await sweep(portal.house.parts)
    after = await ticket_of(portal, chat)
    assert (after.state.value, after.reason.value if after.reason else "") == ("refused", "not_matched")


async def ask_administrator(portal: PortalHouse, chat: Chat) -> None:
    """Let the person's request go to the administrator."""
    await request_administrator(portal.house.parts, await conversation_id(portal, chat))


async def test_two_votes(portal: PortalHouse, chat: Chat) -> None:
    """R17: two reviewers decide, blind to each other and once each; agents have no vote."""
    ticket = await review(portal, chat)
    first, second = await agent(portal, "reviewer1"), await agent(portal, "reviewer2")
    assert (await (await agent(portal)).act(ticket, "vote", vote="approve")).status == 403
    assert (await first.act(ticket, "vote", vote="refuse")).status == 422
    assert (await first.act(ticket, "vote", vote="approve")).status == 303
    assert (await first.act(ticket, "vote", vote="approve")).status == 422
    assert "approve</li>" in (await first.get(f"/desk/tickets/{ticket.id}")).text
    assert "approve</li>" not in (await second.get(f"/desk/tickets/{ticket.id}")).text
    assert (await ticket_of(portal, chat)).is_open
    assert (await second.act(ticket, "vote", vote="approve")).status == 303
    assert (await ticket_of(portal, chat)).state.value == "approved"
    assert (await second.act(ticket, "vote", vote="refuse", reason="other")).status == 409


async def test_a_vote_to_approve_wants_a_young_proof(portal: PortalHouse, chat: Chat) -> None:
    """R15: eleven minutes after the second factor an approval asks for it again, a refusal does not."""
    ticket = await review(portal, chat)
    someone = await agent(portal, "reviewer1")
    clock = portal.house.parts.clock
    assert isinstance(clock, FakeClock)
    clock.move(timedelta(minutes=11))
    sent = await someone.act(ticket, "vote", vote="approve")
    assert (sent.status, sent.location.partition("?")[0]) == (303, "/desk/again")
    assert (await someone.act(ticket, "vote", vote="refuse", reason="unreadable")).location.endswith(
        ticket.id
    )


async def test_documents_are_seen_and_noted(portal: PortalHouse, chat: Chat) -> None:
    """R17: a reviewer sees each page as a picture, every look is audited; nobody else sees any."""
    ticket = await review(portal, chat, picture=b"\x89PNG harmless")
    reviewer, someone = await agent(portal, "reviewer1"), await agent(portal)
    page = (await reviewer.get(f"/desk/tickets/{ticket.id}")).text
    path, leaf = f"/desk/evidence/paper/1?ticket={ticket.id}", f"/desk/tickets/{ticket.id}/papers/paper"
    assert f"{leaf}/1" in page
    assert f"{leaf}/1" not in (await someone.get(f"/desk/tickets/{ticket.id}")).text
    shown = await reviewer.get(f"{leaf}/1")
    assert path in shown.text
    assert "new@private.example" in shown.text
    assert (await someone.get(f"{leaf}/1")).status == 403
    for wrong in ("paper/0", "paper/2", "other/1"):
        assert (await reviewer.get(f"/desk/tickets/{ticket.id}/papers/{wrong}")).status == 404
    response = await reviewer.http.get(path)
    assert (response.status, response.content_type) == (200, "image/png")
    assert await response.read() == b"\x89PNG harmless"
    assert (await someone.get(path)).status == 403
    for wrong in ("paper/0", "paper/2", "other/1"):
        assert (await reviewer.get(f"/desk/evidence/{wrong}?ticket={ticket.id}")).status == 404
    assert (await audit_names(portal, ticket)).count("operator:evidence:seen") == 1


async def test_no_page_shows_the_match_number(portal: PortalHouse, chat: Chat) -> None:
    """R14: the number that the person reads in the chat stands on no page of the desk."""
    someone = await agent(portal)
    await chat.say("I forgot the password of alice@example.com")
    await ask_administrator(portal, chat)
    async with chat.events() as events:
        while "number for this request" not in str((reply := await events.reply())["text"]):
            pass
    number = "".join(c for c in str(reply["text"]).split(":")[1].split(".")[0] if c in "0123456789 ").strip()
    ticket = await talking(portal, chat, someone)
    page = (await someone.get(f"/desk/tickets/{ticket.id}")).text
    assert len(number) == 9
    assert number not in page
    assert "match number was shown" in page


async def test_closing_refusing_and_a_forged_form(portal: PortalHouse, chat: Chat) -> None:
    """A talk nobody waits for is closed; what needs votes cannot be; a form without its field is refused."""
    await staff(portal)
    await chat.say("a human please")
    ticket = await ticket_of(portal, chat)
    someone = await agent(portal)
    forged = await someone.http.post(f"/desk/tickets/{ticket.id}", data={"act": "close"})
    assert forged.status == 403
    assert (await someone.act(ticket, "dance")).status == 400
    assert (await someone.act(ticket, "close")).status == 303
    assert (await ticket_of(portal, chat)).state.value == "closed"
    assert (await someone.act(ticket, "close")).status == 409
    wanted = await review(portal, await portal.chat())
    assert wanted.kind is Kind.REVIEW
    assert (await someone.act(wanted, "close")).status == 422


async def test_the_overview(portal: PortalHouse, chat: Chat) -> None:
    """The overview shows counts, times and a plot in both languages, to everyone at the desk."""
    for text in ("purple elephants", "purple elephants", "my password is Blue_Whale77 ok"):
        await chat.say(text)
    someone, reader = await agent(portal, "auditor1"), await agent(portal)
    seen = (await reader.get("/desk/overview")).text
    assert 'purple elephants</th><td class="number">2</td>' in seen
    assert "Blue_Whale77" not in seen
    assert "purple elephants" not in (await someone.get("/desk/overview")).text
    for language, words in (("en", "Cases by outcome"), ("zh", "找回结果")):
        page = await someone.get(f"/desk/overview?days=1&lang={language}")
        assert page.status == 200
        assert words in page.text
    response = await someone.http.get("/desk/overview/recovery.svg")
    assert (response.status, response.content_type) == (200, "image/svg+xml")
