"""Draw one picture: its content as JSON on standard input, the PNG's path as the argument.

Runs in the benchmarks' own environment (matplotlib), so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt


def confusion(order: dict[str, Any]) -> Any:  # noqa: ANN401  matplotlib has no types
    """Draw counts as a heat map: each row's shares by colour, the counts as numbers."""
    cells, columns = order["cells"], order["columns"]
    shares = [[cell / max(1, sum(row)) for cell in row] for row in cells]
    figure, axes = plt.subplots(figsize=(0.55 * len(columns) + 3, 0.45 * len(cells) + 2.5))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(cells)), order["rows"], fontsize=8)
    axes.set(title=order["title"], xlabel="understood as", ylabel="said")
    half = 0.5
    for y, row in enumerate(cells):
        for x, count in enumerate(row):
            if count:
                ink = "white" if shares[y][x] > half else "black"
                axes.text(x, y, count, ha="center", va="center", fontsize=7, color=ink)
    return figure


def turns(order: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw the shares of turns that were answered within a time, one line for each server, and the ratios."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    for name, samples in order["samples"].items():
        ordered = sorted(samples)
        shares = [(at + 1) / len(ordered) for at in range(len(ordered))]
        left.step(ordered, shares, where="post", label=name)
    left.set(xscale="log", xlabel="milliseconds", ylabel="share answered", title="How long an answer takes")
    left.grid(visible=True, which="both", alpha=0.3)
    left.legend(fontsize=8)
    names, values, bounds = order["names"], order["values"], order["bounds"]
    good = ["#2a7f4f" if ok else "#b3402a" for ok in order["met"]]
    right.barh(names, [v / b if b else 0 for v, b in zip(values, bounds, strict=True)], color=good)
    right.axvline(1.0, color="black", linewidth=1)
    right.set(title="Share of what the goal allows (or asks, for ≥)", xlabel="1 = the goal")
    right.tick_params(labelsize=7)
    right.invert_yaxis()
    return figure


if __name__ == "__main__":
    given = json.load(sys.stdin)
    drawn = {"confusion": confusion, "turns": turns}[given["kind"]](given)
    drawn.tight_layout()
    drawn.savefig(sys.argv[1], dpi=110)
