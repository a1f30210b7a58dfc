"""The words of an account that its password must not contain."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from enum import Enum, auto

from recovery_core.passwords.characters import fold

_SHORTEST_WORD = 3
_SHORTEST_CJK_WORD = 2
_PHONE_RUN = 6
_COUNTRY_CODE_LENGTH = 2
_REGISTRY_LABELS = frozenset({"ac", "co", "com", "edu", "gov", "mil", "net", "org"})
"""Second-level labels of a country's registry (``com.cn``, ``co.uk``): not the organisation's."""

_CJK_RANGES = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x312F),
    (0x3131, 0x318E),
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Blocks of Chinese, Japanese and Korean writing, where two characters are already a name."""


class _Kind(Enum):
    LETTER = auto()
    CJK = auto()
    DIGIT = auto()
    BORDER = auto()


def account_words(
    *,
    local_part: str = "",
    domain: str = "",
    display_name: str | None = None,
    employee_number: str | None = None,
    phones: Iterable[str] = (),
) -> frozenset[str]:
    """Return the words, folded as :func:`~recovery_core.passwords.characters.fold` folds a password.

    Whole tokens of three characters or more (two for CJK) of every part, split at punctuation, at spaces and
    where letters, digits and CJK meet; the local part and the employee number also unsplit, because ``li88``
    is account information even though neither half is long enough; every six digits that follow each other in
    a phone number.
    """
    parts = (local_part, display_name or "", employee_number or "", *_domain_labels(domain))
    words = {token for part in parts for token in _tokens(part)}
    wholes = (fold(value).strip() for value in (local_part, employee_number or ""))
    words |= {whole for whole in wholes if _long_enough(whole)}
    words |= {run for phone in phones for run in _phone_runs(phone)}
    return frozenset(words)


def _tokens(text: str) -> Iterator[str]:
    for kind, characters in itertools.groupby(fold(text), key=_kind):
        token = "".join(characters)
        if kind is not _Kind.BORDER and _long_enough(token):
            yield token


def _long_enough(token: str) -> bool:
    cjk = bool(token) and all(_kind(character) is _Kind.CJK for character in token)
    return len(token) >= (_SHORTEST_CJK_WORD if cjk else _SHORTEST_WORD)


def _kind(character: str) -> _Kind:
    if any(low <= ord(character) <= high for low, high in _CJK_RANGES):
        return _Kind.CJK
    kinds = {"L": _Kind.LETTER, "M": _Kind.LETTER, "N": _Kind.DIGIT}
    return kinds.get(unicodedata.category(character)[0], _Kind.BORDER)


def _domain_labels(domain: str) -> list[str]:
    """Return the labels that name the organisation: no top level, no registry label, no punycode."""
    labels = [_decoded(label) for label in domain.strip(".").split(".")]
    top = labels.pop() if len(labels) > 1 else ""
    if len(top) == _COUNTRY_CODE_LENGTH and len(labels) > 1 and labels[-1].casefold() in _REGISTRY_LABELS:
        labels.pop()
    return labels


def _decoded(label: str) -> str:
    if not label.casefold().startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _phone_runs(phone: str) -> Iterator[str]:
    digits = "".join(str(unicodedata.decimal(character)) for character in phone if character.isdecimal())
    for start in range(len(digits) - _PHONE_RUN + 1):
        yield digits[start : start + _PHONE_RUN]
