"""Clean what a person typed before anything looks at it, stores it or sends it on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

MAX_TEXT = 4_000
"""The longest line that is accepted, in code points of the text as it arrived."""

MAX_REPEAT = 16
"""The longest run of one character that is kept."""

MASK = "●●●●●●"
"""What stands in the place of a hidden code or password."""

_ZWJ = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_KEYCAP = "\u20e3"
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n"))
# Default_Ignorable_Code_Point of Unicode beyond category Cf, and the blanks that are drawn as nothing.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001d159\U000e0000-\U000e0fff\ufdd0-\ufdef]",
)
_RUN = re.compile(r"(.)\1{" + str(MAX_REPEAT) + ",}", re.DOTALL)


@dataclass(frozen=True)
class Folded:
    """A text in compatibility form (NFKC by character, digits as ASCII) with the way back to the original."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that the non-empty folded part from *start* to *end* came from."""
        return self.origin[start], self.origin[end - 1] + 1


def clean(text: str) -> str:
    """Return *text* without invisible characters, outer white space and a start that looks like a command.

    Rasa trims a text before it looks for ``/``, so white space (of all of Unicode) and slashes are removed
    from the start until neither is left, after the invisible characters that could hide them. A slash is
    every character that becomes one by NFKC. A text of which nothing is left is returned as ``""``.
    """
    seen = text if _is_plain(text) else _visible(text)
    return _without_start(_RUN.sub(r"\1" * MAX_REPEAT, seen)).rstrip()


def is_blank(text: str) -> bool:
    """Tell whether nothing is left of *text* once it is cleaned."""
    return not clean(text)


@lru_cache(8192)
def is_invisible(char: str) -> bool:
    """Tell whether *char* is drawn as nothing: control, bidi mark, zero width, half a surrogate pair."""
    if char in "\n\t":
        return False
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"} or ord(char) & 0xFFFE == 0xFFFE:  # noqa: PLR2004
        return True
    return _IGNORABLE.match(char) is not None


def fold(text: str) -> Folded:
    """Return *text* in compatibility form: full-width as ASCII, all digits as 0-9, nothing invisible."""
    if _is_plain(text):
        return Folded(text, tuple(range(len(text))))
    chars: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        parts = _reading(char)
        chars += parts
        origin += [index] * len(parts)
    return Folded("".join(chars), tuple(origin))


def _is_plain(text: str) -> bool:
    """Tell whether *text* is printable ASCII: nothing hides in it, and it is its own compatibility form."""
    return text.isascii() and text.isprintable()


def _visible(text: str) -> str:
    seen = text.replace("\r\n", "\n").translate(_LINE_ENDS)
    seen = "".join(char for char in seen if char in (_ZWJ, _EMOJI_STYLE) or not is_invisible(char))
    return _without_loose_joiners(seen)


@lru_cache(8192)
def _reading(char: str) -> tuple[str, ...]:
    """Return what *char* is in compatibility form; a line is folded by several readers."""
    if is_invisible(char):
        return ()
    return tuple(str(unicodedata.decimal(part, part)) for part in unicodedata.normalize("NFKC", char))


def cover(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return *text* with :data:`MASK` in the place of each of the *spans*, which do not overlap."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + MASK + text[end:]
    return text


def _without_start(text: str) -> str:
    for index, char in enumerate(text):
        plain = unicodedata.normalize("NFKC", char).strip()
        if plain and not plain.startswith("/"):
            return text[index:]
    return ""


def _without_loose_joiners(text: str) -> str:
    """Keep joiner and emoji style where they build an emoji; elsewhere they only hide things."""
    kept: list[str] = []
    for char, after in zip(text, f"{text[1:]}\n", strict=False):
        before = kept[-1] if kept else ""
        if char == _ZWJ and not (_ends_emoji(before) and _is_pictograph(after)):
            continue
        if char == _EMOJI_STYLE and not (_is_pictograph(before) or _is_keycap(before, after)):
            continue
        kept.append(char)
    return "".join(kept)


def _is_pictograph(char: str) -> bool:
    # The range also holds the emoji that are younger than Python's Unicode tables.
    return char != "" and (unicodedata.category(char) == "So" or "\U0001f000" <= char <= "\U0001fbff")


def _ends_emoji(char: str) -> bool:
    return char == _EMOJI_STYLE or _is_pictograph(char)


def _is_keycap(before: str, after: str) -> bool:
    return after == _KEYCAP and before != "" and before in "0123456789#*"
