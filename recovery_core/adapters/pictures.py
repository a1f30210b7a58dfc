"""Looks into untrusted files in child processes with bounded memory and time; nothing is decoded here."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from recovery_core.errors import UnavailableError
from recovery_core.evidence.evidence import FileKind, Finding
from recovery_core.evidence.ports import Examined

_CHILD = Path(__file__).with_name("pictures_child.py")
_MAX_ANSWER = 96 << 20
"""Bytes that a child may answer; ten pages of noise."""
_PNG = b"\x89PNG\r\n\x1a\n"
_BROKEN = Examined(None, 0, (Finding.BROKEN,))


class ChildPictures:
    """Runs one child a file, a few at the same time; each is killed when it takes too long."""

    def __init__(self, *, at_once: int = 2, waiting: int = 20, seconds: float = 30) -> None:
        """Run *at_once* children of at most *seconds* each; one more than *waiting* is turned away."""
        self._free = asyncio.Semaphore(at_once)
        self._places = at_once + waiting
        self._seconds = seconds

    async def examine(self, content: bytes) -> Examined:
        """Return what the file is; never raises for any content. Raises UnavailableError when busy."""
        if self._places <= 0:
            raise UnavailableError("pictures_busy")
        self._places -= 1
        try:
            async with self._free:
                return _read(await self._run(content))
        finally:
            self._places += 1

    async def _run(self, content: bytes) -> bytes:
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-I", str(_CHILD),
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True,
            )  # fmt: skip
        except OSError:
            raise UnavailableError("pictures_busy") from None
        try:
            async with asyncio.timeout(self._seconds):
                answer = await _talk(child, content)
                await child.wait()
                return answer
        except TimeoutError:
            return b""
        finally:
            await _end(child)


async def _end(child: Process) -> None:
    """Kill a child that still runs; not by ``Popen``, which would take its status from asyncio's watcher."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        await child.wait()


async def _talk(child: Process, content: bytes) -> bytes:
    if child.stdin is None or child.stdout is None:
        return b""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(content)
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()
    answer = bytearray()
    while part := await child.stdout.read(1 << 18):
        answer += part
        if len(answer) > _MAX_ANSWER:
            raise TimeoutError
    return bytes(answer)


def _read(answer: bytes) -> Examined:
    """Return what the child said; a child that died, or says what none of ours would, means a broken file."""
    line, _, rest = answer.partition(b"\n")
    try:
        head = json.loads(line)
        kind = None if head["kind"] is None else FileKind(head["kind"])
        findings = tuple(Finding(name) for name in head["findings"])
        pages, sizes = int(head["pages"]), [int(size) for size in head["sizes"]]
    except (ValueError, KeyError, TypeError):
        return _BROKEN
    if findings:
        return Examined(kind, pages, findings)
    pictures = _cut(rest, sizes)
    if kind is None or not pictures or not all(picture.startswith(_PNG) for picture in pictures):
        return _BROKEN
    return Examined(kind, len(pictures), (), pictures)


def _cut(rest: bytes, sizes: list[int]) -> tuple[bytes, ...]:
    if any(size <= 0 for size in sizes) or sum(sizes) != len(rest):
        return ()
    pictures, at = [], 0
    for size in sizes:
        pictures.append(rest[at : at + size])
        at += size
    return tuple(pictures)
