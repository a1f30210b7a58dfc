"""A choice that is typed: only what the newest turn offered, only while the assistant answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.conversations.choosing import Vocabulary
from recovery_core.conversations.conversation import LineKind
from recovery_core.conversations.language import Language
from recovery_core.messages import Button
from tests.unit.cases.house import HERE, House

SMS, MAIL = Button.METHOD_SMS.value, Button.METHOD_MAIL.value
WORDS = Vocabulary.of({SMS: ["sms", "短信"], MAIL: ["mail"]}, [["1"], ["2"]], ["please"])


@pytest.fixture
def listening(house: House) -> House:
    """Return the house with a few words of choice."""
    house.parts = replace(house.parts, choices=WORDS)
    return house


async def offer(house: House, turn: str, *names: str) -> None:
    """Store a reply with these buttons."""
    buttons = [{"id": f"id of {name}", "name": name, "title": name} for name in names]
    async with house.work() as work:
        payload = (
            {"kind": "buttons", "text": "?", "buttons": buttons} if names else {"kind": "text", "text": "."}
        )
        await work.conversations.append(HERE, LineKind.REPLY, turn, payload, house.clock.now())
        await work.commit()


def chosen(house: House) -> str | None:
    """Return the button of the last line that was said."""
    said = [line for line in house.data.lines.values() if line.kind is LineKind.SAID]
    return said[-1].payload.get("chosen")


@pytest.mark.parametrize(("text", "button"), [("sms please", SMS), ("2", MAIL), ("hello", None), ("3", None)])
async def test_what_is_offered_can_be_typed(listening: House, text: str, button: str | None) -> None:
    """By name or by place; the words themselves are kept beside it."""
    await offer(listening, "turn", SMS, MAIL)
    await listening.hear(text)
    assert chosen(listening) == button
    assert listening.heard()[0] == text


async def test_nothing_offered_nothing_chosen(listening: House) -> None:
    """Without a list, and after a newer turn without one, a number is only a number."""
    await listening.hear("1")
    assert chosen(listening) is None
    await offer(listening, "old", SMS, MAIL)
    await offer(listening, "new")
    await listening.hear("1")
    assert chosen(listening) is None


async def test_the_last_list_of_a_turn_counts(listening: House) -> None:
    """A turn may say several things; places count in the list that stands last."""
    await offer(listening, "turn", SMS, MAIL)
    await offer(listening, "turn", MAIL, SMS)
    await offer(listening, "turn")
    await listening.hear("1")
    assert chosen(listening) == MAIL


async def test_english_words_keep_the_language(listening: House) -> None:
    """Words that Chinese people type too do not turn the talk to English; Chinese ones turn it to Chinese."""
    await offer(listening, "turn", SMS, MAIL)
    talk = listening.data.conversations[HERE]
    listening.data.conversations[HERE] = replace(talk, language=Language.ZH)
    await listening.hear("mail please")
    assert listening.data.conversations[HERE].language is Language.ZH
    listening.data.conversations[HERE] = replace(talk, language=Language.EN)
    await listening.hear("短信")
    assert listening.data.conversations[HERE].language is Language.ZH
