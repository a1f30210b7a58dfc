"""The chat: turns, throughput, long conversations, memory, start and training beside the stock assistant."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
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
ROUNDS, BURSTS = 10, 3
"""How often the two servers take turns, with one person and with all of them."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked of each server."""

    turns: int = 200
    turns_together: int = 60
    long_conversations: int = 4
    long_with_stock: int = 2
    """Fewer, because four would keep a stock Rasa busy without a pause."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where people talk, and the processes whose work is counted."""

    open: Callable[[], Person]
    watched: dict[str, psutil.Process]


@dataclass(slots=True)
class Heard:
    """What one server showed; times in seconds, memory in MB, CPU in seconds a turn."""

    first_answer: float
    alone: list[float] = field(default_factory=list)
    together: chatting.Burst = field(default_factory=lambda: chatting.Burst([], 0.0))
    growth: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)


async def measure(size: Size, model: StockModel) -> Results:
    """Measure both servers in turns, on the same sentences."""
    training = _training_seconds()
    print(f"  trained in {training:.0f} s", flush=True)
    data = fresh("chat")
    async with servers.rekey(data):
        pass  # the first start makes tables, keys and the demo company; the next one is a warm start
    async with servers.rekey(data) as ours, servers.stock(model) as theirs:
        mine = Server(lambda: RekeyPerson(ours.site), {"portal": ours.portal, "rasa": ours.rasa})
        other = Server(lambda: StockPerson(theirs.site), {"rasa": theirs.rasa})
        heard, peer = Heard(ours.first_answer), Heard(theirs.first_answer)
        both = ((mine, heard), (other, peer))
        await _in_turns(both, size)
        for (server, one), people in zip(both, (size.long_conversations, size.long_with_stock), strict=True):
            one.growth = await chatting.long_conversations(server.open, people)
            one.memory = {name: resident(process) for name, process in server.watched.items()}
    return _results(heard, peer, training, model)


async def _in_turns(both: Sequence[tuple[Server, Heard]], size: Size) -> None:
    """Talk to one server, then to the other, again and again: a slow minute is one for both."""
    for server, one in both:
        print(f"  {', '.join(server.watched)} answered after {one.first_answer:.0f} s", flush=True)
        await chatting.alone(server.open, WARM_UP)
    turns = size.turns // ROUNDS
    for number in range(ROUNDS):
        for server, one in both if number % 2 else reversed(both):
            before = {name: cpu_seconds(process) for name, process in server.watched.items()}
            one.alone += await chatting.alone(server.open, turns)
            for name, process in server.watched.items():
                used = cpu_seconds(process) - before[name]
                one.cpu[name] = one.cpu.get(name, 0.0) + used / (turns * ROUNDS)
    for _ in range(BURSTS):
        for server, one in both:
            burst = await chatting.together(server.open, PEOPLE, size.turns_together // BURSTS)
            one.together = one.together.joined(burst)
    for server, one in both:
        alone, many = p50(one.alone) * 1e3, one.together.throughput
        print(f"  {', '.join(server.watched)}: {alone:.1f} ms, {many:.1f} turns a second", flush=True)


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
