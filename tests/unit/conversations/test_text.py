"""What clean lets through, and that no start of a line can become a command of Rasa."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.conversations.text import (
    MASK,
    MAX_REPEAT,
    MAX_TEXT,
    clean,
    cover,
    fold,
    is_blank,
    is_invisible,
)

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=80)
HOSTILE_TEXT = st.text(
    alphabet="/／ \u3000\t\n\r\u00a0\u200b\u200d\ufe0f\u20e3\u202e\ufeff\u2800\u0338\ud800a1👩👍", max_size=24
)


@pytest.mark.parametrize(
    "start",
    [
        "/",
        "//",
        " /",
        "\u3000/",
        "\u00a0/",
        "\u200b/",
        "／",
        "\u3000／ / ",
        "\ufeff/",
        "\u202e/",
        "\x00/",
        "\r\n/",
        "\u2028/",
        "\u2800/",
        "\u3164/",
        "\u180e/",
        "\ufe0f/",
        "\U000e0001/",
        "\ud800/",
        "/\u200b/\u3000/",
        "\x85/",
        "\u200d/",
    ],
)
def test_a_command_becomes_a_plain_word(start: str) -> None:
    """Nothing that white space or invisible characters hide in front of a slash reaches Rasa as a command."""
    assert clean(f"{start}restart") == "restart"


def test_a_slash_inside_stays() -> None:
    """Only the start of a line can be a command, so a slash elsewhere is kept."""
    assert clean("and/or\n/x") == "and/or\n/x"


def test_other_slashes_are_not_commands() -> None:
    """Division and fraction slash do not become ``/`` by NFKC and are left alone."""
    assert clean("∕a") == "∕a"
    assert clean("⁄a") == "⁄a"


@pytest.mark.parametrize(
    "text", ["", " ", "///", "\u200b", " / \u3000／", "\ufeff\n", "\ud83d", "\ufdd0", "\U0001ffff"]
)
def test_what_becomes_empty_is_blank(text: str) -> None:
    """A text of which nothing is left is empty and blank."""
    assert clean(text) == ""
    assert is_blank(text)


def test_a_word_is_not_blank() -> None:
    """One visible character is enough."""
    assert not is_blank(" ? ")


@pytest.mark.parametrize(
    "text", ["👍", "❤️", "👨\u200d👩\u200d👧", "👍🏽", "1️⃣ ok", "🇨🇳", "🫨", "👩🏽\u200d💻", "👁️\u200d🗨️"]
)
def test_emoji_survive(text: str) -> None:
    """Joiners, styles and skin tones that build an emoji are kept."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\u200db", "ab"),
        ("👍\u200d", "👍"),
        ("\u200d👍", "👍"),
        ("a\ufe0f", "a"),
        ("1\ufe0f2", "12"),
        ("👩\u200d\u200d💻", "👩\u200d💻"),
        ("a\u20e3", "a\u20e3"),
        ("\ufe0f\u20e3", "\u20e3"),
        ("x\ufe0f\u20e3", "x\u20e3"),
        ("12\u200b3456", "123456"),
        ("a\u202eb\u2066c", "abc"),
        ("a\x00\x1bb", "ab"),
    ],
)
def test_loose_joiners_and_controls_go(text: str, kept: str) -> None:
    """Where they build nothing, invisible characters only hide things and are removed."""
    assert clean(text) == kept


def test_line_ends_become_newlines_and_tabs_stay() -> None:
    """Every kind of line end is one newline; a tab inside a line stays."""
    assert clean("a\r\nb\rc\u2028d\x85e\tf") == "a\nb\nc\nd\ne\tf"


def test_absurd_repeats_are_cut() -> None:
    """A run of the longest allowed length stays; one more is cut back to it."""
    assert clean("a" * MAX_REPEAT) == "a" * MAX_REPEAT
    assert clean("a" * (MAX_REPEAT + 1)) == "a" * MAX_REPEAT
    assert clean("a" + "\n" * 4000 + "b") == "a" + "\n" * MAX_REPEAT + "b"


def test_the_longest_line_is_four_thousand() -> None:
    """DESIGN §6: the chat takes 4,000 characters; clean itself cuts nothing off."""
    assert MAX_TEXT == 4000
    assert len(clean("ab" * MAX_TEXT)) == 2 * MAX_TEXT


@given(ANY_TEXT | HOSTILE_TEXT)
def test_clean_never_raises_and_is_idempotent(text: str) -> None:
    """Any text can be cleaned, cleaning twice changes nothing more, and the result can be sent as UTF-8."""
    once = clean(text)
    assert clean(once) == once
    assert once == once.strip()
    once.encode()


@given(ANY_TEXT | HOSTILE_TEXT)
def test_nothing_clean_is_ever_a_command(text: str) -> None:
    """However the next reader trims and normalises, a cleaned text does not start with a slash."""
    cleaned = clean(text)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert not unicodedata.normalize(form, cleaned.strip()).startswith("/")
        assert not unicodedata.normalize(form, cleaned).strip().startswith("/")


@given(ANY_TEXT)
def test_folding_leads_back_to_the_original(text: str) -> None:
    """Each folded character knows the character it came from."""
    folded = fold(text)
    assert len(folded.text) == len(folded.origin)
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert fold(text[start:end]).text.count(folded.text[index])


def test_folding_reads_full_width_and_foreign_digits() -> None:
    """Full-width letters, circled and Arabic-Indic digits become ASCII; invisible characters vanish."""
    assert fold("Ａ①٣\u200bb").text == "A13b"


def test_covering_replaces_every_span() -> None:
    """Spans are replaced wherever they stand, in any order."""
    assert cover("a12b34", [(1, 3), (4, 6)]) == f"a{MASK}b{MASK}"
    assert cover("ab", []) == "ab"


def test_tab_and_newline_are_visible() -> None:
    """Tab and newline are controls that people mean."""
    assert not is_invisible("\t")
    assert not is_invisible("\n")
    assert is_invisible("\u200f")
