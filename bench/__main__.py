"""``python -m bench``: everything in one run, or only the parts that are named."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence

from bench import chat_part, messenger_part, picture, recovery_part, report, scale_part
from bench import understanding as u
from bench.figures import Results, Row
from bench.places import BENCH_PYTHON, RASA_PYTHON, ROOT, VAR
from bench.stock_model import EPOCHS, FEW, note, stock_model

PARTS = ("chat", "messenger", "recoveries", "scale", "understanding")
KEPT = VAR / "results.json"


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], help="what to measure; everything by default"
    )
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="accounts and cases of the larger database"
    )
    parser.add_argument("--rounds", type=int, default=600, help="recoveries in each database")
    parser.add_argument("--turns", type=int, default=200, help="turns of one person")
    parser.add_argument("--recoveries", type=int, default=120, help="recoveries through the front door")
    parser.add_argument(
        "--stock-epochs",
        type=int,
        default=FEW,
        help=f"epochs of the stock model's training; Rasa's are {EPOCHS}",
    )
    parser.add_argument("--stale-stock", action="store_true", help="take the newest stock model there is")
    parser.add_argument("--dry", action="store_true", help="leave docs/performance.md as it is")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write; the exit code is 1 when a goal was missed."""
    options = arguments().parse_args(argv)
    # Ended from outside it ends as Ctrl-C does: with everything that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    wanted = options.parts or PARTS
    load = os.getloadavg()[0]
    results = Results.load(KEPT)
    try:
        broken = [part for part in PARTS if part in wanted and not _one(part, options, results)]
    except KeyboardInterrupt:
        print("Stopped; the page is as it was.", file=sys.stderr)
        return 128 + signal.SIGINT
    _draw(results)
    print(report.tables(results), *results.notes, sep="\n")
    if not options.dry:
        report.write(results, load)
        print(f"Written to {report.PAGE.relative_to(ROOT)}")
    return int(bool(broken) or any(row.met is False for row in results.rows))


def _one(part: str, options: argparse.Namespace, results: Results) -> bool:
    """Measure *part* into *results*; a part that breaks is told of and does not stop the others."""
    print(f"Measuring: {part}", flush=True)
    begun = time.perf_counter()
    try:
        found = _measure(part, options)
    except Exception:  # noqa: BLE001  whatever broke, the other parts are worth having
        traceback.print_exc()
        found = None
    results.replace(part, found or Results(notes=["could not be measured."]))
    results.save(KEPT)
    print(f"{part}: {time.perf_counter() - begun:.0f} s", flush=True)
    return found is not None


def _measure(part: str, options: argparse.Namespace) -> Results:
    if part == "chat":
        model = stock_model(options.stock_epochs, stale=options.stale_stock)
        return asyncio.run(
            chat_part.measure(chat_part.Size(options.turns, max(20, options.turns * 3 // 10)), model)
        )
    if part == "messenger":
        return asyncio.run(messenger_part.measure(options.turns))
    if part == "recoveries":
        return asyncio.run(recovery_part.measure(recovery_part.Size(count=options.recoveries)))
    if part == "scale":
        return asyncio.run(scale_part.measure(options.rows, options.rounds))
    return _understanding(options)


def _understanding(options: argparse.Namespace) -> Results:
    if not u.DEV.is_dir():
        return Results(notes=[f"Understanding was not measured: there are no utterances at {u.DEV}."])
    model = stock_model(options.stock_epochs, stale=options.stale_stock)
    ours = u.by_language(u.guesses(ROOT / "models", RASA_PYTHON))
    peer = u.by_language(u.guesses(model.path, BENCH_PYTHON))
    rows = []
    for lang in u.LANGUAGES:
        for what in ("understood", "misled", "trapped"):
            mine, other = getattr(ours[lang], what) * 100, getattr(peer[lang], what) * 100
            rows.append(
                Row(
                    "understanding",
                    f"{what}, {lang}",
                    f"{mine:.1f} %",
                    f"{other:.1f} %",
                    mine - other,
                    "points",
                )
            )
    return Results(rows, notes=[note(model)])


def _draw(results: Results) -> None:
    goals = [row for row in results.rows if row.bound is not None]
    order = {
        "kind": "turns",
        "samples": {name: taken for name, taken in results.samples.items() if taken},
        "names": [row.what for row in goals],
        "values": [row.value for row in goals],
        "bounds": [row.bound for row in goals],
        "met": [row.met for row in goals],
    }
    picture.draw(order, VAR / "performance.png")


if __name__ == "__main__":
    sys.exit(main())
