"""Plots as SVG files of their own: no script, no style from elsewhere, readable without colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape

from portal.desk.times import Words, span

EDGES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30, 60, 240, 1440))
"""Upper ends of the bars; the last bar holds everything longer."""
_WIDTH, _ROW, _LEFT, _BAR = 460, 24, 120, 280


def histogram(lengths: Sequence[timedelta], t: Words) -> str:
    """Return how often something took how long."""
    counts = [0] * (len(EDGES) + 1)
    for length in lengths:
        counts[next((i for i, edge in enumerate(EDGES) if length <= edge), len(EDGES))] += 1
    names = [t("desk.plot.up_to", span=span(edge, t)) for edge in EDGES]
    names.append(t("desk.plot.longer", span=span(EDGES[-1], t)))
    height = _ROW * len(counts) + 8
    named = enumerate(zip(names, counts, strict=True))
    rows = "".join(_row(index, name, count, max(counts)) for index, (name, count) in named)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" rx="6" fill="#ffffff"/>{rows}</svg>'
    )


def _row(index: int, name: str, count: int, most: int) -> str:
    top = 4 + index * _ROW
    wide = _BAR * count // most if most else 0
    return (
        f'<text x="{_LEFT - 8}" y="{top + 16}" text-anchor="end" fill="#1a2733">{escape(name)}</text>'
        f'<rect x="{_LEFT}" y="{top + 3}" width="{wide}" height="{_ROW - 8}" rx="2" fill="#1a4f8f"/>'
        f'<text x="{_LEFT + wide + 6}" y="{top + 16}" fill="#1a2733">{count}</text>'
    )
