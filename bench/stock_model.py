"""The stock assistant's model: Rasa's default pipeline on rekey's own data, trained once and kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.places import BENCH_PYTHON, ROOT, VAR, environment

STOCK = ROOT / "bench" / "stock"
MODELS = VAR / "stock"
_SOURCES = (STOCK / "config.yml", ROOT / "domain.yml", ROOT / "data", ROOT / "requirements-bench.lock")


EPOCHS = 100
"""What Rasa's default configuration says; an hour or more on two cores with our data."""
FEW = 5
"""What is trained unless told otherwise: speed and memory of a turn do not depend on it."""


@dataclass(frozen=True, slots=True)
class StockModel:
    """A trained model and how long its training took on this machine, in seconds."""

    path: Path
    seconds: float
    epochs: int


def note(model: StockModel) -> str:
    """Return what a reader of the figures must know about *model*."""
    return (
        f"The stock model was trained for {model.epochs} of {EPOCHS} epochs. Speed and memory of a turn do"
        " not depend on that; its understanding and the time of its training would both be larger with all."
    )


def key(epochs: int) -> str:
    """Return a hash of everything that the model is made of."""
    digest = hashlib.sha256(f"{epochs}".encode())
    for source in _SOURCES:
        for path in sorted(source.rglob("*.yml")) if source.is_dir() else [source]:
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def stock_model(epochs: int = FEW, *, stale: bool = False) -> StockModel:
    """Return the model of today's data, trained where it is missing.

    Speed and memory of a turn do not depend on *epochs*; understanding and the time of training do. With
    *stale* the newest model there is will do, whatever its data.
    """
    kept = MODELS / key(epochs)
    if not _is_whole(kept) and stale:
        kept = max((p for p in MODELS.glob("*") if _is_whole(p)), key=_age, default=kept)
    if not _is_whole(kept):
        _train(kept, epochs)
    noted = json.loads((kept / "training.json").read_text(encoding="utf-8"))
    return StockModel(kept / "stock.tar.gz", noted["seconds"], noted["epochs"])


def _is_whole(folder: Path) -> bool:
    return (folder / "training.json").exists()


def _age(folder: Path) -> float:
    return (folder / "training.json").stat().st_mtime


def _train(kept: Path, epochs: int) -> None:
    """Train on a copy of the data, so that an edit meanwhile cannot slip into a model of another key."""
    copy = kept / "source"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(ROOT / "data", copy / "data")
    shutil.copy(ROOT / "domain.yml", copy)
    config = (STOCK / "config.yml").read_text(encoding="utf-8")
    (copy / "config.yml").write_text(
        config.replace(f"epochs: {EPOCHS}", f"epochs: {epochs}"), encoding="utf-8"
    )
    print(f"Training the stock assistant, {epochs} epochs, once: {kept / 'train.log'}", flush=True)
    order = [str(BENCH_PYTHON), "-m", "rasa", "train", "--config", "config.yml", "--domain", "domain.yml"]
    order += ["--data", "data", "--out", str(kept), "--fixed-model-name", "stock"]
    begun = time.perf_counter()
    with (kept / "train.log").open("wb") as log:
        subprocess.run(order, cwd=copy, env=environment(), stdout=log, stderr=log, check=True)  # noqa: S603
    seconds = time.perf_counter() - begun
    noted = {"seconds": round(seconds, 1), "epochs": epochs}
    (kept / "training.json").write_text(json.dumps(noted), encoding="utf-8")


if __name__ == "__main__":
    print(stock_model(int(sys.argv[1]) if sys.argv[1:] else FEW))
