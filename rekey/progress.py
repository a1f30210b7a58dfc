"""Say on a terminal what is being done and how long it took."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console

from rekey.doctor import Finding


class Progress:
    """Prints one line for each step, with its seconds; on a terminal a spinner turns meanwhile."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Show that *words* is being done; say so when it is done, or that it was not."""
        begun = time.perf_counter()
        try:
            with self.console.status(f"{words} …"):
                yield
        except BaseException:
            self.console.print(f"[red]✗[/] {words}")
            raise
        self.console.print(f"[green]✓[/] {words} [dim]({time.perf_counter() - begun:.1f} s)[/]")

    def show(self, finding: Finding) -> None:
        """Show one of the doctor's findings, with its fix below where there is one."""
        mark = "[green]✓[/]" if finding.is_good else "[red]✗[/]" if finding.needed else "[yellow]–[/]"
        self.console.print(f"{mark} [bold]{finding.name}[/]: ", end="")
        self.console.print(finding.words, markup=False)
        if finding.fix:
            self.console.print(f"    → {finding.fix}", markup=False)

    def say(self, *lines: str) -> None:
        """Print *lines* as they are."""
        for line in lines:
            self.console.print(line, markup=False)
