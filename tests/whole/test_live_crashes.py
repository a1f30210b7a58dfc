"""The portal dies while a person and an agent talk: no line is lost, none comes twice."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
from collections.abc import Callable
from time import monotonic, sleep

from tests.whole.agent import DeskAgent, add_agent
from tests.whole.person import Answer, Person
from tests.whole.system import System

LINES, CRASHES = 5, 2
"""After so many more lines of each side the portal is killed, so many times."""
PAUSE = 0.05
GIVE_UP = 120.0
Send = Callable[[str, str], Answer]
PASSWORD = "Quiet-Harbour-58"


def test_no_line_is_lost_or_doubled(system: System) -> None:
    """Both sides write all the while and send again what was not answered; both see every line, once."""
    person, agent = system.person(), DeskAgent(system.site)
    agent.sign_in("lea", PASSWORD, add_agent(system, "lea", PASSWORD))
    person.begin("en")
    person.say("I want to talk to a person")
    ticket = agent.ticket()
    assert agent.act(ticket, "take").status == 200

    over = threading.Event()
    sides = {"person": by_person(person), "agent": by_agent(agent, ticket)}
    written: dict[str, list[str]] = {side: [] for side in sides}
    threads = [threading.Thread(target=write, args=(s, sides[s], written[s], over)) for s in sides]
    for thread in threads:
        thread.start()
    for crash in range(1, CRASHES + 1):
        until(lambda: min(map(len, written.values())) >= crash * LINES)  # noqa: B023  waited for at once
        system.kill("serve")
        system.until_ready()
    over.set()
    for thread in threads:
        thread.join(GIVE_UP)
        assert not thread.is_alive()

    expected = [text for side in written.values() for text in side]
    heard = said(person, set(expected))
    assert sorted(heard) == sorted(expected)
    for side, own in written.items():
        assert [text for text in heard if text.startswith(side)] == own
    assert re.findall(r"(?:person|agent) line \d+", agent.ask(ticket).body) == heard
    agent.act(ticket, "give_back")


def by_person(person: Person) -> Send:
    """Return how the person's browser sends a line."""

    def send(text: str, key: str) -> Answer:
        body, kind = json.dumps({"text": text}).encode(), "application/json"
        return person.ask("/api/chat/messages", body, Content_Type=kind, Idempotency_Key=key)

    return send


def by_agent(agent: DeskAgent, ticket: str) -> Send:
    """Return how the agent's browser sends a line."""
    return lambda text, key: agent.act(ticket, "say", text=text, key=key)


def write(side: str, send: Send, written: list[str], over: threading.Event) -> None:
    """Write lines in order until it is over, each with an id of its own, each sent until it is taken."""
    while not over.wait(PAUSE):
        text = f"{side} line {len(written):03d}"
        until(lambda: taken(send, text, f"live-{text[-3:]}"))  # noqa: B023  waited for at once
        written.append(text)


def taken(send: Send, text: str, key: str) -> bool:
    """Send a line; tell whether it was answered as stored."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return send(text, key).status in {200, 202}
    return False


def until(happened: Callable[[], bool]) -> None:
    """Look again until it has happened."""
    end = monotonic() + GIVE_UP
    while not happened():
        assert monotonic() < end, "waited too long"
        sleep(PAUSE)


def said(person: Person, expected: set[str]) -> list[str]:
    """Return the lines of the talk that the event stream tells from its beginning, until all are there."""
    found: list[str] = []
    with person.stream("/api/chat/events") as lines:
        for line in lines:
            data = json.loads(line[6:]) if line.startswith(b"data: ") else {}
            found += [data["text"]] if re.match(r"(?:person|agent) line", data.get("text") or "") else []
            if expected <= set(found):
                break
    return found
