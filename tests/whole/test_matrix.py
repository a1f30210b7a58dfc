"""A recovery in a company's own messenger: Synapse, rekey, Chromium and Dovecot, none of them simulated."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, INSTALLED
from tests.integration.dovecot_server import DOVEADM, DOVECOT
from tests.needs import need
from tests.rasa_process import PYTHON
from tests.whole.agent import DeskAgent, add_agent
from tests.whole.matrix import AS_TOKEN, BOT, HS_TOKEN, MatrixCompany, Talker, matrix_company
from tests.whole.steps import ALICE, ALICE_PHONE, DEMO_PASSWORD

NEW = "Ferry-Under-Bridge-27"
AGENT_PASSWORD = "Quiet-Harbour-58"
PATIENCE = 60_000
pytestmark = pytest.mark.timeout(900)
"""Starting two servers and a browser takes its time on a busy machine."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MatrixCompany]:
    """Start the company once for this file."""
    need(DOVECOT and DOVEADM, "Dovecot (packages dovecot-imapd dovecot-sqlite)")
    need(PYTHON.exists(), "the assistant's environment (make prepares it)")
    need(INSTALLED, "chromium is not installed")
    with matrix_company(tmp_path_factory.mktemp("whole-matrix")) as running:
        yield running


def test_a_mailbox_is_recovered_in_matrix(company: MatrixCompany) -> None:
    """Chat in Chinese, code typed there, password in a browser; Synapse restarts in the middle of it."""
    alice = Talker.opens(company.server, "alice")
    alice.say("我密码忘了")
    alice.until(lambda said: "邮箱" in said)
    alice.say(ALICE)
    offered = alice.until(lambda said: "1. " in said and "3. " in said)
    known = len(company.system.person().outbox())
    company.server.restart()
    alice.say(number_of(offered, "短信"))
    code = company.system.person().received(ALICE_PHONE, known)["code"]
    alice.form()
    alice.say(code)
    form = alice.form()
    set_password(form, NEW)
    alice.until(lambda said: "密码" in said and "/secure/" not in said)
    assert company.system.dovecot.login(ALICE, NEW)
    assert not company.system.dovecot.login(ALICE, DEMO_PASSWORD)
    assert NEW not in everything(company.server.folder)
    assert not [text for text in alice.said() if NEW in text or code in text]
    assert kept_by_rekey(company.system.folder, NEW, AS_TOKEN, HS_TOKEN, form.rpartition("/")[2]) == []


def test_an_english_recovery_begins_with_a_known_mailbox(company: MatrixCompany) -> None:
    """The address is asked about and not for; a number says yes, and the contacts are shown masked."""
    carol = Talker.opens(company.server, "carol")
    carol.say("I forgot my password")
    asked = carol.until(lambda said: "Is this about carol@example.com?" in said)
    carol.say(number_of(asked, "Yes"))
    offered = carol.until(lambda said: "1. " in said and "3. " in said)
    assert "•••• 8002" in offered
    assert not [text for text in carol.said() if "13800138002" in text]


def test_a_transaction_again_is_not_answered_again(company: MatrixCompany) -> None:
    """A repetition, eight at once and under new numbers, changes nothing; a forged one is refused."""
    bob = Talker.opens(company.server, "bob")
    line = bob.say("What are the password rules?")
    answer = bob.until(lambda said: "8" in said)
    event = bob.user.call("GET", f"rooms/{bob.room}/event/{line}")
    threads = [
        threading.Thread(target=push, args=(company, f"again-{number % 2}", event)) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert push(company, "forged", event, token="wrong") == 401
    assert push(company, "forged", event, token="") == 401
    bob.say("thank you")
    bob.until(lambda said: said != answer)  # lines are taken in order: the repetitions are done with
    assert bob.said().count(answer) == 1


def test_a_waiting_person_is_announced_and_answered(company: MatrixCompany) -> None:
    """The support room learns that somebody waits, and no word of it; what the agent writes arrives."""
    agent = DeskAgent(company.system.site)
    agent.sign_in("mia", AGENT_PASSWORD, add_agent(company.system, "mia", AGENT_PASSWORD))
    erin = Talker.opens(company.server, "erin")
    erin.say("I want to talk to a person")
    supporter, room = company.supporter, company.support_room
    announced = str(supporter.until_heard(room, BOT, 1)[0]["body"])
    ticket = re.findall(r"https?://[^/]+(/desk/tickets/[\w-]+)", announced)[0]
    assert not any(word in announced for word in ("erin", "talk to", erin.room))
    assert agent.act(ticket, "take").status == 200
    assert agent.act(ticket, "say", text="Good day, this is Mia.", key="k1").status == 200
    erin.until(lambda said: "this is Mia" in said)
    erin.say("I am Erin and my phone is gone")
    erin.user.until(lambda: "my phone is gone" in agent.ask(ticket).body)
    supporter.say(room, "I take that one")
    assert agent.act(ticket, "say", text="We will find a way.", key="k2").status == 200
    erin.until(lambda said: "find a way" in said)
    agent.act(ticket, "give_back")
    assert len(supporter.heard(room, BOT)) == 1


def test_a_third_reads_dead_links_alone(company: MatrixCompany) -> None:
    """Who is invited to the chat finds the link that was said there before, and it opens nothing."""
    frank = Talker.opens(company.server, "frank")
    frank.say("I forgot my password")
    frank.until(lambda said: "mailbox" in said)
    frank.say("bob@example.com")
    frank.until(lambda said: "1. " in said and "3. " in said)
    frank.say("1")
    link = frank.form()
    mallory = company.server.user("mallory")
    assert status(link) == 200
    frank.user.invite(frank.room, mallory.id)
    frank.until(lambda said: "Others read along here" in said)
    mallory.join(frank.room)
    assert [content for content in mallory.heard(frank.room, BOT) if link in str(content["body"])]
    assert status(link) == 410


def status(url: str) -> int:
    """Return how the page at *url* answers."""
    try:
        with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310  loopback
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def number_of(offered: str, word: str) -> str:
    """Return the number in front of the choice that holds *word*."""
    return next(line.partition(".")[0] for line in offered.splitlines() if word in line and "." in line[:3])


def set_password(url: str, password: str) -> None:
    """Set *password* on the page at *url* as a person does in a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        page.fill("input[name=new_password]", password)
        page.fill("input[name=confirm_password]", password)
        page.click("button[type=submit]")
        page.wait_for_selector("[data-reached=completed]")
        browser.close()


def push(company: MatrixCompany, number: str, event: object, token: str = HS_TOKEN) -> int:
    """Push a transaction as the homeserver does; return the status of the answer."""
    url = f"{company.system.site}channels/matrix/_matrix/app/v1/transactions/{number}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = json.dumps({"events": [event]}).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method="PUT")  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def kept_by_rekey(folder: Path, *secrets: str) -> list[str]:
    """Return the files of rekey that hold one of *secrets*."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word.encode() in path.read_bytes() for word in secrets)]


def everything(folder: Path) -> str:
    """Return all that the homeserver keeps and logs, as one text."""
    with sqlite3.connect(folder / "synapse.db") as database:
        kept = "\n".join(database.iterdump())
    database.close()
    return kept + (folder / "synapse.log").read_text(encoding="utf-8")
