"""Children are started again with growing waits and never outlive their supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from rekey import tether
from rekey.children import Child, HopelessError, Spec, Waits, last_lines, open_log

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = (
    "import subprocess, sys, time;"
    f"subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); time.sleep(60)"
)  # fmt: skip


class Hand:
    """A clock that moves only when somebody sleeps, and remembers the sleeps."""

    def __init__(self, enough: int) -> None:
        self.slept: list[float] = []
        self.enough = enough
        self.child: Child | None = None

    def now(self) -> float:
        """Return a moment that no child can move."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Remember the wait, and stop the child after enough of them."""
        self.slept.append(seconds)
        if len(self.slept) == self.enough and self.child is not None:
            await self.child.stop()


Maker = Callable[[str], Spec]


@pytest.fixture
def spec(tmp_path: Path) -> Maker:
    """Return a maker of tiny Python children."""
    return lambda code: Spec(
        "tiny", (sys.executable, "-c", code), {"PATH": os.defpath}, tmp_path / "logs" / "tiny.log", tmp_path
    )


@pytest.fixture
async def running(spec: Maker) -> AsyncIterator[Callable[[str], AsyncIterator[Child]]]:
    """Return a starter of children that waits for their first word."""
    kept: list[tuple[Child, asyncio.Task[None]]] = []

    async def start(code: str) -> Child:
        child = Child(spec(code))
        kept.append((child, asyncio.create_task(child.keep_alive())))
        await until(lambda: "up" in last_lines(child.spec.log))
        return child

    yield start  # type: ignore[misc]
    for child, task in kept:
        await child.stop(0)
        await task


async def until(true: Callable[[], object]) -> None:
    """Wait for a fact about another process; the suite's timeout ends a wait that is in vain."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - another process cannot set our event
            await asyncio.sleep(0.01)


def test_waits_double_from_half_a_second_to_thirty() -> None:
    """A child that dies at once is started after 0.5, 1, 2 … seconds, never more than 30."""
    waits = Waits()

    assert [waits.after(0) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(("lifetime", "wait"), [(59.9, 4), (60.0, 0.5)])
def test_a_healthy_minute_starts_the_waits_anew(lifetime: float, wait: float) -> None:
    """59.9 seconds of life do not count as health, 60 do."""
    waits = Waits()
    for _ in range(3):
        waits.after(0)

    assert waits.after(lifetime) == wait


async def test_a_child_that_dies_is_started_again(spec: Maker) -> None:
    """Three deaths are followed by three starts, with the waits between them."""
    hand = Hand(enough=3)
    child = Child(spec("print('once'); raise SystemExit(1)"), now=hand.now, sleep=hand.sleep)
    hand.child = child

    await child.keep_alive()

    assert hand.slept == [0.5, 1, 2]
    assert last_lines(child.spec.log) == ["once"] * 3


@pytest.mark.parametrize("code", [2, 78])
async def test_a_hopeless_child_is_not_started_again(spec: Maker, code: int) -> None:
    """Exit codes for wrong usage and wrong settings end the supervision."""
    child = Child(spec(f"raise SystemExit({code})"))

    with pytest.raises(HopelessError) as end:
        await child.keep_alive()

    assert (end.value.code, child.starts) == (code, 1)


async def test_a_killed_child_comes_back(running: Callable[[str], object]) -> None:
    """A child that is killed from outside runs again under another process id."""
    child: Child = await running(SLEEPER)  # type: ignore[misc]
    first = child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await until(lambda: child.starts == 2 and child.pid not in (None, first))

    assert child.pid != first


async def test_stopping_asks_first(running: Callable[[str], object]) -> None:
    """A child that obeys SIGTERM is gone long before the patience is, and is not started again."""
    child: Child = await running(SLEEPER)  # type: ignore[misc]
    pid = child.pid

    await child.stop(patience=15)

    assert not psutil.pid_exists(pid or 0)
    assert (child.pid, child.starts) == (None, 1)


async def test_stopping_insists(running: Callable[[str], object]) -> None:
    """A child that ignores SIGTERM is killed when the patience ends."""
    child: Child = await running(STUBBORN)  # type: ignore[misc]
    pid = child.pid

    await child.stop(patience=0.05)

    assert not psutil.pid_exists(pid or 0)


async def test_stopping_leaves_no_grandchild(running: Callable[[str], object]) -> None:
    """What a child has started itself ends with it, even when it ignores SIGTERM."""
    child: Child = await running(PARENT)  # type: ignore[misc]
    (grandchild,) = psutil.Process(child.pid).children()

    await child.stop(patience=0.05)

    await until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


async def test_a_child_dies_with_its_supervisor(tmp_path: Path) -> None:
    """On Linux a supervisor that is killed without warning leaves no child behind."""
    if sys.platform != "linux":
        pytest.skip("only Linux ties a process to its parent")
    code = (
        "import os, subprocess, sys;"
        f"tether = [sys.executable, '-I', {tether.__file__!r}, str(os.getpid())];"
        f"tethered = [*tether, sys.executable, '-c', {SLEEPER!r}];"
        "child = subprocess.Popen(tethered); print(child.pid, flush=True); child.wait()"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    assert supervisor.stdout is not None
    orphan = psutil.Process(int(await supervisor.stdout.readline()))
    assert await supervisor.stdout.readline() == b"up\n"

    supervisor.kill()
    await supervisor.wait()

    await until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


async def test_a_child_sees_only_its_environment(spec: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of the supervisor's environment does not reach a child whose spec does not name it."""
    monkeypatch.setenv("REKEY_AUDIT_KEY", "secret")
    child = Child(spec("import os; print(os.environ.get('REKEY_AUDIT_KEY'))"))

    assert await child.run() == 0

    assert last_lines(child.spec.log) == ["None"]


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    """A log of 5 MB is kept; one byte more, and a new one is begun for its owner alone."""
    path = tmp_path / "rasa.log"
    path.write_bytes(b"x" * 5_000_000)
    open_log(path).close()
    assert path.stat().st_size == 5_000_000

    path.write_bytes(b"x" * 5_000_001)
    open_log(path).close()

    assert path.stat().st_size == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "rasa.log.1").stat().st_size == 5_000_001


def test_no_log_has_no_last_lines(tmp_path: Path) -> None:
    """Asking for a log that nobody wrote is no error."""
    assert last_lines(tmp_path / "none.log") == []
