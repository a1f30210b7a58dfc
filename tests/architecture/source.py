"""Reads our own source for the architecture tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rekey", "portal", "actions", "recovery_core")


@dataclass(frozen=True)
class Module:
    """One file of source and its dotted name."""

    path: Path
    name: str

    @property
    def tree(self) -> ast.Module:
        """The file's syntax."""
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    def imports(self) -> set[str]:
        """Return every dotted name that the file imports, wherever in the file it stands."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(self, node)
                found |= {f"{base}.{alias.name}" for alias in node.names}
        return found


def modules(*packages: str) -> list[Module]:
    """Return the modules of *packages* (folders below the root, dotted or not), sorted."""
    paths = [path for package in packages for path in (ROOT / package.replace(".", "/")).rglob("*.py")]
    return [Module(path, _dotted(path)) for path in sorted(paths) if ".venv" not in path.parts]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of *tree*."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_within(name: str, package: str) -> bool:
    """Tell whether the dotted *name* is *package* or lies in it."""
    return name == package or name.startswith(f"{package}.")


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    package = module.name.split(".")
    is_package = module.path.name == "__init__.py"
    base = package[: len(package) - node.level + (1 if is_package else 0)]
    return ".".join([*base, node.module] if node.module else base)
