"""No marked secret of tickets, documents, consoles and live talks is anywhere, on either database."""

from __future__ import annotations

import asyncio
import io
import re
import secrets

from PIL import Image
from sqlalchemy import select

from recovery_core.adapters.sql.tables import METADATA
from tests.stores import work_on
from tests.whole.agent import DeskAgent, add_agent
from tests.whole.person import Answer, Person
from tests.whole.system import System
from tests.whole.test_leaks import _found, _places

AGENT_PASSWORD = "Marked-Agent-Door-51"
TYPED, SAID, NOTED = "Marked-Talk-Typed-61x", "Marked-Talk-Said-62y", "Marked-Note-Kept-63z"
FILE_NAME, CONTENT = "marked-file-name-71", b"marked-file-content-72"
SUPER, NEW_MAILBOX = "gm0001@group.example", "marked73@private.example"


def test_marked_secrets_of_people_are_nowhere(system: System) -> None:
    """R14 to R18: passwords, codes, numbers, second factors, file names and contents, in every form."""
    nothing_marked_is_left(system)


def test_marked_secrets_of_people_are_nowhere_on_postgresql(system_on_postgres: System) -> None:
    """The same on PostgreSQL."""
    nothing_marked_is_left(system_on_postgres)


def nothing_marked_is_left(system: System) -> None:
    """Ask for help, talk with an agent and send documents; then look for every marked secret."""
    asking, lost, agent = system.person(), system.person(), DeskAgent(system.site)
    name = f"mia{secrets.token_hex(3)}"
    key = add_agent(system, name, AGENT_PASSWORD)
    agent.sign_in(name, AGENT_PASSWORD, key)
    number = _requested(asking)
    marked = [AGENT_PASSWORD, key, *agent.codes, *_talked(asking, agent), *_sent_documents(lost)]
    people = [asking, lost, agent]
    hidden = {number, number.replace(" ", "")}
    leaks = {
        f"{place}: {index}"
        for place, content in [*_places(system, people), ("rows", asyncio.run(_rows(system)))]
        for index, secret in enumerate([*marked, *hidden])
        if _found(secret, content) and not (secret in hidden and place.startswith("answer to 0"))
    }
    assert leaks == set()


def _requested(person: Person) -> str:
    """Ask the administrator for help; return the number to match, which only this chat may show (R14)."""
    person.begin("en")
    person.say("I forgot my password for dave@example.com")
    person.press("method_sms")
    _ask_above(person)
    shown = [re.findall(r"\b\d{4} \d{4}\b", reply["text"] or "") for reply in person.last]
    (number,) = [found[0] for found in shown if found]
    return str(number)


def _ask_above(person: Person) -> None:
    """Lose the phone, read how the administrator helps, and have the request passed on."""
    person.say("I lost my phone")
    person.press("administrator")
    person.press("request_administrator")


def _talked(person: Person, agent: DeskAgent) -> list[str]:
    """Disclose secrets from both sides of a live talk and in a note; a right password form is offered too."""
    person.say("I want to talk to a person")
    ticket = agent.ticket()
    assert agent.act(ticket, "take").status == 200
    person.say(f"my password is {TYPED} and it does not work")
    person.say(TYPED)
    person.say("483921")
    assert agent.act(ticket, "say", key="k1", text=f"your new password is {SAID}").status == 200
    assert agent.act(ticket, "say", key="k2", text="the code was 483922").status == 200
    assert agent.act(ticket, "note", text=f"they said the password was {NOTED}").status == 200
    assert agent.act(ticket, "give_back").status == 200
    return [TYPED, SAID, NOTED, "483921", "483922"]


def _sent_documents(person: Person) -> list[str]:
    """Send a picture with words in its metadata, and prove the new mailbox."""
    person.begin("en")
    person.say(f"I forgot my password for {SUPER}")
    person.press("method_sms")
    _ask_above(person)
    url, known = person.form("evidence"), len(person.outbox())
    page = _upload(person, url)
    assert 'name="mailbox_code"' in page.body, page.codes
    code = str(person.received(NEW_MAILBOX, known)["code"])
    assert person.post_form(page, mailbox_code=code, action="confirm").status == 200
    return [FILE_NAME, CONTENT.decode(), code]


def _upload(person: Person, url: str) -> Answer:
    written = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(written, "JPEG", comment=CONTENT)
    typed = {"company": "示例集团", "uscc": "91330100MA2DEMA01A", "new_mailbox": NEW_MAILBOX, "anyway": "1"}
    return person.post_files(person.ask(url), {f"{FILE_NAME}.jpg": written.getvalue()}, **typed)


async def _rows(system: System) -> bytes:
    """Return every row of every table, as an insider with the database reads it."""
    work, found = work_on(system.database_url), []
    async with work.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            found += [repr(tuple(row)) for row in await connection.execute(select(table))]
    await work.engine.dispose()
    return "\n".join(found).encode()
