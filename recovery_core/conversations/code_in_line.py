"""Find the six digits of a code in a line of the chat (R16).

A digit is any decimal digit of Unicode: NFKC makes full-width and circled digits ASCII, and the digits of
other scripts (Arabic-Indic, Devanagari ...) are read by their value, because some keyboards offer no others.
"""

from __future__ import annotations

import re
import unicodedata

from recovery_core.conversations.text import MASK, Folded, cover, fold

_DASHES_BEYOND_PD = "\u2212\u2043"  # minus sign, hyphen bullet
_WORDS = re.compile(r"code|is|验证码|是")
_ENDS = ":.,;!。、'\"`“”‘’「」『』【】()[]<>*"
_SIX = re.compile(r"[0-9]{6}")
_TOKEN = re.compile(r"[A-Za-z0-9._%+@/#&=?~-]+")
_ALONE = re.compile(r"[._?~/-]*(?:code|is|=)*((?:[0-9]{6}|[0-9]{3}-[0-9]{3}))[._?~/-]*", re.IGNORECASE)
_ABOUT_CODES = re.compile(r"code|otp|验证|驗證|校验", re.IGNORECASE)
_HALF = re.compile(r"[0-9]{3}")
_NUMBER = re.compile(r"\+[0-9-]+|[0-9-]{3,}")


def code_try(text: str) -> str | None:
    """Return the six digits if *text* is nothing but a code, else ``None``.

    That is: after NFKC and without white space, hyphens, the words code, is, 验证码, 是 and punctuation at
    the ends, exactly six digits are left. A question mark is not taken away: who asks is asked back.
    """
    folded = fold(text).text.casefold()
    kept = "".join(char for char in folded if not char.isspace() and not _is_dash(char))
    kept = _WORDS.sub("", kept).strip(_ENDS)
    return kept if _SIX.fullmatch(kept) else None


def code_candidate(text: str) -> str | None:
    """Return the first six digits that stand alone inside *text*, else ``None``.

    Digits of a phone number, a longer number, a reference, a web or mail address do not stand alone.
    """
    folded = fold(text)
    for start, end in _spans(folded):
        return re.sub(r"[^0-9]", "", folded.text[start:end])
    return None


def mask_codes(text: str) -> str:
    """Return *text* with every code in it hidden, also one that fills the line as ``8 3 2 1 1 7``."""
    folded = fold(text)
    if code_try(text) is not None:
        digits = [index for index, char in enumerate(folded.text) if char.isdecimal()]
        start, end = folded.span(digits[0], digits[-1] + 1)
        return text[:start] + MASK + text[end:]
    return cover(text, [folded.span(start, end) for start, end in _spans(folded)])


def _is_dash(char: str) -> bool:
    return unicodedata.category(char) == "Pd" or char in _DASHES_BEYOND_PD


def _spans(folded: Folded) -> list[tuple[int, int]]:
    """Return the places of codes: ``832117``, halves as ``832 117``, and ``832-117`` in a line about codes.

    Elsewhere a hyphen makes a range, mostly of prices.
    """
    tokens = list(_TOKEN.finditer(folded.text))
    found: list[tuple[int, int]] = []
    for index, token in enumerate(tokens):
        before = _neighbour(folded.text, tokens, index, -1)
        after = _neighbour(folded.text, tokens, index, 1)
        alone = _ALONE.fullmatch(token.group())
        range_of = alone and "-" in alone.group(1) and not _ABOUT_CODES.search(folded.text)
        if alone and not range_of and not _is_number(before) and not _is_number(after):
            found.append((token.start() + alone.start(1), token.start() + alone.end(1)))
        elif _HALF.fullmatch(token.group()) and _HALF.fullmatch(after.rstrip(".?")):
            beyond = _neighbour(folded.text, tokens, index + 1, 1)
            if not before[-1:].isdecimal() and not beyond[:1].isdecimal():
                found.append((token.start(), tokens[index + 1].start() + 3))
    return found


def _neighbour(text: str, tokens: list[re.Match[str]], index: int, step: int) -> str:
    """Return the token one space away, or ``""``: only a single space can join the parts of a number."""
    other = index + step
    if not 0 <= other < len(tokens):
        return ""
    left, right = sorted((index, other))
    gap = text[tokens[left].end() : tokens[right].start()]
    return tokens[other].group() if gap == " " else ""


def _is_number(token: str) -> bool:
    """Tell whether *token* would make a longer number out of the six digits beside it."""
    return _NUMBER.fullmatch(token) is not None and _SIX.fullmatch(token) is None
