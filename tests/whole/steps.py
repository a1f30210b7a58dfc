"""The steps of a recovery, as a person takes them."""

from __future__ import annotations

from typing import Any

from tests.whole.person import Answer, Person

DEMO_PASSWORD = "Demo-Passw0rd!"
ALICE = "alice@example.com"
ALICE_PHONE = "+8613800138000"
ALICE_BACKUP = "alice@backup.example"
METHODS = ["method_sms", "method_mail", "method_questions"]
WORDS = {"en": "I forgot my password", "zh": "我密码忘了"}


def names(reply: dict[str, Any]) -> list[str]:
    """Return the names of the reply's buttons."""
    return [button["name"] for button in reply["buttons"] or []]


def choose(person: Person, language: str, address: str, method: str) -> int:
    """Walk the fixed turns to a pressed method; return how many messages the outbox held before."""
    asked = person.say(WORDS[language])
    assert [reply["kind"] for reply in asked if reply["kind"] != "notice"] == ["text"]
    assert names(person.say(address)[0]) == METHODS
    known = len(person.outbox())
    person.press(method)
    return known


def by_sms(person: Person, language: str, address: str = ALICE, phone: str = ALICE_PHONE) -> str:
    """Prove by SMS in the chat; return the address of the password form."""
    known = choose(person, language, address, "method_sms")
    assert person.form("code")
    person.say(person.received(phone, known)["code"])
    return person.form("password")


def set_password(person: Person, url: str, password: str) -> Answer:
    """Send the password form."""
    return person.send_form(url, new_password=password, confirm_password=password)
