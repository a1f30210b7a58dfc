"""Who may import whom: the arrows of the house, walked in the syntax of every file."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, Module, is_within, modules

ALLOWED = {
    "rekey": {"rekey", "portal", "actions", "recovery_core"},
    "portal": {"portal", "actions", "recovery_core"},
    "actions": {"actions", "recovery_core"},
    "recovery_core": {"recovery_core"},
}
"""rekey -> portal -> actions -> recovery_core; the portal also uses the core directly."""

INSIDE = {
    "accounts": set(),
    "proofs": {"accounts"},
    "passwords": {"accounts"},
    "notices": {"accounts"},
    "cases": {"conversations", "proofs", "passwords", "notices", "accounts"},
    "evidence": {"conversations", "cases", "proofs", "passwords", "notices", "accounts"},
    "people": {"conversations", "cases", "proofs", "passwords", "notices", "accounts"},
    "conversations": set(),
}  # fmt: skip
"""people, evidence -> cases -> proofs, passwords, notices -> accounts; conversations lean on nothing."""

ADAPTERS = "recovery_core.adapters"

COMPOSITION = frozenset({"rekey.bootstrap", "rekey.store", "rekey.database"})
"""Where parts are put together: for serving, for one command of the command line, and for migrating."""


def core() -> list[Module]:
    """Return the modules of the core without its adapters."""
    return [module for module in modules("recovery_core") if not is_within(module.name, ADAPTERS)]


def folder(name: str) -> str | None:
    """Return the part of the core that a dotted name lies in."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "recovery_core" else None


def outside(module: Module, allowed: set[str]) -> list[str]:
    """Return the imports of *module* out of our packages that are not *allowed*."""
    ours = [name for name in module.imports() if name.split(".")[0] in PACKAGES]
    return [f"{module.name} imports {name}" for name in ours if name.split(".")[0] not in allowed]


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_downwards(package: str) -> None:
    """An arrow never points up."""
    assert [wrong for module in modules(package) for wrong in outside(module, ALLOWED[package])] == []


def test_the_core_imports_the_standard_library_alone() -> None:
    """No third party is imported by the business."""
    allowed = {*sys.stdlib_module_names, "recovery_core"}
    wrong = [
        f"{module.name} imports {name}"
        for module in core()
        for name in module.imports()
        if name.split(".")[0] not in allowed
    ]

    assert wrong == []


def test_adapters_are_reached_only_from_the_composition_root() -> None:
    """Only the few modules that put parts together, and the adapters themselves, import an adapter."""
    wrong = [
        f"{module.name} imports {name}"
        for module in modules(*PACKAGES)
        for name in module.imports()
        if is_within(name, ADAPTERS)
        if module.name not in COMPOSITION and not is_within(module.name, ADAPTERS)
    ]

    assert wrong == []


def test_nothing_of_ours_imports_the_assistant() -> None:
    """Rasa's environment is separate: neither side imports the other."""
    wrong = [
        f"{module.name} imports {name}"
        for module in modules(*PACKAGES)
        for name in module.imports()
        if name.split(".")[0] in ("rekey_assistant", "rasa")
    ]
    wrong += [
        f"{module.name} imports {name}"
        for module in modules("assistant")
        for name in module.imports()
        if name.split(".")[0] in PACKAGES
    ]

    assert wrong == []


def test_the_folders_of_the_core_import_only_downwards() -> None:
    """Inside the core an arrow never points up; files import no folder, but work.py names all ports."""
    folders = set(INSIDE)
    wrong = []
    for module in core():
        here = folder(module.name) or ""
        allowed = folders if here == "work" else {here, *INSIDE.get(here, set())}
        above = folders - allowed
        wrong += [f"{module.name} imports {name}" for name in module.imports() if folder(name) in above]

    assert sorted(wrong) == []


def test_every_folder_of_the_core_has_its_place() -> None:
    """A new folder of the core is refused until its arrows are decided here."""
    folders = {folder(module.name) for module in core() if module.path.parent.name != "recovery_core"}

    assert folders <= set(INSIDE)


def test_an_action_file_is_short() -> None:
    """The code of a file with an action is under 20 lines, without its docstrings and imports."""
    tools = {"__init__", "base", "webhook"}
    long = {module.name: count for module in modules("actions") if (count := _body(module)) >= 20}

    assert {name: count for name, count in long.items() if name.split(".")[-1] not in tools} == {}


def _body(module: Module) -> int:
    """Count the lines of code of a file that defines an action; a file without one counts as none."""
    tree = module.tree
    if not any(isinstance(node, ast.ClassDef) and _is_action(node) for node in tree.body):
        return 0
    lines: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.stmt)
            and not isinstance(node, ast.Import | ast.ImportFrom)
            and not _is_text(node)
        ):
            lines.add(node.lineno)
    return len(lines)


def _is_action(node: ast.ClassDef) -> bool:
    return any(
        isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name == "run" for part in node.body
    )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import sqlalchemy", {"sqlalchemy"}),
        ("from recovery_core.adapters import sql", {"recovery_core.adapters.sql"}),
        ("def f():\n    import yaml", {"yaml"}),
        ("from . import clock", {"recovery_core.clock"}),
        ("from .accounts import ports", {"recovery_core.accounts.ports"}),
    ],
)
def test_the_walk_sees_every_way_to_import(tmp_path: Path, text: str, names: set[str]) -> None:
    """An import is found at the top, inside a function, by name and relative."""
    path = tmp_path / "module.py"
    path.write_text(text)

    assert Module(path, "recovery_core.module").imports() == names
