"""What operators see of a messenger, how a human answers in it, and that no secret stays behind."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from portal.channels.figures import Figures, Standing
from portal.desk.messengers import state_of
from recovery_core.people.tickets import Kind, Ticket
from tests.integration.channels.conftest import Person, holds
from tests.integration.desk.house import agent
from tests.portal_house import PortalHouse

TYPED, NEW = "Marked-Typed-77x", "Marked-New-Quay41"


async def metric(person: Person, name: str) -> float:
    """Return a figure of /metrics."""
    page = await (await person.http.get("/metrics")).text()
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_metrics_and_overview_tell_how_a_messenger_does(person: Person, portal: PortalHouse) -> None:
    """Events, refusals, what was sent and what was not are counted; the desk reads the same in words."""
    someone = await agent(portal)
    await person.http.post("/channels/plain", data=b"{}", headers={"X-Signature": "no"})
    await person.say("I forgot my password")
    assert await metric(person, 'rekey_channel_events_total{channel="plain"}') == 1
    assert await metric(person, 'rekey_channel_refused_total{channel="plain",reason="signature"}') == 1
    assert await metric(person, 'rekey_channel_sent_total{channel="plain"}') == 1
    assert await metric(person, 'rekey_channel_ack_seconds_count{channel="plain"}') == 2
    assert await metric(person, 'rekey_channel_up{channel="plain"}') == 1
    last = await metric(person, 'rekey_channel_last_event_timestamp_seconds{channel="plain"}')
    assert last == portal.house.parts.clock.now().timestamp()
    assert 'data-messenger="plain" data-state="good"' in (await someone.get("/desk/overview")).text
    person.channel.away = True
    await person.post({"id": "e-2", "text": "bob@example.com"})
    messengers = portal.house.furnishing.messengers
    assert messengers is not None
    await holds(lambda: messengers.figures.standings["plain"].failures > 0)
    assert await metric(person, 'rekey_channel_up{channel="plain"}') == 0
    assert 'data-state="away"' in (await someone.get("/desk/overview")).text


@pytest.mark.parametrize(
    ("standing", "state"),
    [
        (Standing("a"), "good"),
        (Standing("a", lag_seconds=60.0), "good"),
        (Standing("a", lag_seconds=60.1), "late"),
        (Standing("a", failures=1, lag_seconds=90.0), "away"),
        (Standing("a", connected=True), "good"),
        (Standing("a", connected=False), "away"),
    ],
)
def test_the_state_of_a_messenger(standing: Standing, state: str) -> None:
    """Away before late before good."""
    assert state_of(standing) == state


def test_the_backlog_is_measured() -> None:
    """What waits, and for how long, is a figure of its own."""
    registry = CollectorRegistry()
    Figures(registry, ("plain",)).backlog("plain", 3, 7.5)
    assert registry.get_sample_value("rekey_channel_waiting", {"channel": "plain"}) == 3
    assert registry.get_sample_value("rekey_channel_lag_seconds", {"channel": "plain"}) == 7.5


async def talk_of(portal: PortalHouse) -> Ticket:
    """Return the ticket of the talk that the person asked for."""
    async with portal.house.parts.work.reading() as work:
        case = await work.cases.current(portal.assistant.turns[0].conversation_id)
        assert case is not None
        return next(t for t in await work.tickets.of_case(case.id) if t.kind is Kind.TALK)


async def test_a_human_answers_in_the_messenger(person: Person, portal: PortalHouse) -> None:
    """R15: asked for in the chat, taken at the desk; both sides talk, the assistant hears nothing."""
    someone = await agent(portal)
    await person.say("I forgot the password of bob@example.com")
    await person.say("a human please")
    await holds(lambda: any(c.name == "back_to_assistant" for m in person.messages() for c in m.buttons))
    ticket = await talk_of(portal)
    assert (await someone.act(ticket, "take")).status == 303
    turns = len(portal.assistant.turns)
    async with someone.watch_ticket(ticket) as watch:
        await person.post({"id": "lift", "text": "I am in a lift, my password is Hunter-22-Moon"})
        assert "Hunter" not in (await watch.line("I am in a lift"))["text"]
    said = await someone.act(ticket, "say", text="I am here", key="k1")
    assert said.status == 303
    await holds(lambda: any(m.text.endswith(": I am here") for m in person.messages()))
    assert len(portal.assistant.turns) == turns
    await someone.act(ticket, "give_back")
    await holds(lambda: len(portal.assistant.turns) > turns)


async def test_no_secret_stays_behind(
    person: Person, portal: PortalHouse, capfd: pytest.CaptureFixture[str]
) -> None:
    """A recovery with a typed password, a code and a new password: none is in a message, log or file."""
    await person.say(f"my password is {TYPED} and it does not work, bob@example.com")
    await holds(lambda: any(c.name == "method_sms" for m in person.messages() for c in m.buttons))
    await person.press("method_sms")
    await holds(lambda: any(message.link for message in person.messages()))
    code = await portal.code()
    before = person.link()
    await person.say(code)
    await holds(lambda: person.link() != before)
    browser = await portal.client()
    page = await (await browser.get(person.link())).text()
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    fields = {"csrf": found[1], "new_password": NEW, "confirm_password": NEW}
    assert (await browser.post(person.link(), data=fields)).status == 200
    await holds(lambda: any("new password works now" in message.text for message in person.messages()))
    tokens = [m.link.url.rpartition(".")[2] for m in person.messages() if m.link]
    said = "\n".join(message.text for message in person.messages())
    logs = "".join(capfd.readouterr())
    stored = await asyncio.to_thread(_everything_in, portal.folder)
    for secret in (TYPED, code, NEW):
        assert secret not in said
    for secret in (TYPED, code, NEW, *tokens):
        assert secret not in logs
        assert secret.encode() not in stored
    assert "u-1" not in logs


def _everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("*.db*"))
