"""What a password is made of: classes, and characters that would not arrive as they were typed."""

from __future__ import annotations

import bisect
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class CharacterClass(StrEnum):
    """The four classes that the guide counts."""

    UPPER = "upper"
    LOWER = "lower"
    DIGIT = "digit"
    SPECIAL = "special"


class FlawReason(StrEnum):
    """Why a character cannot be part of a password."""

    CHANGES = "changes"
    """NFKC turns it into something else, so two programs may send different bytes for it."""
    CONTROL = "control"
    INVISIBLE = "invisible"
    """Nothing shows that it is there: format characters, fillers, variation selectors, unassigned ones."""
    EDGE_SPACE = "edge_space"
    """A space before the first or after the last visible character."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first character of a password that will not do, by its place (counted from 0)."""

    index: int
    character: str
    reason: FlawReason


_CLASS_OF_CATEGORY = {"Lu": CharacterClass.UPPER, "Ll": CharacterClass.LOWER, "Nd": CharacterClass.DIGIT}

_BLANK_RANGES = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)
"""Assigned characters that are printable by category and still draw nothing (UCD Default_Ignorable_Code_Point
without category Cf, and the empty Braille pattern)."""


def fold(text: str) -> str:
    """Return *text* in the form in which words are compared: NFKC, case-folded, NFKC again."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def classes(password: str) -> frozenset[CharacterClass]:
    """Return the classes that occur; what is neither Lu, Ll nor Nd but visible is special, CJK included."""
    return frozenset(
        _CLASS_OF_CATEGORY.get(unicodedata.category(character), CharacterClass.SPECIAL)
        for character in password
        if _is_visible(character)
    )


def first_flaw(password: str) -> Flaw | None:
    """Return the first character that is not stable under NFKC, control, invisible, or a space at an end."""
    found = (_first_change(password), _first_hidden(password), _first_edge_space(password))
    return min((flaw for flaw in found if flaw), key=lambda flaw: flaw.index, default=None)


def warnings(password: str) -> tuple[str, ...]:
    """Return codes of what is allowed and may still cause trouble: some mail programs send only ASCII."""
    return () if password.isascii() else ("non_ascii",)


def _is_visible(character: str) -> bool:
    code = ord(character)
    return character.isprintable() and not any(low <= code <= high for low, high in _BLANK_RANGES)


def _first_change(password: str) -> Flaw | None:
    """Find the character that completes the shortest unstable prefix (UAX #15: stability is monotone)."""
    if unicodedata.is_normalized("NFKC", password):
        return None
    index = bisect.bisect_left(
        range(len(password)),
        1,
        key=lambda last: not unicodedata.is_normalized("NFKC", password[: last + 1]),
    )
    return Flaw(index, password[index], FlawReason.CHANGES)


def _first_hidden(password: str) -> Flaw | None:
    for index, character in enumerate(password):
        if not _is_visible(character):
            control = unicodedata.category(character) == "Cc"
            return Flaw(index, character, FlawReason.CONTROL if control else FlawReason.INVISIBLE)
    return None


def _first_edge_space(password: str) -> Flaw | None:
    if password.startswith(" "):
        return Flaw(0, " ", FlawReason.EDGE_SPACE)
    if password.endswith(" "):
        return Flaw(len(password.rstrip(" ")), " ", FlawReason.EDGE_SPACE)
    return None
