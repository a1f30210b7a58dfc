"""The outcome: a person chats, sets a new password, and a real IMAP server takes it and no longer the old."""

from __future__ import annotations

import pytest

from tests.integration.dovecot_server import ends
from tests.whole.steps import (
    ALICE,
    ALICE_BACKUP,
    DEMO_PASSWORD,
    by_sms,
    choose,
    set_password,
)
from tests.whole.system import System


def test_the_mailbox_opens_with_the_new_password_only(system: System) -> None:
    """By SMS, mail link and questions in turn: old refused, new accepted, an open session ended (R11)."""
    walk(system)


def test_the_mailbox_opens_on_postgresql_too(system_on_postgres: System) -> None:
    """The same on PostgreSQL."""
    walk(system_on_postgres)


def walk(system: System) -> None:
    """Recover alice's mailbox by each method; her passwords follow each other."""
    passwords = [DEMO_PASSWORD, "Lake-Under-Fog7", "Tram_to_Harbour8", "Stone-Bridge-under9"]
    for old, new, prove in zip(passwords[:-1], passwords[1:], (sms, mail, questions), strict=True):
        assert system.dovecot.login(ALICE, old)
        session = system.dovecot.open_session(ALICE, old)
        try:
            prove(system, new)
            assert ends(session)
        finally:
            session.shutdown()
        assert not system.dovecot.login(ALICE, old)
        assert system.dovecot.login(ALICE, new)


def sms(system: System, new: str) -> None:
    """Recover in Chinese by the code sent to the phone."""
    person = system.person()
    person.begin("zh")
    assert set_password(person, by_sms(person, "zh"), new).status == 200


def mail(system: System, new: str) -> None:
    """Recover in English by the link to the backup mailbox; opening it twice before changes nothing (R6)."""
    person = system.person()
    person.begin("en")
    known = choose(person, "en", ALICE, "method_mail")
    link = person.received(ALICE_BACKUP, known)["link"]
    scanner = system.person()
    assert scanner.ask(link).status == 200
    page = person.ask(link)
    form = person.post_form(page, action="continue")
    assert person.post_form(form, new_password=new, confirm_password=new).status == 200


def questions(system: System, new: str) -> None:
    """Recover in Chinese by the registered answers, written as a phone would."""
    person = system.person()
    person.begin("zh")
    choose(person, "zh", ALICE, "method_questions")
    form = person.send_form(person.form("answers"), answer_1=" 旺财 ", answer_2="杭州")
    assert form.status == 200, form.codes
    assert person.post_form(form, new_password=new, confirm_password=new).status == 200


@pytest.mark.parametrize("address", ["carol@example.com"])
def test_a_disabled_account_stays_shut(system: System, address: str) -> None:
    """Carol is refused by the mail server, and a proof gives her no form for a password (R10)."""
    person = system.person()
    person.begin("zh")
    known = choose(person, "zh", address, "method_sms")
    replies = person.say(person.received("+8613800138002", known)["code"])
    assert all((reply["form"] or {}).get("purpose") != "password" for reply in replies)
    assert not system.dovecot.login(address, DEMO_PASSWORD)
