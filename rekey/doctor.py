"""What is missing on this machine, said in words, each with what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from recovery_core.clock import Clock
from rekey.database import DatabaseState, database_state
from rekey.keys import load_keys
from rekey.places import Places
from rekey.settings import Settings, SettingsError

DISK_BYTES = 1_000_000_000
SKEW = timedelta(seconds=60)
"""Files younger than now by more than this show that the clock went back (R20)."""


@dataclass(frozen=True)
class Finding:
    """One answer: *fix* is empty when all is well, and *needed* is false for what only developers use."""

    name: str
    words: str
    fix: str = ""
    needed: bool = True

    @property
    def is_good(self) -> bool:
        """Tell whether nothing has to be done."""
        return not self.fix


@dataclass(frozen=True)
class Doctor:
    """Looks, and changes nothing but the folders that a start would make anyway."""

    settings: Settings
    places: Places
    clock: Clock

    def look(self) -> list[Finding]:
        """Return every finding, in the order in which they should be mended."""
        checks: tuple[Callable[[], Finding], ...] = (
            self.rasa, self.model, self.data_folder, self.keys, self.disk, self.database, self.port,
            self.time, self.browser,
        )  # fmt: skip
        return [check() for check in checks]

    def look_before_start(self) -> list[Finding]:
        """Return what keeps rekey from starting at all (a missing model is trained instead)."""
        return [self.rasa(), self.data_folder(), self.keys(), self.port()]

    def rasa(self) -> Finding:
        """Check that Rasa's own environment is complete and is Python 3.11."""
        python = self.places.rasa_python
        if not (python.exists() and self.places.rasa_ready.exists()):
            return Finding(
                "Rasa", "Its environment in assistant/.venv is missing or not complete.",
                "Run: make train. It needs Python 3.11, which uv fetches from github.com; "
                "where that is refused, install Python 3.11 yourself and run it again.",
            )  # fmt: skip
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
        if answer.stdout.strip() != "3.11":
            return Finding(
                "Rasa", "Its environment is not Python 3.11.", "Run: rm -r assistant/.venv && make train"
            )
        return Finding("Rasa", "Its environment is there, on Python 3.11.")

    def model(self) -> Finding:
        """Check that a model exists that is younger than what it is made of."""
        if self.places.newest_model() is None:
            return Finding("Model", "There is no trained model in models/.", "Run: make train")
        if not self.places.model_is_fresh():
            return Finding("Model", "The model is older than the words it was trained on.", "Run: make train")
        return Finding("Model", "It is trained and fresh.")

    def data_folder(self) -> Finding:
        """Check that files can be written to the data folder."""
        folder = self.settings.data_dir.absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            return Finding(
                "Data folder",
                f"Nothing can be written to {folder}.",
                "Make it writable, or set REKEY_DATA_DIR.",
            )
        return Finding("Data folder", f"{folder} can be written to.")

    def keys(self) -> Finding:
        """Check that the keys are there, or can be made, for the owner alone."""
        try:
            load_keys(self.settings)
        except SettingsError as error:
            return Finding("Keys", "A key cannot be used.", str(error))
        except OSError:
            return Finding(
                "Keys", "The keys cannot be kept.", f"Make {self.settings.key_dir} writable for this user."
            )
        return Finding("Keys", "They are there, for this user alone.")

    def disk(self) -> Finding:
        """Check that at least a gigabyte is free where data is kept."""
        free = shutil.disk_usage(_existing(self.settings.data_dir.absolute())).free
        words = f"{free / 1e9:.1f} GB are free where data is kept."
        return Finding("Disk", words, "" if free >= DISK_BYTES else "Free some space: 1 GB is the least.")

    def database(self) -> Finding:
        """Check that the database answers and has the newest tables."""
        state = asyncio.run(database_state(self.settings, self.places))
        return {
            DatabaseState.ABSENT: Finding("Database", "There is none yet; the first start makes it."),
            DatabaseState.CURRENT: Finding("Database", "It answers and its tables are current."),
            DatabaseState.BEHIND: Finding("Database", "Its tables are not current.", "Run: rekey db upgrade"),
            DatabaseState.UNREACHABLE: Finding(
                "Database", "It does not answer.", "Start it, and check REKEY_DATABASE_URL."
            ),
        }[state]

    def port(self) -> Finding:
        """Check that the portal's port is free."""
        host, port = self.settings.host, self.settings.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return Finding(
                    "Port", f"{host}:{port} is taken.",
                    "Stop what listens there (perhaps another rekey), or set REKEY_PORT.",
                )  # fmt: skip
        return Finding("Port", f"{host}:{port} is free.")

    def time(self) -> Finding:
        """Check that the clock is not behind files that were written before."""
        written = [Path(__file__), *self.settings.data_dir.glob("*.db")]
        newest = max(path.stat().st_mtime for path in written)
        if self.clock.now().timestamp() + SKEW.total_seconds() < newest:
            return Finding(
                "Clock",
                "It is behind files that were written earlier.",
                "Set it, for example by: timedatectl set-ntp true",
            )
        return Finding("Clock", "It is not behind what was written before.")

    def browser(self) -> Finding:
        """Check that a Chromium is there for the browser tests."""
        if any(shutil.which(name, path=os.environ.get("PATH")) for name in ("chromium", "chromium-browser")):
            return Finding("Browser", "Chromium is there for the browser tests.", needed=False)
        return Finding(
            "Browser", "No Chromium for the browser tests (only developers need it).",
            "Run: apt install chromium", needed=False,
        )  # fmt: skip


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
