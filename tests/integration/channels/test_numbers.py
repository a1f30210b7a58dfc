"""Messengers whose buttons come back as numbers, and chats that rekey cannot read."""

from __future__ import annotations

import asyncio

import pytest

from portal.channels.intake import account_key
from portal.channels.port import Capabilities
from tests.integration.channels.conftest import PATIENCE, Person
from tests.integration.channels.plain import PlainChannel
from tests.portal_house import PortalHouse


@pytest.fixture
def channel() -> PlainChannel:
    """Return a messenger like DingTalk, where a tapped choice sends its number."""
    return PlainChannel(capabilities=Capabilities(max_text=2000, max_buttons=6, buttons_say_numbers=True))


async def test_a_number_is_the_press_of_that_choice(person: Person, portal: PortalHouse) -> None:
    """Choices are sent as buttons, and the number that a press or a finger writes chooses."""
    await person.say("I forgot my password")
    offered = (await person.say("bob@example.com"))[-1]
    names = [choice.name for choice in offered.buttons]
    assert names == ["method_sms", "method_mail", "method_questions"]
    assert "1. " not in offered.text
    await numbered(portal)
    chosen = await person.say("1")
    assert chosen[-1].link is not None, chosen
    assert await portal.code()


async def numbered(portal: PortalHouse) -> None:
    """Wait until the house knows that its choices were taken: a moment later than the person sees them."""
    async with asyncio.timeout(PATIENCE):
        while not await _known(portal):  # noqa: ASYNC110  there is no event for what is stored
            await asyncio.sleep(0.01)


async def _known(portal: PortalHouse) -> bool:
    parts = portal.house.parts
    async with parts.work.reading() as work:
        binding = await work.bindings.of_account(account_key(parts, "plain", "corp", "u-1"))
    return binding is not None and bool(binding.choices_seq)


async def test_a_sealed_chat_is_told_how_to_go_on(person: Person) -> None:
    """What is encrypted from end to end cannot be read, and the person learns what to do."""
    (answer,) = await person._act({"kind": "sealed"})
    assert "without encryption" in answer.text
