"""Training runs in the assistant's environment and fails in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rekey.places import Places, rasa_environment
from rekey.settings import Settings, load_settings
from rekey.training import TrainingError, train


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a data folder of their own."""
    return load_settings(data_dir=tmp_path / "var")


def project(root: Path, script: str) -> Places:
    """Return a project whose interpreter of Rasa is *script*."""
    places = Places(root)
    places.rasa_python.parent.mkdir(parents=True)
    places.rasa_python.write_text(f"#!/bin/sh\n{script}\n")
    places.rasa_python.chmod(0o755)
    return places


async def test_training_makes_a_fresh_model(settings: Settings, tmp_path: Path) -> None:
    """After a training that succeeds the model is fresh."""
    places = project(tmp_path / "project", 'test "$*" = "-m rekey_assistant.train" && touch models/a.tar.gz')
    places.models.mkdir()
    for name in ("config.yml", "domain.yml", "assistant/requirements.lock"):
        (places.root / name).touch()

    await train(settings, places)

    assert places.newest_model() == places.models / "a.tar.gz"


async def test_a_failed_training_shows_its_last_words(settings: Settings, tmp_path: Path) -> None:
    """The end of the log is shown, and where the rest of it is."""
    places = project(tmp_path / "project", "echo no such component; exit 1")

    with pytest.raises(TrainingError, match=r"(?s)no such component.*train\.log"):
        await train(settings, places)


async def test_training_without_an_environment_says_what_to_run(settings: Settings, tmp_path: Path) -> None:
    """Without Rasa's environment nothing is started."""
    with pytest.raises(TrainingError, match="make train"):
        await train(settings, Places(tmp_path))


def test_a_rasa_process_gets_three_names_of_the_system() -> None:
    """Everything else in our environment stays with us, and telemetry is off."""
    env = rasa_environment({"PATH": "/bin", "HOME": "/h", "LANG": "C", "TOKEN": "secret"}, {"X": "1"})

    assert env == {"PATH": "/bin", "HOME": "/h", "LANG": "C", "RASA_TELEMETRY_ENABLED": "false", "X": "1"}
