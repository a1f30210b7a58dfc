"""Codes typed into the chat: which lines count, which cost a try, and that exactly one can win (R4, R16)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.hearing import HIDDEN
from tests.fakes import FakeClock
from tests.portal_house import Chat, PortalHouse

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture
async def waiting(chat: Chat) -> Chat:
    """Return a chat that waits for the code of alice@example.com."""
    await chat.say("I forgot the password of alice@example.com")
    await chat.press("method_sms")
    return chat


def ids(chat: Chat) -> list[str]:
    """Return what was said, by the names of the last replies' forms and buttons."""
    forms = [reply["form"]["purpose"] for reply in chat.last if reply["form"]]
    return forms + [b["name"] for reply in chat.last for b in reply["buttons"] or ()]


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    "form",
    [
        "{code}",
        "  {code} ",
        "{a} {b}",
        "{a}-{b}",
        "code is {code}",
        "CODE: {code}",
        "验证码是{code}",
        "{code}.",
        "{wide}",
        "\u200b{code}\u200b",
    ],
)
async def test_lines_that_are_a_code(waiting: Chat, form: str) -> None:
    """R16: spaces, hyphens, full width and the words code, is, 验证码, 是 do not matter."""
    code = await waiting.portal.code()
    line = form.format(code=code, a=code[:3], b=code[3:], wide=code.translate(FULL_WIDTH))

    await waiting.say(line)

    assert ids(waiting) == ["password"]


async def test_a_code_is_kept_nowhere(waiting: Chat) -> None:
    """R16: the line is stored masked, and neither the assistant nor the store ever holds the digits."""
    code = await waiting.portal.code()
    await waiting.say(code)

    async with waiting.events() as events:
        said = [(await events.next("said"))[2] for _ in range(3)]
    assert said[-1]["text"] == HIDDEN
    assert not any(code in turn.text for turn in waiting.portal.assistant.turns)
    files = [path.read_bytes() for path in waiting.portal.folder.rglob("*.db*")]
    assert not any(code.encode() in content for content in files)


async def test_six_digits_in_a_sentence_are_asked_about(waiting: Chat) -> None:
    """R16: a code inside a longer text costs no try; a yes tries it."""
    code = await waiting.portal.code()
    await waiting.say(f"my phone shows {code} now, what do I do with it")
    assert ids(waiting) == ["yes", "no"]

    await waiting.press("yes")
    assert ids(waiting) == ["password"]


async def test_a_no_tries_nothing(waiting: Chat) -> None:
    """R16: after a no all five tries are left, and a later yes tries nothing."""
    code = await waiting.portal.code()
    await waiting.say(f"the invoice {wrong(code)} is what I was asked for")
    await waiting.press("no")
    await waiting.say("yes")
    assert ids(waiting) == ["code", "code_missing"]

    await waiting.say(wrong(code))
    assert "4" in waiting.last[0]["text"]


async def test_digits_without_a_pending_code_are_masked(chat: Chat) -> None:
    """R16: six digits that nobody waits for are hidden, and the person is told so."""
    await chat.say("123456")

    assert ids(chat) == []
    async with chat.events() as events:
        assert (await events.next("said"))[2]["text"] == HIDDEN


async def test_the_fifth_wrong_try_is_the_last(waiting: Chat) -> None:
    """R4: four wrong tries leave the code alive, the fifth kills it, and then even the right one is late."""
    code = await waiting.portal.code()
    for left in (4, 3, 2, 1):
        await waiting.say(wrong(code))
        assert ids(waiting) == ["code"]
        assert str(left) in waiting.last[0]["text"]

    await waiting.say(wrong(code))
    assert ids(waiting) == ["resend", "another_method"]
    await waiting.say(code)
    assert "password" not in ids(waiting)


async def test_the_right_code_wins_on_the_fifth_try(waiting: Chat) -> None:
    """R4: after four wrong tries the right code still counts."""
    code = await waiting.portal.code()
    for _ in range(4):
        await waiting.say(wrong(code))

    await waiting.say(code)
    assert ids(waiting) == ["password"]


