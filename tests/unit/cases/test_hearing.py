"""One line of the person, before anything else sees it (R16)."""

from __future__ import annotations

import pytest

from recovery_core.cases import hearing, opening
from recovery_core.cases.completing import PasswordRefusedError
from recovery_core.cases.flow import State
from recovery_core.cases.hearing import HIDDEN, EmptyTextError
from recovery_core.conversations.language import Language
from recovery_core.messages import Button
from recovery_core.passwords.rules import RuleCode
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, NOBODY, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, TICK, House

S, M = Method.SMS, Method.MAIL
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "spelled",
    [
        "{code}",
        "{a} {b}",
        "{a}-{b}",
        "code: {code}",
        "验证码是{code}",
        "code is {code}",
    ],
)
async def test_a_line_that_is_only_the_code_is_tried(house: House, spelled: str) -> None:
    """R16: however the code is spelled, the line is hidden and the case proven."""
    await house.challenged(S)
    code = house.code()
    text = spelled.format(code=code, a=code[:3], b=code[3:])
    await house.hear(text)

    assert house.heard() == (HIDDEN, "gateway_code_right")
    assert house.state() is State.PROVEN
    assert code not in repr(house.data.lines)


async def test_full_width_digits_are_the_code_too(house: House) -> None:
    """R16: what a Chinese keyboard types is read as the same digits."""
    await house.challenged(S)
    await house.hear(house.code().translate(WIDE))

    assert house.heard() == (HIDDEN, "gateway_code_right")


async def test_wrong_dead_and_late_codes_are_told_apart(house: House) -> None:
    """R4, R16: wrong, the last wrong one, and none pending any more; later: expired."""
    await house.challenged(S)
    events = []
    for _ in range(6):
        await house.hear(house.wrong_code())
        events.append(house.heard()[1])
    assert events == ["gateway_code_wrong"] * 4 + ["gateway_code_dead", "gateway_no_code_pending"]

    house.clock.move(MINUTE)
    await house.ask(S)
    house.clock.move(5 * MINUTE)
    await house.hear(house.code())
    assert house.heard() == (HIDDEN, "gateway_code_expired")


@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_digits_in_a_sentence_are_asked_about(house: House, address: str) -> None:
    """R16: six digits inside a longer text are hidden and asked about, and no try is spent."""
    await house.challenged(S, address)
    await house.hear("I got 832117 just now, is that it")

    text, event = house.heard()
    assert event == "gateway_code_question"
    assert text is not None
    assert "832117" not in text
    assert text.startswith("I got ")
    assert house.challenge().tries_left == 5


async def test_digits_without_a_pending_code_are_hidden(house: House) -> None:
    """R16: with nothing pending a code is hidden and said so, in a line of its own or inside another."""
    await house.hear("832117")
    assert house.heard() == (HIDDEN, "gateway_no_code_pending")
    await house.hear("they sent me 832117 yesterday")
    assert house.heard()[1] is None
    assert "832117" not in repr(house.data.lines)
    notices = [line.payload for line in house.data.lines.values() if "key" in line.payload]
    assert notices == [{"kind": "notice", "key": "gateway.code_masked"}]


async def test_no_try_is_spent_on_a_code_of_another_method(house: House) -> None:
    """R16: while a link is pending, six digits are no try."""
    await house.challenged(M)
    await house.hear("832117")

    assert house.heard()[1] == "gateway_no_code_pending"
    assert house.challenge().tries_left == 5


@pytest.mark.parametrize(
    ("text", "secret", "event"),
    [
        ("Tulip#4417q", "Tulip#4417q", "gateway_secret_masked"),
        ("my password is Tulip#4417q", "Tulip#4417q", None),
        ("密码是Tulip#4417q", "Tulip#4417q", None),
    ],
)
async def test_a_password_is_hidden_and_refused(
    house: House, text: str, secret: str, event: str | None
) -> None:
    """R16: what looks like a password is hidden, and refused as the new password of the case."""
    await house.challenged(S)
    await house.hear(text)

    assert house.heard()[1] == event
    assert secret not in repr(house.data.snapshot())
    await house.try_code(house.code())
    with pytest.raises(PasswordRefusedError) as refused:
        await house.set(secret)
    assert [violation.code for violation in refused.value.violations] == [RuleCode.TYPED_IN_CHAT]


