"""Every setting is on the operations page, with its default and its words."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticUndefined

from rekey.settings import Settings, variable
from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "operations.md"


def rows() -> dict[str, tuple[str, str]]:
    """Return default and words of each variable in the page's tables."""
    found: dict[str, tuple[str, str]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `REKEY_"):
            found[cells[0].strip("`")] = (cells[1].strip("`"), cells[2])
    return found


def written(default: object) -> str:
    """Return *default* as an operator would write it."""
    if default in (None, "", ()):
        return "–"
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, tuple) else str(default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_documented(name: str) -> None:
    """The page repeats the default and the description that the code has."""
    field = Settings.model_fields[name]
    assert field.default is not PydanticUndefined

    assert rows().get(variable(name)) == (written(field.default), field.description)


def test_nothing_else_is_documented() -> None:
    """A setting that was removed is removed from the page too."""
    assert set(rows()) == {variable(name) for name in Settings.model_fields}