@pytest.mark.parametrize(("after", "right"), [(299, True), (300, False), (301, False)])
async def test_a_code_lives_five_minutes(
    waiting: Chat,
    clock: FakeClock,
    after: int,
    right: bool,  # noqa: FBT001
) -> None:
    """R4, R20: a code counts until the last moment before its end and not at its end."""
    code = await waiting.portal.code()
    clock.move(timedelta(seconds=after))

    await waiting.say(code)

    assert ids(waiting) == (["password"] if right else ["resend", "another_method"])


@pytest.mark.parametrize(("after", "sent"), [(59, False), (60, True)])
async def test_sending_again(
    waiting: Chat,
    clock: FakeClock,
    after: int,
    sent: bool,  # noqa: FBT001
) -> None:
    """R4: a code can be sent again after 60 s; then the older one is dead and the newer one counts."""
    old = await waiting.portal.code()
    clock.move(timedelta(seconds=after))
    await waiting.say("no code arrived")
    if not sent:
        assert ids(waiting) == ["another_method"]
        return
    await waiting.press("resend")
    assert ids(waiting) == ["code", "code_missing"]
    new = await waiting.portal.code()
    assert new != old

    await waiting.say(old)
    assert ids(waiting) == ["code"]
    await waiting.say(new)
    assert ids(waiting) == ["password"]


async def test_a_code_of_another_case(portal: PortalHouse) -> None:
    """R4: a code counts in the conversation that asked for it and nowhere else."""
    one, other = await portal.chat(), await portal.chat()
    codes = []
    for chat, address in ((one, "alice@example.com"), (other, "bob@example.com")):
        await chat.say(f"I forgot the password of {address}")
        await chat.press("method_sms")
        codes.append(await portal.code())

    await other.say(codes[0])
    assert "password" not in ids(other)
    await one.say(codes[0])
    assert ids(one) == ["password"]


async def test_one_of_twenty_parallel_codes_wins(waiting: Chat, clock: FakeClock) -> None:
    """R4: of twenty right codes sent at once exactly one proves: one grant and one proof are written."""
    code = await waiting.portal.code()
    clock.move(timedelta(seconds=10))  # the limit of messages lets twenty through in ten seconds
    tries = [waiting.post({"text": code}, key=f"try-{n}") for n in range(20)]

    answers = await asyncio.gather(*tries)

    assert {answer.status for answer in answers} == {200}
    counts = await events_of(waiting.portal)
    assert (counts["person:proof:given"], counts["core:grant:given"]) == (1, 1)
    forms = [r["form"] for a in answers for r in (await a.json())["replies"] if r["form"]]
    assert {form["purpose"] for form in forms} == {"password"}


async def events_of(portal: PortalHouse) -> dict[str, int]:
    """Return how often each event stands in the audit trail."""
    work = portal.house.parts.work
    assert isinstance(work, SqlWork)
    async with work.engine.connect() as connection:
        rows = await connection.execute(text("SELECT name, count(*) FROM audit_events GROUP BY name"))
        return {str(name): int(count) for name, count in rows}


async def test_a_password_in_the_chat_is_masked_and_refused_later(waiting: Chat) -> None:
    """R16: what looks like a password is hidden from everyone and cannot become the new password."""
    secret = "Quite-New-Secret7"
    await waiting.say(f"my password is {secret}")

    assert waiting.last[0]["kind"] == "notice"
    assert not any(secret in turn.text for turn in waiting.portal.assistant.turns)
    await waiting.say(await waiting.portal.code())
    url = waiting.form("password")
    page = await (await waiting.http.get(url)).text()
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": token, "new_password": secret, "confirm_password": secret}
    async with waiting.http.post(url, data=fields, allow_redirects=False) as response:
        assert (response.status, 'data-code="typed_in_chat"' in await response.text()) == (422, True)
