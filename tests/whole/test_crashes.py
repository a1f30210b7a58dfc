"""Processes die at every step; the person goes on, and the password changes once or not at all."""

from __future__ import annotations

import json
from time import monotonic, sleep

from tests.whole.person import Person
from tests.whole.steps import DEMO_PASSWORD, set_password
from tests.whole.system import System

FRANK, FRANK_PHONE = "frank@sub.group.example", "+8613800138007"
NEW = "Harbour-Crane-18"


def test_the_portal_dies_at_every_step(system: System) -> None:
    """Kill -9 after each step: the supervisor starts another portal and the case goes on where it was."""
    person = system.person()
    person.begin("en")

    def crash() -> None:
        system.kill("serve")
        system.until_ready()

    person.say("I forgot my password")
    crash()
    person.say(FRANK)
    crash()
    person.last = person.say("another way please")
    known = len(person.outbox())
    person.press("method_sms")
    code = person.received(FRANK_PHONE, known)["code"]
    crash()
    person.say(code)
    url = person.form("password")
    crash()
    assert system.dovecot.login(FRANK, DEMO_PASSWORD)
    assert set_password(person, url, NEW).status == 200
    crash()
    assert system.dovecot.login(FRANK, NEW)
    assert not system.dovecot.login(FRANK, DEMO_PASSWORD)
    assert set_password(person, url, "Harbour-Crane-19").status == 410


def test_rasa_dies_and_the_line_is_answered_once(system: System) -> None:
    """While Rasa is down the person gets a notice; the answer comes once it is back, and only once."""
    person = system.person()
    person.begin("en")
    person.say("hello")
    system.kill("launch")
    waiting = person.say("I forgot my password", key="while-down")
    assert [reply["kind"] for reply in waiting][:1] in (["notice"], ["text"])
    system.until_ready()
    final = _until_answered(person)
    assert [reply["kind"] for reply in final if reply["kind"] != "notice"] == ["text"]
    assert person.say("I forgot my password", key="while-down") == final


def _until_answered(person: Person) -> list[dict[str, object]]:
    end = monotonic() + 60
    while monotonic() < end:
        replies = person.say("I forgot my password", key="while-down")
        if any(reply["kind"] != "notice" for reply in replies):
            return replies
        sleep(0.3)
    raise AssertionError(json.dumps(replies))
