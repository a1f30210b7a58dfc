"""The chat: turns, throughput, long conversations, memory, start and training beside the stock assistant."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench import chatting, servers
from bench.figures import Results, Row, milliseconds, p50, p95
from bench.people import Person, RekeyPerson, StockPerson
from bench.places import RASA_PYTHON, ROOT, environment, fresh
from bench.processes import cpu_seconds, resident
from bench.stock_model import StockModel, note

PEOPLE = 8
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked of each server."""

    turns: int = 200
    turns_together: int = 60
    long_conversations: int = 4
    long_with_stock: int = 2
    """Fewer, because four would keep a stock Rasa busy without a pause."""


@dataclass(slots=True)
class Heard:
    """What one server showed; times in seconds, memory in MB, CPU in seconds a turn."""

    first_answer: float
    alone: list[float] = field(default_factory=list)
    together: chatting.Burst = field(default_factory=lambda: chatting.Burst([], 1.0))
    growth: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)


async def measure(size: Size, model: StockModel) -> Results:
    """Measure both servers, one after the other, on the same sentences."""
    training = _training_seconds()
    print(f"  trained in {training:.0f} s", flush=True)
    data = fresh("chat")
    async with servers.rekey(data):
        pass  # the first start makes tables, keys and the demo company; the next one is a warm start
    async with servers.rekey(data) as ours:
        watched = {"portal": ours.portal, "rasa": ours.rasa}
        heard = await _listen(lambda: RekeyPerson(ours.site), ours.first_answer, watched, size)
    async with servers.stock(model) as theirs:
        peer = await _listen(
            lambda: StockPerson(theirs.site), theirs.first_answer, {"rasa": theirs.rasa}, size
        )
    return _results(heard, peer, training, model)


async def _listen(
    open_: Callable[[], Person], first: float, watched: dict[str, psutil.Process], size: Size
) -> Heard:
    heard = Heard(first)
    print(f"  {', '.join(watched)} answered after {first:.0f} s", flush=True)
    await chatting.alone(open_, WARM_UP)
    before = {name: cpu_seconds(process) for name, process in watched.items()}
    heard.alone = await chatting.alone(open_, size.turns)
    heard.cpu = {name: (cpu_seconds(p) - before[name]) / size.turns for name, p in watched.items()}
    print(f"  one person: {p50(heard.alone) * 1e3:.1f} ms in the middle", flush=True)
    heard.together = await chatting.together(open_, PEOPLE, size.turns_together)
    print(f"  {PEOPLE} people: {heard.together.throughput:.1f} turns a second", flush=True)
    people = size.long_conversations if "portal" in watched else size.long_with_stock
    heard.growth = await chatting.long_conversations(open_, people)
    heard.memory = {name: resident(process) for name, process in watched.items()}
    return heard


def _training_seconds() -> float:
    out: Path = fresh("model")
    order = [str(RASA_PYTHON), "-m", "rekey_assistant.train", "--out", str(out)]
    begun = time.perf_counter()
    subprocess.run(order, cwd=ROOT, env=environment(), check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - begun


def _results(ours: Heard, peer: Heard, training: float, model: StockModel) -> Results:
    rows = [*_speed(ours, peer), *_weight(ours, peer, training, model)]
    samples = {
        "rekey, one person": ours.alone,
        "rekey, eight people": ours.together.turns,
        "stock Rasa, one person": peer.alone,
        "stock Rasa, eight people": peer.together.turns,
    }
    return Results(rows, {name: [s * 1e3 for s in taken] for name, taken in samples.items()}, [note(model)])


def _speed(ours: Heard, peer: Heard) -> list[Row]:
    mine, other = p50(ours.alone), p50(peer.alone)
    slow, peers_slow = p95(ours.alone), p95(peer.alone)
    many, peers_many = ours.together.throughput, peer.together.throughput
    here, there = sum(ours.cpu.values()), sum(peer.cpu.values())
    split = ", ".join(f"{name} {seconds * 1e3:.1f}" for name, seconds in ours.cpu.items())
    hundredth = "the hundredth turn beside the fifth"
    rows = [
        Row(
            "chat",
            "turn p50",
            milliseconds(mine),
            milliseconds(other),
            other / mine,
            "x faster",
            15,
            at_most=False,
        ),
        Row("chat", "turn p95", milliseconds(slow), milliseconds(peers_slow), slow / mine, "x p50", 3),
        Row(
            "chat",
            "turns a second, eight people",
            f"{many:.1f}",
            f"{peers_many:.2f}",
            many / peers_many,
            "x more",
            15,
            at_most=False,
        ),
        Row(
            "chat",
            "CPU a turn",
            f"{here * 1e3:.1f} ms ({split})",
            milliseconds(there),
            there / here,
            "x less",
        ),
    ]
    rows.append(
        Row("chat", hundredth, f"{ours.growth:.2f}", f"{peer.growth:.2f}", ours.growth, "x the fifth", 1.3)
    )
    return rows


def _weight(ours: Heard, peer: Heard, training: float, model: StockModel) -> list[Row]:
    rasa, portal, stock = ours.memory["rasa"], ours.memory["portal"], peer.memory["rasa"]
    begin, peers_begin = ours.first_answer, peer.first_answer
    return [
        Row(
            "chat",
            "training",
            f"{training:.1f} s",
            f"{model.seconds:.0f} s ({model.epochs} epochs)",
            training,
            "s",
            20,
        ),
        Row("chat", "memory of Rasa", f"{rasa:.0f} MB", f"{stock:.0f} MB", rasa, "MB", 300),
        Row("chat", "memory of the portal", f"{portal:.0f} MB", "", portal, "MB", 150),
        Row(
            "chat", "warm start to the first answer", f"{begin:.1f} s", f"{peers_begin:.1f} s", begin, "s", 12
        ),
    ]
