"""``rekey understanding``: lines that were not understood, to be labelled by a person. Trains nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from recovery_core.clock import SystemClock
from rekey.store import Store, with_store

_DAYS = 30
_MOST = 500
_HEAD = """\
# Lines that rekey did not understand, masked as they are stored. Write an intent behind each `intent:` and
# drop what is nobody's business. Nothing reads this file: what you keep goes, in words of your own, into
# assistant/phrases/<language>/<intent>.txt.
"""


@click.group()
def understanding() -> None:
    """List lines that were not understood, and write chosen ones into a file for labelling."""


@understanding.command("list")
@click.option("--days", type=click.IntRange(1, 365), default=_DAYS, show_default=True)
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True)
def list_(*, days: int, limit: int) -> None:
    """List the masked lines of the last days, the most frequent first, with the number that review takes."""
    for number, (text, count) in enumerate(_lines(days, limit), 1):
        click.echo(f"{number:>4} {count:>5} x  {_on_one_line(text)}")


@understanding.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1))
@click.option("--all", "everything", is_flag=True, help="Take every line instead of chosen numbers.")
@click.option("--days", type=click.IntRange(1, 365), default=_DAYS, show_default=True)
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file; - or none: print.")
def review(*, numbers: tuple[int, ...], everything: bool, days: int, limit: int, out: Path | None) -> None:
    """Write the lines with these NUMBERS of `list` as YAML, each with an empty intent to fill in.

    A file that is there is not written over: somebody may have labelled it.
    """
    if bool(numbers) == everything:
        raise click.UsageError("Name numbers of `rekey understanding list`, or --all.")
    lines = _lines(days, limit)
    missing = [number for number in numbers if number > len(lines)]
    if missing:
        raise click.UsageError(f"There is no line {missing[0]}; list shows {len(lines)}.")
    chosen = lines if everything else [lines[number - 1] for number in dict.fromkeys(numbers)]
    _write(chosen, out)


def _write(lines: Sequence[tuple[str, int]], out: Path | None) -> None:
    if out is None or str(out) == "-":
        click.echo(_document(lines), nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(_document(lines))
    except FileExistsError:
        raise click.ClickException(f"{out} is there already; name another file.") from None
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from None
    click.echo(f"{len(lines)} lines in {out}")


def _document(lines: Sequence[tuple[str, int]]) -> str:
    """Return the YAML: a string of JSON is one of YAML too, whatever a person typed into it."""
    if not lines:
        return f"{_HEAD}lines: []\n"
    rows = (f'- text: {_quoted(text)}\n  count: {count}\n  intent: ""\n' for text, count in lines)
    return f"{_HEAD}lines:\n{''.join(rows)}"


def _quoted(text: str) -> str:
    """Return *text* in quotes; what YAML forbids in a file (DEL, C1, U+FEFF …) is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in plain)


def _lines(days: int, limit: int) -> Sequence[tuple[str, int]]:
    now = SystemClock().now()
    return with_store(lambda work: _read(work, now - timedelta(days=days), now, limit))


async def _read(work: Store, start: datetime, end: datetime, limit: int) -> Sequence[tuple[str, int]]:
    async with work.reading() as unit:
        return await unit.figures.not_understood(start, end, limit)


def _on_one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
