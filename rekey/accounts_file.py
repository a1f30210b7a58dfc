"""Reads and writes accounts files for the command line, with a progress bar on a terminal."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from recovery_core.accounts.account import Account, ContactKind
from recovery_core.accounts.importing_header import COLUMNS
from recovery_core.accounts.importing_problems import Problems
from recovery_core.accounts.importing_rows import Row, RowReader
from recovery_core.accounts.importing_text import FileRefusedError, text_lines

Advance = Callable[[int], None]
"""Says that so much more is done."""


@contextmanager
def progress_bar(words: str, total: int) -> Iterator[Advance]:
    """Show a bar for *total* steps on a terminal's standard error; elsewhere show nothing."""
    console = Console(stderr=True)
    columns: tuple[ProgressColumn, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(words, total=total)
        yield lambda steps: progress.advance(task, steps)


def read_accounts(
    path: Path, domains: Iterable[str], read_hash: Callable[[str], str]
) -> tuple[list[Row], Problems]:
    """Return the good rows of the file and all its problems."""
    reader = RowReader(frozenset(domains), read_hash)
    rows: list[Row] = []
    with path.open("rb") as file, progress_bar("Reading", path.stat().st_size) as advance:
        try:
            rows.extend(reader.rows(text_lines(_counted(file, advance))))
        except FileRefusedError as refused:
            reader.problems.add(refused.problem)
    return rows, reader.problems


def _counted(file: BinaryIO, advance: Advance) -> Iterator[bytes]:
    for line in file:
        advance(len(line))
        yield line


@contextmanager
def writing(path: Path | None) -> Iterator[TextIO]:
    """Open *path*, or standard output, for CSV in UTF-8; a new file can be read by its owner alone."""
    if path is None:
        with click.open_file("-", "w", encoding="utf-8") as file:
            yield cast("TextIO", file)
        return
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file


class AccountsFile:
    """Writes accounts so that an import of them changes nothing."""

    def __init__(self, file: TextIO) -> None:
        """Write the header."""
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def write(self, account: Account, password_hash: str | None) -> None:
        """Write one line; without a hash the cell is empty."""
        phone, backup = account.contact(ContactKind.PHONE), account.contact(ContactKind.MAIL)
        self._writer.writerow(
            (
                account.address,
                account.display_name,
                account.role,
                account.status,
                phone.value if phone is not None else "",
                backup.value if backup is not None else "",
                account.employee_number or "",
                account.language,
                password_hash or "",
            )
        )
