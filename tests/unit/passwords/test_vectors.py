"""The same vectors for the server and for the page: neither may say anything else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from recovery_core.passwords.characters import classes
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import GUIDE, PROFILES
from recovery_core.passwords.rules import PasswordContext
from tests.needs import need

_ROOT = Path(__file__).parents[3]
_VECTORS: list[dict[str, Any]] = json.loads((_ROOT / "tests/vectors/passwords.json").read_text("utf-8"))
_MODULE = _ROOT / "portal/static/password-rules.js"
_PAGE_CODES = {"too_short", "too_long", "too_few_classes", "not_stable", "mismatch"}

_HARNESS = """
import { readFileSync } from "node:fs";
const [module, input] = readFileSync(0, "utf8").split("\\u0000");
const page = await import("data:text/javascript," + encodeURIComponent(module));
const answers = JSON.parse(input).map(({ password, confirm, policy }) => ({
  violations: page.violationsLive(password, confirm, policy),
  classes: page.classes(password),
  warnings: page.warnings(password),
  strength: page.strength(password),
}));
process.stdout.write(JSON.stringify(answers));
"""


def _in_javascript(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    need(node, "node runs the page's module")
    script = _MODULE.read_text("utf-8") + "\0" + json.dumps(questions)
    command = [str(node), "--input-type=module", "--eval", _HARNESS]
    run = subprocess.run(command, input=script.encode(), capture_output=True, check=True, timeout=60)  # noqa: S603
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    return answers


def _policy(profile: str) -> dict[str, int]:
    numbers = PROFILES[profile]
    return {"minimum": numbers.minimum, "maximum": numbers.maximum, "classes": numbers.classes}


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: vector["fact"])
def test_server_agrees_with_the_vector(vector: dict[str, Any]) -> None:
    """The policy reports exactly the violations, classes and warnings that the vector lists."""
    policy = PasswordPolicy.of(PROFILES[vector["profile"]])
    found = policy.violations(vector["password"], vector["confirm"], PasswordContext())
    said = [
        {"code": v.code.value, "variables": {k: x for k, x in v.variables.items() if k != "name"}}
        for v in found
    ]
    assert said == vector["violations"]
    assert classes(vector["password"]) == set(vector["classes"])
    assert list(policy.warnings(vector["password"])) == vector["warnings"]


def test_page_agrees_with_every_vector() -> None:
    """The page's module reports exactly the same as the server."""
    answers = _in_javascript([v | {"policy": _policy(v["profile"])} for v in _VECTORS])
    expected = [{key: v[key] for key in ("violations", "classes", "warnings")} for v in _VECTORS]
    assert [{k: x for k, x in a.items() if k != "strength"} for a in answers] == expected


def test_every_rule_of_the_page_has_a_vector() -> None:
    """No rule that the page checks goes without an example that breaks it."""
    assert {v["code"] for vector in _VECTORS for v in vector["violations"]} == _PAGE_CODES


_STRENGTHS = {
    "": (0, 0),
    "aaaaaaaaaaaa": (0, 0),
    "abcdefgh12345678": (0, 1),
    "qwertyuiop": (0, 0),
    "Passw0rd!": (0, 0),
    "P@ssw0rd2024": (0, 1),
    "abcabcabcabc": (0, 0),
    "kT9#vQ2mXw7!": (3, 4),
    "correct horse battery staple": (4, 4),
}


def test_strength_sees_simple_patterns() -> None:
    """Repeats, sequences, rows and common words score low, length without a pattern scores high."""
    questions = [{"password": p, "confirm": None, "policy": _policy(GUIDE.name)} for p in _STRENGTHS]
    scores = [answer["strength"]["score"] for answer in _in_javascript(questions)]
    outside = {
        password: score
        for (password, (least, most)), score in zip(_STRENGTHS.items(), scores, strict=True)
        if not least <= score <= most
    }
    assert outside == {}


def test_strength_of_a_very_long_paste_is_quick() -> None:
    """Ten thousand characters do not hang the page."""
    question = {"password": "x1é" * 4000, "confirm": None, "policy": _policy(GUIDE.name)}
    assert _in_javascript([question])[0]["violations"][0]["code"] == "too_long"
