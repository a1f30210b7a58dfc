"""Secrets for the channels under test: by value, or in files that a test can change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from portal.channels.config import Secret


def kept(folder: Path | None, **values: str) -> Mapping[str, Secret]:
    """Return a secret for each value; in *folder* if there is one, in files of the same names."""
    if folder is None:
        return {name: Secret(value) for name, value in values.items()}
    for name, value in values.items():
        (folder / name).write_text(value + "\n")
    return {name: Secret(file=folder / name) for name in values}
