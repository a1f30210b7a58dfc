"""Recoveries per second beside Django's password reset, and how much of the portal's work is Argon2."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import argon2
import psutil

from bench import recoveries, servers
from bench.figures import Results, Row, milliseconds, p50, p95
from bench.places import BENCH_PYTHON, ROOT, environment, fresh
from bench.processes import cpu_seconds, free_port, started, until_answers
from bench.recoveries import Recovered
from recovery_core.adapters.argon2 import ARGON2_PROFILES

ARGON2_PER_RECOVERY = 4
"""Three comparisons with the history and one new hash."""
WARM_UP = 4
_GOAL_IN_ARGON2 = 70
_GOAL_BESIDE_DJANGO = 1.3


@dataclass(frozen=True, slots=True)
class Size:
    """How many recoveries are made, and by how many people at a time."""

    count: int = 120
    people: int = 8


@dataclass(frozen=True, slots=True)
class Worked:
    """Recoveries with the CPU seconds that the server's processes used for them."""

    done: Recovered
    cpu: dict[str, float]


async def measure(size: Size) -> Results:
    """Measure rekey, then Django with one worker (gunicorn's default) and with one for each core."""
    ours = await _ours(size)
    single = await _django(size, workers=1)
    cores = psutil.cpu_count() or 1
    every = await _django(size, workers=cores)
    cost = argon2_seconds()
    share = ARGON2_PER_RECOVERY * cost * size.count / ours.cpu["portal"] * 100
    rate = ours.done.rate
    return Results(
        [
            Row(
                "recoveries",
                "recoveries a second beside Django (gunicorn as it comes: one worker)",
                f"{rate:.1f}",
                f"{single.done.rate:.1f}",
                rate / single.done.rate,
                "x more",
                _GOAL_BESIDE_DJANGO,
                at_most=False,
            ),
            Row(
                "recoveries",
                f"recoveries a second beside Django with {cores} workers",
                f"{rate:.1f}",
                f"{every.done.rate:.1f}",
                rate / every.done.rate,
                "x",
            ),
            Row(
                "recoveries",
                f"CPU of the portal inside Argon2 ({milliseconds(cost)} an operation, four a recovery)",
                f"{share:.0f} %",
                f"{ARGON2_PER_RECOVERY * cost * size.count / single.cpu['django'] * 100:.0f} %",
                share,
                "%",
                _GOAL_IN_ARGON2,
                at_most=False,
            ),
            *_cost(ours, single, size),
        ],
        {"recovery, rekey": _ms(ours.done.each), "recovery, Django": _ms(single.done.each)},
    )


def _cost(ours: Worked, peer: Worked, size: Size) -> list[Row]:
    mine, other = sum(ours.cpu.values()) / size.count, sum(peer.cpu.values()) / size.count
    split = ", ".join(f"{name} {seconds / size.count * 1e3:.0f}" for name, seconds in ours.cpu.items())
    middle, others = p50(ours.done.each), p50(peer.done.each)
    return [
        Row(
            "recoveries",
            "CPU a recovery",
            f"{mine * 1e3:.0f} ms ({split})",
            milliseconds(other),
            mine / other,
            "x",
        ),
        Row("recoveries", "recovery p50", milliseconds(middle), milliseconds(others), middle / others, "x"),
        Row(
            "recoveries",
            "recovery p95",
            milliseconds(p95(ours.done.each)),
            milliseconds(p95(peer.done.each)),
            p95(ours.done.each) / p95(peer.done.each),
            "x",
        ),
    ]


def argon2_seconds(times: int = 20) -> float:
    """Return the CPU seconds of one operation of the default profile, alone on a thread."""
    profile = ARGON2_PROFILES["default"]
    hasher = argon2.PasswordHasher(profile.passes, profile.memory, profile.lanes)
    taken = []
    for number in range(times):
        begun = time.thread_time()
        hasher.hash(f"pass{number}")
        taken.append(time.thread_time() - begun)
    return p50(taken)


async def _ours(size: Size) -> Worked:
    data = fresh("recoveries")
    async with servers.rekey(data):
        pass
    _import_accounts(data, size.count + WARM_UP)
    async with servers.rekey(data) as server, recoveries.demo_outbox(server.site) as bag:
        numbers = itertools.count()

        async def once(number: int) -> None:
            await recoveries.with_rekey(server.site, bag, number)

        await recoveries.recover(once, numbers, WARM_UP, 2)
        watched = {"portal": server.portal, "rasa": server.rasa}
        before = {name: cpu_seconds(process) for name, process in watched.items()}
        done = await recoveries.recover(once, numbers, size.count, size.people)
        return Worked(done, {name: cpu_seconds(p) - before[name] for name, p in watched.items()})


async def _django(size: Size, *, workers: int) -> Worked:
    data = fresh("django")
    _make_users(data, size.count + WARM_UP)
    async with (
        _django_server(data, workers) as (site, server),
        recoveries.file_outbox(data / "outbox.jsonl") as bag,
    ):
        numbers = itertools.count()

        async def once(number: int) -> None:
            await recoveries.with_django(site, bag, number)

        await recoveries.recover(once, numbers, WARM_UP, 2)
        processes = [server, *server.children(recursive=True)]
        before = sum(cpu_seconds(process) for process in processes)
        done = await recoveries.recover(once, numbers, size.count, size.people)
        used = sum(cpu_seconds(process) for process in processes) - before
    return Worked(done, {"django": used})


@asynccontextmanager
async def _django_server(data: Path, workers: int) -> AsyncIterator[tuple[str, psutil.Process]]:
    port, env = free_port(), _django_environment(data)
    site, log = f"http://127.0.0.1:{port}", data / "django.log"
    order = [str(BENCH_PYTHON), "-m", "gunicorn", "bench.django_peer.wsgi", "-b", f"127.0.0.1:{port}"]
    async with started([*order, "-w", str(workers), "--log-level", "warning"], env, log) as server:
        await until_answers(f"{site}/", server, log)
        yield site, server


def _django_environment(data: Path) -> dict[str, str]:
    return environment(
        BENCH_DJANGO_DATABASE=str(data / "django.db"),
        BENCH_DJANGO_OUTBOX=str(data / "outbox.jsonl"),
        PYTHONPATH=str(ROOT),
    )


def _make_users(data: Path, count: int) -> None:
    order = [str(BENCH_PYTHON), "-m", "bench.django_peer.prepare", str(count)]
    subprocess.run(order, cwd=ROOT, env=_django_environment(data), check=True)  # noqa: S603


def _import_accounts(data: Path, count: int) -> None:
    profile = ARGON2_PROFILES["default"]
    encoded = argon2.PasswordHasher(profile.passes, profile.memory, profile.lanes).hash("Old-Passw0rd-1")
    file = data / "accounts.csv"
    file.write_text(recoveries.accounts_csv(count, encoded), encoding="utf-8")
    order = [str(ROOT / ".venv" / "bin" / "rekey"), "accounts", "import", str(file)]
    subprocess.run(order, env=servers.rekey_environment(data, 8080), check=True, capture_output=True)  # noqa: S603


def _ms(taken: list[float]) -> list[float]:
    return [seconds * 1e3 for seconds in taken]
