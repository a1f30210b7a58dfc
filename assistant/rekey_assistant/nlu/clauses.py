"""Cut a message into the parts of which each may name a problem of its own."""

from __future__ import annotations

import re
import unicodedata

from rekey_assistant.nlu.normal import ADDRESS, HAN, REFERENCE

_HAN = r"[\u3400-\u9fff]"
_BORDER = re.compile(
    r"[.!?;,:，。！？；：、…\n()（）\"“”]+|\s-+\s|"
    r"\b(?:and|but|also|plus|so|because|then|while|although|besides)\b|"
    r"而且|并且|並且|同时|同時|另外|还有|還有|但是|可是|不过|不過|因为|因為|所以|然后|然後|"
    rf"(?<={_HAN})\s+(?={_HAN})|"
    r"(?<=[了着過过到])(?=[^\s，。,.]{1,5}[也又还還])",
    re.ASCII | re.IGNORECASE,
)
_END = re.compile(r"(?:[!?。！？…\n]|\.(?!(?:com|cn|net|org|example)\b))+")
STORY = 6
"""Sentences from which on a message is a story around its problem."""
_WORD = re.compile(r"[A-Za-z']+|[\u3400-\u9fff]")
_SHORTEST = 2
"""Words of a clause that can name a problem; a Han character counts as half a word. A sentence needs less."""


def parts(text: str) -> list[str]:
    """Return what *text* is made of: its sentences when it is a story, else its clauses, none if but one."""
    plain = REFERENCE.sub(" zreference ", ADDRESS.sub(" zaddress ", unicodedata.normalize("NFKC", text)))
    sentences = _cut(_END, plain, 1)
    found = sentences if len(sentences) >= STORY else _cut(_BORDER, plain, _SHORTEST)
    return found if len(found) > 1 else []


def _cut(border: re.Pattern[str], text: str, least: int) -> list[str]:
    return [part.strip() for part in border.split(text) if _length(part) >= least]


def _length(part: str) -> float:
    return sum(0.5 if HAN.match(word) else 1 for word in _WORD.findall(part))
