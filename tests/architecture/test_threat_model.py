"""The threat model names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE))))
def test_a_named_test_exists(path: str) -> None:
    """What the page says is shown can be run."""
    assert (ROOT / path).exists()


def test_no_door_is_without_a_test() -> None:
    """Every row says by what it is shown."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| Door")]
    assert rows
    assert all("tests/" in row.split("|")[-2] for row in rows)
