"""``rekey audit``: is the trail as it was written (R21)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from rekey.store import Store, with_store


@click.group()
def audit() -> None:
    """Examine the audit trail."""


@audit.command()
def verify() -> None:
    """Check every chain and the global one; exit code 1 when something is wrong.

    Prints ``intact``, or ``broken`` and one problem a line in words that do not change between versions.
    """
    problems = with_store(_problems)
    if not problems:
        click.echo("intact")
        return
    click.echo("broken")
    for problem in problems:
        click.echo(problem)
    sys.exit(1)


async def _problems(work: Store) -> Sequence[str]:
    async with work.reading() as unit:
        return await unit.audit.problems()
