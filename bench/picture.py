"""Pictures, drawn by matplotlib in the benchmarks' own environment; without it there are none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.places import BENCH_PYTHON, ROOT, VAR, environment
from bench.understanding import LANGUAGES, Guess, confusion


def draw_confusions(found: Sequence[Guess], folder: Path) -> None:
    """Draw ``confusion-<language>.png`` of each language into *folder*."""
    for lang in LANGUAGES:
        counts = confusion([one for one in found if one.lang == lang])
        intents = sorted({intent for intent, _ in counts})
        guesses = [*intents, *sorted({guess for _, guess in counts} - set(intents))]
        cells = [[counts[intent, guess] for guess in guesses] for intent in intents]
        order = {"kind": "confusion", "title": f"What was said and what was understood ({lang})"}
        draw(order | {"rows": intents, "columns": guesses, "cells": cells}, folder / f"confusion-{lang}.png")


def draw(order: dict[str, Any], path: Path) -> None:
    """Draw what *order* says into *path*."""
    if not BENCH_PYTHON.exists():
        print(f"No picture: {BENCH_PYTHON.relative_to(ROOT)} is missing (make bench installs it).")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(  # noqa: S603
        [str(BENCH_PYTHON), str(ROOT / "bench" / "draw.py"), str(path)],
        input=json.dumps(order),
        env=environment(MPLCONFIGDIR=str(VAR / "matplotlib")),
        text=True,
        check=True,
    )
    print(f"Picture: {path.relative_to(ROOT)}")
