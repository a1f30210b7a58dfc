"""The Unified Social Credit Code of a Chinese organisation (GB 32100-2015): 18 characters, one a check."""

from __future__ import annotations

import re

from recovery_core.errors import RecoveryError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of the code: digits and capitals without I, O, S, V and Z (GB 32100-2015, 4.1)."""

_FORM = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}", re.ASCII)
_MODULUS = 31
_WEIGHT = 3


class UsccError(RecoveryError):
    """Raised for a text that is no company number: codes ``uscc_form`` and ``uscc_check``."""

    code = "uscc"


def check_character(first: str) -> str:
    """Return the last character of the code that begins with the 17 characters *first*.

    Weights are the powers of 3 modulo 31 (GB 32100-2015, annex A; the same scheme as GB/T 17710).
    """
    total = sum(ALPHABET.index(sign) * pow(_WEIGHT, place, _MODULUS) for place, sign in enumerate(first))
    return ALPHABET[-total % _MODULUS]


def parse_uscc(text: str) -> str:
    """Return the company number in capitals, without spaces and hyphens.

    Raises:
        UsccError: the form is wrong (``uscc_form``), or a character is mistyped (``uscc_check``).

    """
    code = re.sub(r"[\s-]", "", text).upper()
    if not _FORM.fullmatch(code):
        raise UsccError("uscc_form")
    if check_character(code[:-1]) != code[-1]:
        raise UsccError("uscc_check")
    return code
