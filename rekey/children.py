"""Child processes that are started again when they die, with growing waits, and that never outlive us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from rekey import tether

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
HEALTHY_AFTER = 60.0
STOP_WAIT = 8.0
HOPELESS = frozenset({2, 78})
"""Exit codes that another start does not change: wrong usage, and EX_CONFIG of sysexits.h."""
_LOG_BYTES = 5_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Spec:
    """What to start: its *env* is the whole environment of the child."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    cwd: Path


class HopelessError(Exception):
    """Raised when a child ended with a code that says that starting it again is no use."""

    def __init__(self, spec: Spec, code: int) -> None:
        super().__init__(spec.name)
        self.spec = spec
        self.code = code


@dataclass
class Waits:
    """The wait before the next start: from half a second, doubling to thirty; anew after a healthy minute."""

    _next: float = FIRST_WAIT

    def after(self, lifetime: float) -> float:
        """Return the seconds to wait after a child that lived *lifetime* seconds."""
        wait = FIRST_WAIT if lifetime >= HEALTHY_AFTER else self._next
        self._next = min(wait * 2, LONGEST_WAIT)
        return wait


class Child:
    """One process, kept alive by :meth:`keep_alive` and ended by :meth:`stop`."""

    def __init__(
        self,
        spec: Spec,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.spec = spec
        self.starts = 0
        self._now = now or asyncio.get_running_loop().time
        self._sleep = sleep
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process id while the child runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def keep_alive(self) -> None:
        """Start the child, and start it again whenever it dies, until :meth:`stop`.

        Raises:
            HopelessError: it ended with a code of :data:`HOPELESS`.

        """
        waits = Waits()
        while not self._stopping:
            begun = self._now()
            code = await self.run()
            if self._stopping:
                return
            if code in HOPELESS:
                raise HopelessError(self.spec, code)
            wait = waits.after(self._now() - begun)
            log.warning("child died", child=self.spec.name, exit=code, seconds=wait)
            await self._sleep(wait)

    async def run(self) -> int:
        """Start the child once and return its exit code; its output goes to the log."""
        self.starts += 1
        command = (sys.executable, "-I", tether.__file__, str(os.getpid()), *self.spec.command)
        with open_log(self.spec.log) as output:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                env=dict(self.spec.env),
                cwd=self.spec.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,  # Ctrl-C reaches us alone; we end the group in order
            )
        if self._stopping:  # stopped between the decision to start and the start
            _signal(self._process.pid, signal.SIGKILL)
        log.debug("child started", child=self.spec.name, pid=self._process.pid, attempt=self.starts)
        return await self._process.wait()

    async def stop(self, patience: float = STOP_WAIT) -> None:
        """Ask the child and its descendants to end; after *patience* seconds make them."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            _signal(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
        _signal(process.pid, signal.SIGKILL)
        await process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    """Send *number* to what is left of *group*."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def open_log(path: Path) -> BinaryIO:
    """Open *path* to append, for its owner alone; a log of more than 5 MB is put aside as ``.1`` first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_lines(path: Path, count: int = 12) -> list[str]:
    """Return the last *count* lines of a log, none when there is no log."""
    if not path.exists():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
