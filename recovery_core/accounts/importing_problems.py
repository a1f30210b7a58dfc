"""What an import file can have wrong with it: stable codes with a place, never a sentence or a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

LISTED = 50
"""So many problems are kept to be shown; the rest is only counted."""


class ProblemCode(StrEnum):
    """Why a file or a row is refused; the words stand with the command line."""

    UTF16 = "utf16"
    GBK = "gbk"
    NOT_UTF8 = "not_utf8"
    NOT_CSV = "not_csv"
    DELIMITER = "delimiter"
    HEADER_MISSING = "header_missing"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    CELLS = "cells"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL = "control"
    ADDRESS = "address"
    ADDRESS_TWICE = "address_twice"
    DOMAIN = "domain"
    CHOICE = "choice"
    PHONE = "phone"
    PHONE_CN = "phone_cn"
    BACKUP = "backup"
    BACKUP_OWN = "backup_own"
    HASH_SCHEME = "hash_scheme"
    HASH_MALFORMED = "hash_malformed"
    HASH_COST = "hash_cost"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct; *near* is what the code refers to: a name, a line, choices, never a secret."""

    line: int
    """Counted from 1, the header included; a row with line breaks in its cells is where it begins."""
    column: str
    """Empty for what concerns the whole line."""
    code: ProblemCode
    given: str = ""
    near: str = ""


@dataclass(slots=True)
class Problems:
    """Collects problems: the first :data:`LISTED` to be shown, all of them counted."""

    listed: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problem: Problem) -> None:
        """Count *problem* and keep it while there is room."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(problem)

    @property
    def unlisted(self) -> int:
        """Return how many problems are only counted."""
        return self.count - len(self.listed)


class ValueRefusedError(ValueError):
    """Raised for a cell that cannot be taken; holds the code and never the value of a secret."""

    def __init__(self, code: ProblemCode, given: str = "", near: str = "") -> None:
        super().__init__(str(code))
        self.code = code
        self.given = given
        self.near = near
