"""The only sources of time and chance."""

from __future__ import annotations

from datetime import UTC

import pytest

from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from recovery_core.messages import SPECS, Button, FormPurpose, Message, MessageId

ENTROPY = SystemEntropy()


def test_the_clock_is_aware_of_its_zone() -> None:
    """R20: times are aware and in UTC, and do not stand still."""
    clock = SystemClock()

    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()


@pytest.mark.parametrize("length", [1, 8, 26])
def test_drawn_characters(length: int) -> None:
    """R13: each draw has the asked length, its own alphabet, and differs from the next one."""
    base32, readable = ENTROPY.base32(length), ENTROPY.readable(length)

    assert (len(base32), len(readable), len(ENTROPY.digits(length))) == (length,) * 3
    assert set(base32) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert not set(readable) & set("01IlOo")
    assert ENTROPY.digits(length).isdecimal()
    assert ENTROPY.base32(26) != ENTROPY.base32(26)


@pytest.mark.parametrize(("bits", "characters"), [(128, 22), (192, 32), (256, 43)])
def test_tokens_have_the_asked_bits(bits: int, characters: int) -> None:
    """R6: a token has at least the bits that were asked for."""
    assert len(ENTROPY.token(bits)) == characters


def test_every_message_has_its_spec() -> None:
    """A message knows its variables, its buttons (four at most) and the form that it opens."""
    assert set(SPECS) == set(MessageId)
    assert Message(MessageId.CODE_SENT).spec.form is FormPurpose.CODE
    assert all(len(spec.buttons) <= 4 for spec in SPECS.values())
    assert {button for spec in SPECS.values() for button in spec.buttons} <= set(Button)


def test_all_three_methods_are_always_offered() -> None:
    """R2: wherever methods are offered for an address, they are the same three in the same order.

    Two messages are about no address, or follow a review: what an administrator may use (R9), and the new
    mailbox alone (R17).
    """
    methods = (Button.METHOD_SMS, Button.METHOD_MAIL, Button.METHOD_QUESTIONS)
    others = {MessageId.OFFER_SELF_PROOF, MessageId.REVIEW_EFFECTIVE}
    offering = {id_: spec.buttons for id_, spec in SPECS.items() if set(methods) & set(spec.buttons)}

    assert others <= set(offering)
    assert len(offering) == 7
    assert {buttons for id_, buttons in offering.items() if id_ not in others} == {methods}
