"""The doctor names what is missing and what to do about it."""

from __future__ import annotations

import os
import socket
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rekey.doctor import Doctor, Finding
from rekey.keys import load_keys
from rekey.places import SOURCES, Places
from rekey.settings import load_settings
from tests.fakes import FakeClock
from tests.ports import free_port


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Return a project with everything in place: an interpreter that says 3.11, and a fresh model."""
    places = Places(tmp_path / "project")
    for name in SOURCES:
        path = places.root / name
        path = path / "words.yml" if "." not in path.name else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1_000_000, 1_000_000))
    places.models.mkdir()
    model = places.models / "rekey.tar.gz"
    model.touch()
    os.utime(model, (1_000_000, 1_000_000))
    interpreter(places, "3.11")
    places.rasa_ready.touch()
    return places


def interpreter(places: Places, version: str) -> None:
    """Put a program that answers *version* where Rasa's interpreter is looked for."""
    places.rasa_python.parent.mkdir(parents=True, exist_ok=True)
    places.rasa_python.write_text(f"#!/bin/sh\necho {version}\n")
    places.rasa_python.chmod(places.rasa_python.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def doctor(tmp_path: Path, places: Places) -> Doctor:
    """Return a doctor with nothing to complain about."""
    settings = load_settings(data_dir=tmp_path / "var", port=free_port())
    return Doctor(settings, places, FakeClock(datetime.now(UTC)))  # noqa: TID251 - files bear the machine's time


def test_nothing_is_missing_where_all_is_in_place(doctor: Doctor) -> None:
    """A complete installation has no finding that needs a fix."""
    assert [finding for finding in doctor.look() if finding.needed and not finding.is_good] == []
    assert all(finding.is_good for finding in doctor.look_before_start())


def test_a_missing_environment_is_named(doctor: Doctor, places: Places) -> None:
    """Without Rasa's environment the fix names make and the refused download."""
    places.rasa_python.unlink()

    assert "make train" in doctor.rasa().fix
    assert "refused" in doctor.rasa().fix


def test_an_environment_that_was_not_finished_is_named(doctor: Doctor, places: Places) -> None:
    """An interpreter alone, left by an installation that was cut off, is no environment."""
    places.rasa_ready.unlink()

    assert "make train" in doctor.rasa().fix


@pytest.mark.parametrize(("version", "good"), [("3.10", False), ("3.11", True), ("3.12", False)])
def test_rasa_needs_python_3_11(*, doctor: Doctor, places: Places, version: str, good: bool) -> None:
    """Neither the version before nor the one after will do."""
    interpreter(places, version)

    assert doctor.rasa().is_good is good


def test_a_missing_model_is_named(doctor: Doctor, places: Places) -> None:
    """Without a model the fix is to train."""
    (places.models / "rekey.tar.gz").unlink()

    assert "make train" in doctor.model().fix


@pytest.mark.parametrize("source", ["domain.yml", "config.yml", "data/words.yml"])
def test_a_model_older_than_its_words_is_stale(doctor: Doctor, places: Places, source: str) -> None:
    """As old as its sources is fresh; a second older than one of them is not."""
    assert doctor.model().is_good

    os.utime(places.root / source, (1_000_001, 1_000_001))

    assert "make train" in doctor.model().fix


def test_a_folder_that_cannot_be_made_is_named(doctor: Doctor, tmp_path: Path, places: Places) -> None:
    """A data folder below a file cannot be written; the fix names the setting."""
    (tmp_path / "file").touch()
    settings = load_settings(data_dir=tmp_path / "file" / "var")
    finding = Doctor(settings, places, doctor.clock).data_folder()

    assert "REKEY_DATA_DIR" in finding.fix


def test_a_key_that_others_can_read_is_named(doctor: Doctor) -> None:
    """The fix is the command to run."""
    load_keys(doctor.settings)
    (doctor.settings.key_dir / "audit").chmod(0o644)

    assert "chmod 600" in doctor.keys().fix


def test_a_taken_port_is_named(doctor: Doctor) -> None:
    """While somebody listens on the port the fix names the setting."""
    with socket.create_server(("127.0.0.1", doctor.settings.port)):
        assert "REKEY_PORT" in doctor.port().fix
    assert doctor.port().is_good


@pytest.mark.parametrize(("behind", "good"), [(59, True), (61, False)])
def test_a_clock_behind_its_own_files_is_named(*, doctor: Doctor, behind: int, good: bool) -> None:
    """R20: a minute of difference is tolerated, more is not."""
    written = doctor.clock.now() + timedelta(days=1)
    doctor.settings.data_dir.mkdir()
    database = doctor.settings.data_dir / "rekey.db"
    database.touch()
    os.utime(database, (written.timestamp(), written.timestamp()))
    clock = FakeClock(written - timedelta(seconds=behind))

    assert Doctor(doctor.settings, doctor.places, clock).time().is_good is good


def test_a_database_that_does_not_answer_is_named(doctor: Doctor) -> None:
    """An address where nobody listens is a finding, not a traceback."""
    url = f"postgresql+asyncpg://rekey:secret@127.0.0.1:{free_port()}/rekey"
    (doctor.places.migrations / "versions").mkdir(parents=True)
    settings = load_settings(data_dir=doctor.settings.data_dir, database_url=url)
    finding = Doctor(settings, doctor.places, doctor.clock).database()

    assert "REKEY_DATABASE_URL" in finding.fix
    assert "secret" not in finding.words + finding.fix


def test_a_missing_browser_is_no_reason_to_fail(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only developers need a browser."""
    monkeypatch.setenv("PATH", "/nowhere")

    assert not doctor.browser().is_good
    assert not doctor.browser().needed


def test_a_finding_without_a_fix_is_good() -> None:
    """What is to be done decides whether something is missing."""
    assert Finding("x", "y").is_good
    assert not Finding("x", "y", "z").is_good
