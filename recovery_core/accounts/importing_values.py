"""The values of an import that have a form of their own: phones, backup mailboxes and plain text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from recovery_core.accounts.address import AddressError, parse
from recovery_core.accounts.importing_problems import ProblemCode, ValueRefusedError

LONGEST_TEXT = 200
"""Characters that a name may have."""
LONGEST_NUMBER = 64
"""Characters that an employee number may have."""

_PLAIN = re.compile(r"(?=.{3,128}\Z)(?=[^@]{1,64}@)([a-z0-9]+(?:[._-][a-z0-9]+)*)@([a-z0-9.-]+)", re.ASCII)
"""Addresses whose local part needs no reading: they come out as they are."""
_SEPARATORS = re.compile(r"[\s().\-/]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""ITU-T E.164 §6.2: at most 15 digits with the country code; shorter than 7 is no subscriber."""
_CN_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


def read_text(cell: str, longest: int = LONGEST_TEXT) -> str:
    """Return *cell*; refuse control characters and more than *longest* characters."""
    if not cell.isprintable() and any(
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in cell
    ):
        raise ValueRefusedError(ProblemCode.CONTROL)
    if len(cell) > longest:
        raise ValueRefusedError(ProblemCode.TOO_LONG, near=str(longest))
    return cell


def read_number(cell: str) -> str:
    """Return the employee number *cell*; refuse as :func:`read_text` does, with its own length."""
    return read_text(cell, LONGEST_NUMBER)


def read_phone(cell: str) -> str:
    """Return the phone in E.164 form; eleven digits of a Chinese mobile get +86.

    Raises:
        ValueRefusedError: ``phone``, or ``phone_cn`` for a +86 number that cannot get a text message.

    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", cell))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if _CN_MOBILE.fullmatch(digits):
        digits = "+86" + digits
    if not _E164.fullmatch(digits):
        raise ValueRefusedError(ProblemCode.PHONE)
    if digits.startswith("+86") and not _CN_MOBILE.fullmatch(digits[3:]):
        raise ValueRefusedError(ProblemCode.PHONE_CN)
    return digits


def read_address(cell: str, code: ProblemCode) -> str:
    """Return the normalised address; refuse with *code* what is none."""
    plain = _PLAIN.fullmatch(cell)
    try:
        if plain is not None:
            return f"{plain[1]}@{_domain(plain[2])}"
        return parse(cell).text
    except AddressError:
        raise ValueRefusedError(code) from None


def read_backup(cell: str, own: str) -> str:
    """Return the normalised backup mailbox of *own*; one that is the same mailbox is of no use after a loss.

    Raises:
        ValueRefusedError: ``backup`` or ``backup_own``.

    """
    backup = read_address(cell, ProblemCode.BACKUP)
    if own and _mailbox(backup) == _mailbox(own):
        raise ValueRefusedError(ProblemCode.BACKUP_OWN)
    return backup


@lru_cache(maxsize=4096)
def _domain(text: str) -> str:
    """Return the normalised domain; a file names few, and reading one is the dearest part."""
    return parse(f"x@{text}").domain


def _mailbox(address: str) -> str:
    """Return the mailbox that gets the mail: without the detail after ``+`` (RFC 5233)."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}".casefold()
