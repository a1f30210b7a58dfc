"""The first line of an import file: the nine columns, each once, in any order."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from enum import StrEnum

from recovery_core.accounts.importing_problems import Problem, ProblemCode, Problems


class Column(StrEnum):
    """The columns of an import and of an export, in the order in which an export writes them."""

    ADDRESS = "address"
    NAME = "name"
    ROLE = "role"
    STATUS = "status"
    PHONE = "phone"
    BACKUP = "backup"
    EMPLOYEE_NUMBER = "employee_number"
    LANGUAGE = "language"
    HASH = "hash"


COLUMNS = tuple(Column)


def read_header(cells: Sequence[str], line: int, problems: Problems) -> tuple[str, ...]:
    """Return the column names as they stand; report each that is unknown, missing or there twice.

    A line without any known name is data: it is not repeated, because it may hold hashes and phones.
    """
    names = tuple(cell.strip().casefold() for cell in cells)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        problems.add(Problem(line, "", ProblemCode.DELIMITER))
        return names
    if not set(names) & set(COLUMNS):
        problems.add(Problem(line, "", ProblemCode.HEADER_MISSING))
        return names
    unknown = [name for name in names if name not in COLUMNS]
    missing = [column.value for column in COLUMNS if column not in names]
    for name in unknown:
        problems.add(Problem(line, name, ProblemCode.COLUMN_UNKNOWN, name, nearest(name, COLUMNS)))
    for name in missing:
        problems.add(Problem(line, name, ProblemCode.COLUMN_MISSING, name, nearest(name, unknown)))
    for name in sorted({name for name in names if name in COLUMNS and names.count(name) > 1}):
        problems.add(Problem(line, name, ProblemCode.COLUMN_TWICE, name))
    return names


def nearest(name: str, choices: Sequence[str]) -> str:
    """Return the choice most like *name*, empty if none is at all like it."""
    return next(iter(difflib.get_close_matches(name.casefold(), choices, n=1, cutoff=0.5)), "")
