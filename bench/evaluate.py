"""``make eval``: understanding by intent and language, its picture, and the committed figures."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from bench import picture
from bench import understanding as u
from bench.places import RASA_PYTHON, ROOT, VAR


def main(argv: list[str] | None = None) -> int:
    """Print the table; the exit code is 1 when understanding fell and ``CI=true``."""
    parser = argparse.ArgumentParser(prog="bench.evaluate", description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models", help="a model or the folder of models")
    parser.add_argument(
        "--commit", action="store_true", help="write these figures to bench/understanding.json"
    )
    options = parser.parse_args(argv)
    in_ci = os.environ.get("CI") == "true"
    if not u.DEV.is_dir():
        print(f"There are no utterances at {u.DEV}: nothing is measured.")
        return int(in_ci)
    found = u.guesses(options.model, RASA_PYTHON)
    scores = u.by_language(found)
    print("\n".join([*_table(scores), "", *_intents(found), "", *_files(found)]))
    picture.draw_confusions(found, VAR)
    if options.commit:
        kept = {lang: {k: round(v, 4) for k, v in asdict(s).items()} for lang, s in scores.items()}
        u.COMMITTED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return _compare(scores) if u.COMMITTED.exists() else 0


def _table(scores: dict[str, u.Score]) -> list[str]:
    head = f"{'':4} {'understood':>10} {'tasks':>7} {'misled':>7} {'trapped':>8} {'in scope':>9} {'out':>5}"
    lines = [
        f"{lang:4} {s.understood:>10.1%} {s.tasks:>7.1%} {s.misled:>7.1%} {s.trapped:>8.1%}"
        f" {s.asked:>9} {s.out:>5}"
        for lang, s in scores.items()
    ]
    return [head, *lines]


def _intents(found: list[u.Guess]) -> list[str]:
    shares = {
        lang: u.by_intent([one for one in found if one.lang == lang and not one.near]) for lang in u.LANGUAGES
    }
    names = sorted(set().union(*shares.values()))
    head = f"{'intent':20}" + "".join(f"{lang:>8}" for lang in u.LANGUAGES)
    return [
        head,
        *(f"{name:20}" + "".join(_cell(shares[lang].get(name)) for lang in u.LANGUAGES) for name in names),
    ]


def _cell(share: float | None) -> str:
    return f"{'-':>8}" if share is None else f"{share:>8.0%}"


def _files(found: list[u.Guess]) -> list[str]:
    lines = [f"{'file':32} {'rows':>5} {'own intent':>11}   as the mean over intents"]
    for name, rows in u.by_file(found).items():
        own = sum(one.right for one in rows) / len(rows)
        shares = u.by_intent(rows)
        lines.append(f"{name:32} {len(rows):>5} {own:>11.1%}   {sum(shares.values()) / len(shares):.1%}")
    return lines


def _compare(scores: dict[str, u.Score]) -> int:
    kept = u.committed()
    for lang, now in scores.items():
        print(f"{lang}: understood {now.understood:.1%}, committed {kept[lang]['understood']:.1%}")
    fallen = u.fallen(scores, kept)
    if fallen:
        print(f"Understanding fell by more than a point: {', '.join(fallen)}")
    return int(bool(fallen) and os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())
