"""Train the assistant in its own environment, with its output kept in a log."""

from __future__ import annotations

import os

from rekey.children import Child, Spec, last_lines
from rekey.places import Places, rasa_environment
from rekey.settings import Settings


class TrainingError(Exception):
    """Raised when training failed; the message shows the end of its log."""


def training(settings: Settings, places: Places) -> Child:
    """Return the process that trains a model into ``models/``."""
    command = (str(places.rasa_python), "-m", "rekey_assistant.train")
    log = settings.log_dir.absolute() / "train.log"
    return Child(Spec("train", command, rasa_environment(os.environ), log, places.root))


async def train(settings: Settings, places: Places) -> None:
    """Train and wait for the end; a cancelled training ends its process.

    Raises:
        TrainingError: there is no environment for Rasa, or training ended with an error.

    """
    if not places.rasa_python.exists():
        raise TrainingError("Rasa's environment is missing. Run: make train")
    child = training(settings, places)
    try:
        code = await child.run()
    finally:
        await child.stop()
    if code != 0:
        raise TrainingError(
            "\n".join(["Training failed:", *last_lines(child.spec.log), f"See {child.spec.log}"])
        )
