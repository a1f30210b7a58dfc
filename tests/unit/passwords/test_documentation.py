"""The page on passwords says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from recovery_core.adapters.argon2 import ARGON2_PROFILES
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import GUIDE, STRICT

_TEXT = (Path(__file__).parents[3] / "docs/passwords.md").read_text("utf-8")


def _rows(first_cell: str) -> list[list[str]]:
    lines = re.findall(rf"^\| {first_cell} \|.*\|$", _TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_rules_are_listed_in_the_order_of_the_policy() -> None:
    """Every code stands in the table once, with the variables of its advance."""
    said = [(f"`{r.code.value}`", sorted(r.variables)) for r in PasswordPolicy.of(GUIDE).advance()]
    rows = [row for row in _rows(r"`[a-z_]+`") if len(row) == 4]
    assert [(row[0], re.findall(r"`(\w+)`", row[1])) for row in rows] == said


def test_numbers_of_the_profiles_are_right() -> None:
    """Lengths, classes and history of both profiles stand in the table."""
    assert _rows("Shortest, longest .*?")[0][1:] == [f"{p.minimum}, {p.maximum}" for p in (GUIDE, STRICT)]
    assert _rows("Classes out of .*?")[0][1:] == [str(GUIDE.classes), "none"]
    assert _rows("Passwords that may not come back.*?")[0][1:] == [str(p.history) for p in (GUIDE, STRICT)]


def test_costs_of_the_profiles_are_right() -> None:
    """Each named Argon2 profile stands in the table with its costs."""
    rows = {row[0].strip("`"): tuple(map(int, row[1:4])) for row in _rows(r"`[a-z0-9_]+`") if len(row) == 5}
    assert rows == {name: (p.memory, p.passes, p.lanes) for name, p in ARGON2_PROFILES.items()}
