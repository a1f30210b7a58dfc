"""The rows of an import file: every cell is checked, every problem is reported, good rows come out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from recovery_core.accounts import importing_values as values
from recovery_core.accounts.account import Role, Status
from recovery_core.accounts.importing_header import Column, nearest, read_header
from recovery_core.accounts.importing_problems import Problem, ProblemCode, Problems, ValueRefusedError
from recovery_core.accounts.importing_text import FileRefusedError

LANGUAGES = ("zh", "en")

_ROLES = tuple(role.value for role in Role)
_STATUSES = tuple(status.value for status in Status)
_HASH_CODES = {
    "unknown_scheme": ProblemCode.HASH_SCHEME,
    "prefix_mismatch": ProblemCode.HASH_SCHEME,
    "malformed_hash": ProblemCode.HASH_MALFORMED,
    "cost_out_of_range": ProblemCode.HASH_COST,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One account as the file wants it; an empty cell is None."""

    line: int
    address: str
    name: str
    role: Role
    status: Status
    phone: str | None = field(repr=False)
    backup: str | None = field(repr=False)
    employee_number: str | None
    language: str
    hash: str | None = field(repr=False)
    """Without the scheme that Dovecot writes in front."""


@dataclass(slots=True)
class RowReader:
    """Reads rows one after another and remembers what must not come twice."""

    domains: frozenset[str]
    """The domains that exist; accounts of others are refused."""
    read_hash: Callable[[str], str]
    """Returns the bare hash; raises ValueError with a code for a scheme that nobody can compare."""
    problems: Problems = field(default_factory=Problems)
    lines: dict[str, int] = field(default_factory=dict)
    """Where each address was first."""

    def rows(self, lines: Iterable[str]) -> Iterator[Row]:
        """Yield the good rows of the file; all others are in :attr:`problems`.

        Raises:
            FileRefusedError: the text is not CSV or is empty; nothing after it could be read.

        """
        records = _records(lines)
        line, cells = next(records, (1, []))
        if not cells:
            raise FileRefusedError(Problem(1, "", ProblemCode.HEADER_MISSING))
        names = read_header(cells, line, self.problems)
        if self.problems.count:
            return
        for line, cells in records:
            if len(cells) != len(names):
                problem = Problem(line, "", ProblemCode.CELLS, str(len(cells)), str(len(names)))
                self.problems.add(problem)
                continue
            row = self._row(line, dict(zip(names, (cell.strip() for cell in cells), strict=True)))
            if row is not None:
                yield row

    def _row(self, line: int, cells: dict[str, str]) -> Row | None:
        before = self.problems.count
        read = _Cells(line, cells, self.problems)
        address = read.value(Column.ADDRESS, self._address, needed=True) or ""
        own = address.casefold()
        row = Row(
            line=line,
            address=address,
            name=read.value(Column.NAME, values.read_text, needed=True) or "",
            role=Role(read.choice(Column.ROLE, _ROLES)),
            status=Status(read.choice(Column.STATUS, _STATUSES)),
            phone=read.value(Column.PHONE, values.read_phone),
            backup=read.value(Column.BACKUP, lambda cell: values.read_backup(cell, own)),
            employee_number=read.value(Column.EMPLOYEE_NUMBER, values.read_number),
            language=read.choice(Column.LANGUAGE, LANGUAGES),
            hash=read.value(Column.HASH, self._hash),
        )
        if address and self.lines.setdefault(address, line) != line:
            near = str(self.lines[address])
            self.problems.add(Problem(line, Column.ADDRESS, ProblemCode.ADDRESS_TWICE, near=near))
        return row if self.problems.count == before else None

    def _address(self, cell: str) -> str:
        address = values.read_address(cell, ProblemCode.ADDRESS)
        domain = address.rpartition("@")[2]
        if domain not in self.domains:
            raise ValueRefusedError(ProblemCode.DOMAIN, domain, nearest(domain, sorted(self.domains)))
        return address

    def _hash(self, cell: str) -> str:
        try:
            return self.read_hash(cell)
        except ValueError as error:
            raise ValueRefusedError(_HASH_CODES.get(str(error), ProblemCode.HASH_SCHEME)) from None


@dataclass(slots=True)
class _Cells:
    """The cells of one line, read one by one into values; a refusal is a problem of that cell."""

    line: int
    cells: dict[str, str] = field(repr=False)
    problems: Problems

    def value(self, column: Column, read: Callable[[str], str], *, needed: bool = False) -> str | None:
        """Return the cell as *read* makes it, None if it is empty or refused."""
        cell = self.cells[column]
        if not cell:
            if needed:
                self.problems.add(Problem(self.line, column, ProblemCode.EMPTY))
            return None
        try:
            return read(cell)
        except ValueRefusedError as refused:
            self.problems.add(Problem(self.line, column, refused.code, refused.given, refused.near))
            return None

    def choice(self, column: Column, known: Sequence[str]) -> str:
        """Return the cell if it is one of the *known*; the first one stands in for a refused cell."""
        cell = self.cells[column].casefold()
        if cell in known:
            return cell
        code = ProblemCode.CHOICE if cell else ProblemCode.EMPTY
        self.problems.add(Problem(self.line, column, code, cell[:40], ", ".join(known)))
        return known[0]


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that has text in it with the number of its first line."""
    reader = csv.reader(lines, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error:
        raise FileRefusedError(Problem(start, "", ProblemCode.NOT_CSV)) from None


def shared_phones(rows: Iterable[Row]) -> dict[str, int]:
    """Return the phones that several rows name, with how many: allowed, and worth a look."""
    counted = Counter(row.phone for row in rows if row.phone)
    return {phone: count for phone, count in counted.items() if count > 1}
