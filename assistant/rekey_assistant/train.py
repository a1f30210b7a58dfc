"""Train the assistant: ``python -m rekey_assistant.train`` writes ``models/rekey.tar.gz``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
import warnings
from pathlib import Path

from rekey_assistant import quiet

ROOT = Path(__file__).resolve().parents[2]


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="rekey_assistant.train", description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config.yml")
    parser.add_argument("--domain", type=Path, default=ROOT / "domain.yml")
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "models")
    parser.add_argument("--name", default="rekey", help="the model's file name without .tar.gz")
    return parser


def train(config: Path, domain: Path, data: Path, out: Path, name: str) -> Path:
    """Train a model and return its path.

    Raises:
        RuntimeError: Rasa wrote no model.

    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["LOG_LEVEL"] = "ERROR"  # else Rasa draws a bar for every step
    warnings.simplefilter("ignore")
    quiet.configure(logging.ERROR)
    from rasa.model_training import train as rasa_train  # noqa: PLC0415  after telemetry is off

    from rekey_assistant import repair, training_repairs  # noqa: PLC0415  they import Rasa

    repair.install(training_repairs.REPAIRS)
    # A model trained before from the same files is not reused: the components' code may have changed.
    result = rasa_train(
        str(domain),
        str(config),
        [str(data)],
        output=str(out),
        fixed_model_name=name,
        force_training=True,
        # Stories glued together only help policies that generalise; ours remember turns and know rules.
        core_additional_arguments={"augmentation_factor": 0},
    )
    if result.model is None:
        raise RuntimeError("no_model_written")
    return Path(result.model)


def main(argv: list[str] | None = None) -> int:
    """Train from the command line; the exit code is 0 when a model was written."""
    options = arguments().parse_args(argv)
    begun = time.perf_counter()
    path = train(options.config, options.domain, options.data, options.out, options.name)
    sys.stdout.write(f"{path} trained in {time.perf_counter() - begun:.1f} s\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
