"""Files stay short, functions stay shorter, and neither words nor secrets stand where they must not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, functions, modules

FILE_LINES = 300
FUNCTION_LINES = 30
SECRET_NAMES = ("password", "secret", "token", "code", "answer", "otp", "pin", "link")
OURS = (*PACKAGES, "assistant", "tests", "bench")


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function from ``def`` to its end, without its docstring."""
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_no_file_is_long() -> None:
    """No file of source or tests has more than 300 lines."""
    counts = {
        module.name: len(module.path.read_text(encoding="utf-8").splitlines()) for module in modules(*OURS)
    }

    assert {name: count for name, count in counts.items() if count > FILE_LINES} == {}


def test_no_function_is_long() -> None:
    """No function of ours has more than 30 lines."""
    long = [
        f"{module.name}.{node.name}: {length(node)}"
        for module in modules(*PACKAGES, "assistant")
        for node in functions(module.tree)
        if length(node) > FUNCTION_LINES
    ]

    assert long == []


def test_every_test_states_a_fact() -> None:
    """Each test has a docstring that ends with a full stop."""
    silent = [
        f"{module.name}.{node.name}"
        for module in modules("tests")
        for node in functions(module.tree)
        if node.name.startswith("test_") and not (ast.get_docstring(node) or "").rstrip().endswith(".")
    ]

    assert silent == []


def test_nothing_of_ours_is_patched_in_tests() -> None:
    """Tests use real objects and small fakes, not mocks."""
    mocks = [
        f"{module.name}: {name}" for module in modules("tests") for name in module.imports() if "mock" in name
    ]

    assert mocks == []


def test_no_slot_can_hold_a_secret() -> None:
    """No slot of the assistant is named after something that must never enter the conversation."""
    text = (ROOT / "domain.yml").read_text(encoding="utf-8")
    section = re.search(r"^slots:\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    assert section is not None
    slots = re.findall(r"^  (\w+):", section[1], re.MULTILINE)

    assert slots != []
    assert [name for name in slots if any(secret in name for secret in SECRET_NAMES)] == []


@pytest.mark.parametrize("name", ["LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_the_repository_has_its_pages(name: str) -> None:
    """What a newcomer looks for first is there."""
    assert (ROOT / name).stat().st_size > 0


@pytest.mark.parametrize("name", ["Makefile", ".ci/run"])
def test_no_uv_from_the_path_is_called(name: str) -> None:
    """Every call of uv names the own one, which can see every Python."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.strip().lstrip("@").startswith("uv ")] == []


def test_what_continuous_integration_calls_can_be_executed() -> None:
    """The script has its executable bit."""
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_locks_name_no_index() -> None:
    """No requirement list holds an address, and every requirement is pinned by hash."""
    for lock in [*Path(ROOT).glob("requirements*.lock"), ROOT / "assistant" / "requirements.lock"]:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
