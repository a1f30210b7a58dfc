"""The table on the screen and in ``docs/performance.md``, between two marks that stay."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.figures import Results, Row
from bench.places import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- figures: written by `make bench` -->"
END = "<!-- end of figures -->"
_PARTS = {
    "chat": "The chat, beside a stock Rasa 3.6.21",
    "messenger": "The same chat through a messenger, a simulated Slack",
    "recoveries": "Whole recoveries, beside Django's password reset",
    "scale": "A million accounts and cases beside a thousand",
    "understanding": "Understanding, beside the same stock Rasa",
}


def machine() -> str:
    """Return what this was measured on."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{psutil.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {system}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.machine())


def tables(results: Results) -> str:
    """Return every part as a table in Markdown."""
    blocks = []
    for part, title in _PARTS.items():
        rows = [row for row in results.rows if row.part == part]
        if rows:
            blocks.append(f"### {title}\n\n{_table(rows)}\n")
    return "\n".join(blocks)


def _table(rows: list[Row]) -> str:
    head = "| what | rekey | peer | ratio or value | goal | |\n|---|---:|---:|---:|---:|---|"
    lines = [
        f"| {row.what} | {row.ours} | {row.peer} | {row.value:.2f} {row.unit} | {row.goal} | {row.verdict} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def write(results: Results, load: float, page: Path = PAGE) -> None:
    """Write the figures, the machine and the day between the marks of *page*."""
    text = page.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    day = datetime.now(UTC).date().isoformat()
    notes = "".join(f"\n* {note}" for note in results.notes)
    figures = (
        f"Measured on {day}: {machine()}. Load before the run: {load:.1f}.\n{notes}\n\n{tables(results)}"
    )
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n{END}{after}", encoding="utf-8")
