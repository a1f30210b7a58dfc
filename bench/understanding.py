"""How well the assistant understands people, with the definitions of ``../shared/eval/score.py``."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.places import ROOT, environment

SHARED = ROOT.parent / "shared" / "eval"
DEV = SHARED / "dev"
COMMITTED = ROOT / "bench" / "understanding.json"
TOLERANCE = 0.01
"""How far *understood* may fall below the committed figure: one point."""
LANGUAGES = ("en", "zh")
TASKS = frozenset(
    {
        "forgot_password",
        "lost_phone",
        "account_disabled",
        "admin_recovery",
        "code_not_received",
        "password_rules",
        "ticket_status",
        "human_agent",
        "report_takeover",
    }
)
ASKS_AGAIN = frozenset({"out_of_scope", "nlu_fallback", None})
"""Answers that mislead nobody: they ask again."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One row of the data with what the assistant took it for."""

    file: str
    lang: str
    intent: str
    guess: str | None

    @property
    def right(self) -> bool:
        """Tell whether the row was given its own intent."""
        return self.guess == self.intent

    @property
    def near(self) -> bool:
        """Tell whether the row is only listed: the right problem with another service."""
        return "_near_" in self.file

    @property
    def in_scope(self) -> bool:
        """Tell whether the row counts as one that should be understood."""
        return not self.near and self.intent != "out_of_scope"


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one language, each a share between 0 and 1."""

    understood: float
    tasks: float
    misled: float
    trapped: float
    asked: int
    out: int


def rows(folder: Path = DEV) -> list[tuple[str, dict[str, str]]]:
    """Return every row of *folder* with its file's name."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [(path.stem, json.loads(line)) for line in lines]
    return found


def guesses(model: Path, python: Path, folder: Path = DEV) -> list[Guess]:
    """Return what *model* takes the rows of *folder* for, asked in the environment of *python*."""
    given = rows(folder)
    names = ask(model, python, [row["text"] for _, row in given])
    return [Guess(f, r["lang"], r["intent"], name) for (f, r), name in zip(given, names, strict=True)]


def ask(model: Path, python: Path, texts: Sequence[str]) -> list[str | None]:
    """Return the intent that *model* gives each of *texts*; raises RuntimeError when it cannot be asked."""
    done = subprocess.run(  # noqa: S603
        [str(python), str(ROOT / "bench" / "predict.py"), str(model)],
        input=json.dumps(texts, ensure_ascii=False),
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the model could not be asked:\n{done.stderr[-2000:]}")
    names: list[str | None] = json.loads(done.stdout.splitlines()[-1])
    return names


def score(of: Sequence[Guess]) -> Score:
    """Return the figures of the guesses *of* one language (or one file)."""
    asked = [one for one in of if one.in_scope]
    out = [one for one in of if not one.near and one.intent == "out_of_scope"]
    shares = by_intent(asked)
    return Score(
        understood=_mean(shares.values()),
        tasks=_mean(share for intent, share in shares.items() if intent in TASKS),
        misled=_share([not one.right and one.guess not in ASKS_AGAIN for one in asked]),
        trapped=_share([one.guess in TASKS for one in out]),
        asked=len(asked),
        out=len(out),
    )


def by_language(of: Sequence[Guess]) -> dict[str, Score]:
    """Return the figures of each language."""
    return {lang: score([one for one in of if one.lang == lang]) for lang in LANGUAGES}


def by_intent(of: Sequence[Guess]) -> dict[str, float]:
    """Return the share of rows of each intent that were given it."""
    hits: defaultdict[str, list[bool]] = defaultdict(list)
    for one in of:
        hits[one.intent].append(one.right)
    return {intent: _share(found) for intent, found in sorted(hits.items())}


def by_file(of: Sequence[Guess]) -> dict[str, list[Guess]]:
    """Return the guesses of each file."""
    files: defaultdict[str, list[Guess]] = defaultdict(list)
    for one in of:
        files[one.file].append(one)
    return dict(files)


def confusion(of: Sequence[Guess]) -> Counter[tuple[str, str]]:
    """Count (intent, guess) of everything but the near rows."""
    return Counter((one.intent, one.guess or "nlu_fallback") for one in of if not one.near)


def committed() -> dict[str, dict[str, float]]:
    """Return the committed figures by language."""
    kept: dict[str, dict[str, float]] = json.loads(COMMITTED.read_text(encoding="utf-8"))
    return kept


def fallen(scores: dict[str, Score], kept: dict[str, dict[str, float]]) -> list[str]:
    """Return the languages in which *understood* lies more than a point below the committed figure."""
    return [lang for lang, now in scores.items() if now.understood < kept[lang]["understood"] - TOLERANCE]


def _share(found: Sequence[bool]) -> float:
    return statistics.mean(found) if found else 0.0


def _mean(shares: Iterable[float]) -> float:
    values = list(shares)
    return statistics.mean(values) if values else 0.0
