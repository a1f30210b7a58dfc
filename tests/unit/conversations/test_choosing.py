"""A typed choice is one only while every word of the line belongs to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.conversations.choosing import MAX_CHOICE, NO_CHOICES, Vocabulary

OFFERED = ("sms", "mail", "questions")
WORDS = Vocabulary.of(
    {
        "sms": ["SMS", "text", "短信"],
        "mail": ["mail", "link", "邮件"],
        "questions": ["questions"],
        "yes": ["yes"],
    },
    [["1", "first", "第一个"], ["2", "second", "第二个"], ["3"], ["4"]],
    ["please", "the", "one", "I don't know", "use", "yes", "用", "我"],
)


def chosen(text: str, offered: tuple[str, ...] = OFFERED) -> str | None:
    """Return what *text* chooses of *offered*."""
    meant = WORDS.meant(text)
    return None if meant is None else meant.among(offered)


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("sms", "sms"),
        ("SMS.", "sms"),
        ("ＳＭＳ", "sms"),
        ("the text, please", "sms"),
        ("我用短信", "sms"),
        ("用 sms", "sms"),
        ("yes, mail please!", "mail"),
        ("2", "mail"),
        ("②", "mail"),
        ("(3)", "questions"),
        ("the second one", "mail"),
        ("第一个", "sms"),
        ("the first one, sms", "sms"),
        ("i dont know... questions", "questions"),
    ],
)
def test_a_choice_is_understood(text: str, button: str) -> None:
    """Its name or its place, in either language, with small words around it."""
    assert chosen(text) == button


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please",
        "no sms",
        "短信收不到",
        "smsmail",
        "texting",
        "12",
        "4",
        "sms mail",
        "the first one, mail",
        "1 2",
        "yes",
    ],
)
def test_anything_else_is_a_sentence(text: str) -> None:
    """Another word, a word that goes on, two choices, a place beyond the list, small words alone."""
    assert chosen(text) is None


def test_only_what_is_offered_can_be_chosen() -> None:
    """A word of a button that is not there now chooses nothing, not even beside one that is."""
    assert chosen("sms", ("mail", "questions")) is None
    assert chosen("sms mail", ("mail", "questions")) is None
    assert chosen("yes", ("yes", "mail")) == "yes"
    assert chosen("yes", ("mail",)) is None


def test_the_longest_choice() -> None:
    """One character more makes it a sentence."""
    longest = f"text{' one' * 14}"
    assert len(longest) == MAX_CHOICE
    assert chosen(longest) == "sms"
    assert chosen(f"{longest}1") is None
    assert chosen(f"{longest} 1") is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Whatever is typed chooses one of the offered or nothing; without words it never chooses."""
    assert chosen(text) in {None, *OFFERED}
    assert NO_CHOICES.meant(text) is None
