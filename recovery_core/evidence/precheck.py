"""The pre-check (R17): compares documents with what the person typed and with nothing that is registered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from recovery_core.accounts.address import AddressError, parse
from recovery_core.evidence.evidence import Claim, Finding
from recovery_core.evidence.uscc import UsccError, parse_uscc

MAX_FILES = 5
MAX_FILE = 10 * 1024 * 1024
"""Bytes of one file."""
MAX_COMPANY = 100
"""Characters."""
_MIN_COMPANY = 2
_LICENCE_WORDS = ("营业执照", "统一社会信用代码", "登记证书", "business license", "business licence")
_MARKS = re.compile(r"[^\w]|_")


class Item(StrEnum):
    """What the page asks for; only the failing one is asked again."""

    LICENCE = "licence"
    COMPANY = "company"
    USCC = "uscc"
    NEW_MAILBOX = "new_mailbox"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: a stable code, the item, and for files which one (from 1)."""

    code: str
    item: Item
    number: int = 0
    soft: bool = False
    """Only a hint: the person may send it as it is, and the reviewer sees the finding."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields."""

    company: str = ""
    uscc: str = ""
    new_mailbox: str = field(default="", repr=False)


def read_claim(typed: Typed, recovered: str) -> tuple[Claim, tuple[Problem, ...]]:
    """Return the claim in its compared form and what is wrong with it.

    The new mailbox must not be the *recovered* one, which nobody can read now (R6).
    """
    problems: list[Problem] = []
    company = " ".join(typed.company.split())
    if not _MIN_COMPANY <= len(company) <= MAX_COMPANY:
        code = "company_missing" if len(company) < _MIN_COMPANY else "company_too_long"
        problems.append(Problem(code, Item.COMPANY))
    uscc = typed.uscc.strip()
    try:
        uscc = parse_uscc(uscc)
    except UsccError as error:
        code = Finding.USCC_CHECK_DIGIT if error.code == "uscc_check" else error.code
        problems.append(Problem(str(code), Item.USCC))
    mailbox = typed.new_mailbox.strip()
    try:
        mailbox = parse(mailbox).text
        if mailbox == recovered:
            problems.append(Problem("mailbox_same", Item.NEW_MAILBOX))
    except AddressError:
        problems.append(Problem("mailbox_form", Item.NEW_MAILBOX))
    return Claim(company, uscc, mailbox), tuple(problems)


def compare(lines: Sequence[str], claim: Claim) -> tuple[Finding, ...]:
    """Return what the text of all documents together does not bear out."""
    text = folded("".join(lines))
    if not any(folded(word) in text for word in _LICENCE_WORDS):
        return (Finding.NOT_A_LICENCE,)
    found: list[Finding] = []
    if folded(claim.company) not in text:
        found.append(Finding.NAME_DIFFERS)
    if folded(claim.uscc) not in text:
        found.append(Finding.USCC_DIFFERS)
    return tuple(found)


ITEM_OF: dict[Finding, Item] = {
    Finding.NOT_A_LICENCE: Item.LICENCE,
    Finding.NAME_DIFFERS: Item.COMPANY,
    Finding.USCC_DIFFERS: Item.USCC,
}
"""Which item a soft finding asks for again."""


def folded(text: str) -> str:
    """Return letters and digits alone, case-folded, full-width as ASCII: how names are compared."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())
