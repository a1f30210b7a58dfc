"""What a measurement is: samples, their middle and their slow end, and a goal that they meet or miss."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


def p50(samples: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(samples)


def p95(samples: Sequence[float]) -> float:
    """Return the value that 95 % of *samples* do not exceed (nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(0.95 * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, the peer's figure, the number that the goal bounds."""

    part: str
    what: str
    ours: str
    peer: str
    value: float
    unit: str
    bound: float | None = None
    at_most: bool = True

    @property
    def met(self) -> bool | None:
        """Tell whether the goal is met; None where there is none."""
        if self.bound is None:
            return None
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    @property
    def goal(self) -> str:
        """Return the goal in words."""
        if self.bound is None:
            return ""
        return f"{'≤' if self.at_most else '≥'} {self.bound:g} {self.unit}".strip()

    @property
    def verdict(self) -> str:
        """Return whether the goal was met, as a word."""
        return {True: "met", False: "**missed**", None: ""}[self.met]


@dataclass(slots=True)
class Results:
    """Everything one run found: the rows, and samples in milliseconds for the picture."""

    rows: list[Row] = field(default_factory=list)
    samples: dict[str, list[float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write all of it as JSON."""
        rows = [asdict(row) for row in self.rows]
        whole = {"rows": rows, "samples": self.samples, "notes": self.notes}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        """Read what :meth:`save` wrote; nothing there is an empty result."""
        if not path.exists():
            return cls()
        whole = json.loads(path.read_text(encoding="utf-8"))
        return cls([Row(**row) for row in whole["rows"]], whole["samples"], whole["notes"])

    def replace(self, part: str, other: Results) -> None:
        """Take *other* for what was known of *part*, its notes included, and keep the rest."""
        self.rows = [row for row in self.rows if row.part != part] + other.rows
        self.samples |= other.samples
        kept = [note for note in self.notes if not note.startswith(f"{part}: ")]
        self.notes = kept + [f"{part}: {note}" for note in other.notes]


def milliseconds(seconds: float) -> str:
    """Return *seconds* as text in milliseconds."""
    return f"{seconds * 1e3:.1f} ms"
