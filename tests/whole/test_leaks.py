"""No marked secret is anywhere after whole recoveries: no store, log, outbox row or answer has one."""

from __future__ import annotations

import asyncio
import base64
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from tests.stores import work_on
from tests.whole.person import Person
from tests.whole.steps import choose, set_password
from tests.whole.system import System

BOB, BOB_PHONE = "bob@example.com", "+8613800138001"
POSTMASTER, POSTMASTER_PHONE = "postmaster@example.com", "+8613800138003"
POSTMASTER_BACKUP = "postmaster@backup.example"
ERIN = "erin@example.com"
TYPED = "Marked-Typed-77x"
REFUSED = "Marked-Refused bob 1"
WRONG_ANSWER = "marked-wrong-answer-3"


def test_marked_secrets_are_nowhere(system: System) -> None:
    """R16, DESIGN "secrets never enter the conversation": every form of every secret is searched for."""
    people = [system.person() for _ in range(4)]
    secrets = [*_by_code(people[0]), *_by_two_proofs(people[1]), *_by_answers(people[2], people[3])]
    people[0].outbox()
    leaks = {
        f"{place}: {index}"
        for place, content in _places(system, people)
        for index, secret in enumerate(secrets)
        if _found(secret, content)
    }
    assert leaks == set()


def _by_code(person: Person) -> list[str]:
    """Recover bob by SMS, after a password typed into the chat and a refused one."""
    person.begin("en")
    person.say(f"my password is {TYPED} and it does not work")
    known = choose(person, "en", BOB, "method_sms")
    code = person.received(BOB_PHONE, known)["code"]
    person.say(code)
    url = person.form("password")
    assert "contains_account" in set_password(person, url, REFUSED).codes
    assert "typed_in_chat" in set_password(person, url, TYPED).codes
    new = "Marked-New-Quay41"
    assert set_password(person, url, new).status == 200
    return [TYPED, REFUSED, new, code, *_tokens(person)]


def _by_two_proofs(person: Person) -> list[str]:
    """Recover the postmaster by two proofs, the code in the form and the link (R9)."""
    person.begin("zh")
    known = choose(person, "zh", POSTMASTER, "method_sms")
    code = person.received(POSTMASTER_PHONE, known)["code"]
    person.send_form(person.form("code"), code=code)
    person.say("换一种方式")
    known = len(person.outbox())
    person.press("method_mail")
    link = person.received(POSTMASTER_BACKUP, known)["link"]
    form = person.post_form(person.ask(link), action="continue")
    new = "Marked-Lock-Tower42"
    assert person.post_form(form, new_password=new, confirm_password=new).status == 200
    return [code, link.rpartition("/")[2], new, *_tokens(person)]


def _by_answers(person: Person, later: Person) -> list[str]:
    """Recover erin by her answers; on the way she leaves and comes back with reference and secret (R13)."""
    person.begin("en")
    choose(person, "en", ERIN, "method_questions")
    person.send_form(person.form("answers"), answer_1=WRONG_ANSWER, answer_2="Paris")
    person.say("where is my request")
    shown = person.send_form(person.form("resume"))
    reference = re.findall(r"RC-\w{4}-\w{4}", shown.body)[0]
    groups = re.findall(r'data-field="resume_secret">(.*?)</code>', shown.body)[0]
    secret = re.sub(r"<[^>]+>", "", groups)
    assert re.fullmatch(r"[A-Z2-7]{26}", secret)
    person.seen.remove(shown)  # the one page that shows the secret, once, to its own conversation
    assert later.begin("en", resume={"reference": reference, "secret": secret}).status == 201
    later.say("another way please")
    later.press("method_questions")
    form = later.send_form(later.form("answers"), answer_1="Rex", answer_2="Paris")
    new = "Marked-Bridge-Song43"
    assert later.post_form(form, new_password=new, confirm_password=new).status == 200
    return [WRONG_ANSWER, secret, new, *_tokens(person), *_tokens(later)]


def _tokens(person: Person) -> list[str]:
    """Return what grants something to this browser: its cookie and the tokens of its forms."""
    urls = {url for answer in person.seen for url in re.findall(r'"(/secure/[^"]+)"', answer.body)}
    return [*(str(cookie.value) for cookie in person.jar), *(url.rpartition("/")[2] for url in urls)]


def _places(system: System, people: list[Person]) -> Iterator[tuple[str, bytes]]:
    """Yield every place that may be read afterwards, with its raw bytes."""
    for path in sorted(system.folder.rglob("*")):
        if path.is_file() and "keys" not in path.parts:
            yield str(path.relative_to(system.folder)), path.read_bytes()
    yield "outbox rows", asyncio.run(_outbox(system.database_url))
    for number, person in enumerate(people):
        for answer in person.seen:
            body = re.sub(
                r'"/secure/[^"]+"', '""', answer.body
            )  # a form's URL, handed to its own conversation
            body = re.sub(r'(action|href)="/secure/[^"]+"', "", body)
            yield f"answer to {number}: {_path(answer.url)}", body.encode()


def _path(url: str) -> str:
    return Path(urllib.parse.urlsplit(url).path).parts[1] if urllib.parse.urlsplit(url).path != "/" else "/"


async def _outbox(database_url: str) -> bytes:
    work = work_on(database_url)
    async with work.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM outbox"))).all()
    await work.engine.dispose()
    return repr([tuple(row) for row in rows]).encode()


def _found(secret: str, content: bytes) -> bool:
    """Tell whether *content* holds *secret* in plain, URL-encoded, base64 or hex form."""
    raw = secret.encode()
    forms = {
        raw,
        urllib.parse.quote(secret, safe="").encode(),
        urllib.parse.quote_plus(secret).encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        *_base64_forms(raw),
    }
    if secret.isdecimal():
        # Six digits also occur inside longer numbers; a code is one that stands alone.
        return re.search(rb"(?<![0-9A-Za-z.+/=_-])" + raw + rb"(?![0-9A-Za-z+/=_-])", content) is not None
    return any(form in content for form in forms)


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """Yield the base64 texts of *raw* at each of the three offsets at which it may stand in a longer text."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        core = encoded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")


def test_the_search_finds_each_form() -> None:
    """The search itself is no check that cannot fail: every form of a planted secret is found."""
    secret = "Marked-New Quay/41"
    for planted in (
        secret,
        urllib.parse.quote(secret, safe=""),
        secret.encode().hex(),
        base64.b64encode(f"x{secret}y".encode()).decode(),
        base64.urlsafe_b64encode(f"xx{secret}yy".encode()).decode(),
    ):
        assert _found(secret, f"before {planted} after".encode())
    assert _found("832117", b"the code 832117.")
    assert not _found("832117", b"2026-03-02T09:00:00.832117+00:00")
