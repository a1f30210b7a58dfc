"""Every rule of a recovery that is built is shown by at least one test that names it."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import ROOT

BUILT = (
    "R1",
    "R2",
    "R3",
    "R4",
    "R5",
    "R6",
    "R7",
    "R8",
    "R9",
    "R10",
    "R11",
    "R12",
    "R13",
    "R14",
    "R15",
    "R16",
    "R17",
    "R18",
    "R19",
    "R20",
    "R21",
    "R22",
)
"""The expected rules; a rule joins this list in the change that builds it."""


@pytest.mark.parametrize("rule", BUILT)
def test_a_rule_is_named_by_a_test(rule: str) -> None:
    """Some test's docstring begins with, or holds, the number of the rule."""
    word = re.compile(rf"\b{rule}\b")
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if "architecture" not in path.parts]

    assert [path.name for path in tests if word.search(path.read_text(encoding="utf-8"))] != []