async def test_a_hidden_password_is_said_at_once(house: House) -> None:
    """R16: the notice stands right after the line that was altered."""
    await house.hear("my password is Tulip#4417q")
    said, notice = house.data.lines.values()

    assert notice.payload == {"kind": "notice", "key": "gateway.masked"}
    assert notice.message_id == said.message_id


async def test_another_persons_hidden_password_is_free(house: House) -> None:
    """R16: what one conversation typed is refused in its own case only."""
    house.talk("there")
    await house.hear("my password is Tulip#4417q", "there")
    await house.proven()

    assert (await house.set("Tulip#4417q")).state is State.COMPLETED


@pytest.mark.parametrize("text", ["", "   ", "\u3000\u200b", "/", " // "])
async def test_an_empty_line_is_refused(house: House, text: str) -> None:
    """A line of which nothing is left is refused and not stored."""
    with pytest.raises(EmptyTextError):
        await house.hear(text)
    assert house.data.lines == {}


async def test_commands_of_the_assistant_are_only_words(house: House) -> None:
    """Leading slashes and spaces are removed, so that nobody sends the assistant a command."""
    await house.hear("\u3000//restart")

    assert house.heard()[0] == "restart"


async def test_a_line_is_stored_once(house: House) -> None:
    """R4: the same message twice spends one try and stores one line."""
    await house.challenged(S)
    assert await house.hear(house.wrong_code(), message_id="same") is Language.EN
    assert await house.hear(house.wrong_code(), message_id="same") is None

    assert house.challenge().tries_left == 4
    assert len(house.data.lines) == 1


async def test_a_line_stored_before_spends_no_try(house: House) -> None:
    """R4: when the same message is stored already, whatever it said, this one's try is rolled back."""
    await house.challenged(S)
    await house.hear("hello", message_id="same")

    assert await house.hear(house.wrong_code(), message_id="same") is None
    assert house.challenge().tries_left == 5


async def test_the_language_follows_the_person(house: House) -> None:
    """The language of a line is remembered with the time and the client."""
    assert await house.hear("我忘记密码了") is Language.ZH
    talk = house.data.conversations[HERE]
    assert (talk.language, talk.last_seen_at) == (Language.ZH, house.clock.now())
    assert await house.hear(ALICE.address) is Language.ZH


async def test_rights_end_before_the_word_is_heard(house: House) -> None:
    """R13: after 15 minutes of silence the next word finds no grant; one moment earlier it does."""
    await house.proven()
    house.clock.move(15 * MINUTE - TICK)
    await house.hear("hello")
    assert house.state() is State.PROVEN

    house.clock.move(TICK)
    await house.hear("hello")
    assert house.state() is State.CHALLENGED


async def test_a_button_counts_only_where_it_was_offered(house: House) -> None:
    """A button's opaque id means something in its own conversation only, and ends idle rights like a word."""
    house.talk("there")
    async with house.work() as work:
        await work.conversations.add_buttons(HERE, {"b1": Button.RESEND}, house.clock.now())
        await work.commit()
    await house.proven(POSTMASTER.address)
    house.clock.move(15 * MINUTE)
    here, there = house.data.conversations[HERE], house.data.conversations["there"]

    for talk, button in ((there, "b1"), (here, "none")):
        with pytest.raises(hearing.UnknownButtonError):
            await hearing.press_button(house.parts, talk, "p1", button, "c")
    said = await hearing.press_button(house.parts, here, "p1", "b1", "c")
    assert said is not None
    assert (said.line.message_id, said.next) == ("p1", True)
    assert await hearing.press_button(house.parts, here, "p1", "b1", "c") is None
    assert house.case().proofs == ()
    assert house.data.lines[1].payload == {"text": None, "button": "resend", "client": "p1"}
    assert house.data.conversations[HERE].last_seen_at == house.clock.now()


async def test_typed_secrets_end_with_the_case(house: House) -> None:
    """R16: the hash of a typed secret is dropped when the case ends."""
    await house.identify()
    await house.hear("my password is Tulip#4417q")
    assert house.data.typed != {}
    await opening.cancel(house.parts, HERE)

    assert house.data.typed == {}
