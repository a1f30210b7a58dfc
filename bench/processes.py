"""Starts what is measured, waits until it answers, and stops exactly what was started."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

from bench.places import ROOT

PATIENCE = 240.0
"""Seconds that a server may take to answer for the first time."""
_STOP_SECONDS = 20.0


class NotStartedError(Exception):
    """Raised when a server ended or did not answer; the message shows the end of its log."""


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def started(
    order: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path = ROOT
) -> AsyncIterator[psutil.Process]:
    """Run *order* until the block ends; yield its process."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        child = await asyncio.create_subprocess_exec(
            *order, env=dict(env), cwd=cwd, stdin=asyncio.subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        yield psutil.Process(child.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), _STOP_SECONDS)
        except TimeoutError:
            child.kill()
            await child.wait()


async def until_answers(url: str, process: psutil.Process, log: Path, seconds: float = PATIENCE) -> None:
    """Ask *url* until it answers 200; raises NotStartedError."""
    deadline = asyncio.get_running_loop().time() + seconds
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        while asyncio.get_running_loop().time() < deadline:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                break
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with http.get(url) as answer:
                    if answer.status == 200:  # noqa: PLR2004  HTTP's own number
                        return
            await asyncio.sleep(0.05)
    raise NotStartedError(f"{url} does not answer:\n{_end_of(log)}")


def resident(process: psutil.Process) -> float:
    """Return the resident memory of *process* in MB (10**6 bytes)."""
    return float(process.memory_info().rss) / 1e6


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU seconds that *process* has used, its own and the system's for it."""
    times = process.cpu_times()
    return float(times.user + times.system)


def descendant(process: psutil.Process, word: str) -> psutil.Process:
    """Return the process below *process* whose command line contains *word*; raises NotStartedError."""
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if word in " ".join(child.cmdline()) and "tether" not in " ".join(child.cmdline()):
                return child
    raise NotStartedError(f"there is no process of {word}")


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
