"""Where the benchmarks keep what they make, and the interpreters they start."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
"""All that a run writes, apart from ``docs/performance.md``; ignored by git."""
BENCH_PYTHON = ROOT / "bench" / ".venv" / "bin" / "python"
"""Rasa with TensorFlow, Django and matplotlib (requirements-bench.lock)."""
RASA_PYTHON = ROOT / "assistant" / ".venv" / "bin" / "python"


def fresh(name: str) -> Path:
    """Return the empty folder *name* below :data:`VAR`."""
    folder = VAR / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of a measured process: the system's names and *extra*, nothing else."""
    system = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**system, "RASA_TELEMETRY_ENABLED": "false", **extra}
