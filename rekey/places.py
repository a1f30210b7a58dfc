"""Where the parts of an installation lie: the project's folder, the assistant's interpreter, the models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = ("config.yml", "domain.yml", "data", "assistant/rekey_assistant", "assistant/requirements.lock")
"""What a model is made of: it is stale as soon as one of these is younger."""


@dataclass(frozen=True)
class Places:
    """The folders of the project at *root*."""

    root: Path = Path(__file__).resolve().parent.parent

    @property
    def rasa_python(self) -> Path:
        """The interpreter of Rasa's own environment (Python 3.11)."""
        return self.root / "assistant" / ".venv" / "bin" / "python"

    @property
    def rasa_ready(self) -> Path:
        """What is there once Rasa's environment is complete."""
        return self.root / "assistant" / ".venv" / "ready.stamp"

    @property
    def models(self) -> Path:
        """The folder of trained models."""
        return self.root / "models"

    @property
    def migrations(self) -> Path:
        """The folder of database migrations."""
        return self.root / "migrations"

    def newest_model(self) -> Path | None:
        """Return the youngest model, or nothing when there is none."""
        return max(self.models.glob("*.tar.gz"), key=_age, default=None)

    def model_is_fresh(self) -> bool:
        """Tell whether there is a model that is younger than everything it is made of."""
        model = self.newest_model()
        return model is not None and all(_age(source) <= _age(model) for source in self._sources())

    def _sources(self) -> list[Path]:
        files: list[Path] = []
        for name in SOURCES:
            path = self.root / name
            files += path.rglob("*.*") if path.is_dir() else [path]
        return [file for file in files if file.is_file() and file.suffix != ".pyc"]


def rasa_environment(environ: Mapping[str, str], extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the whole environment of a Rasa process: the system's three names, no telemetry, and *extra*."""
    system = {name: environ[name] for name in ("PATH", "HOME", "LANG") if name in environ}
    return {"PATH": os.defpath, **system, "RASA_TELEMETRY_ENABLED": "false", **(extra or {})}


def _age(path: Path) -> float:
    return path.stat().st_mtime
