"""Ends what is still logged in with the old password, by Dovecot's ``doveadm kick``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from recovery_core.errors import UnavailableError

NOTHING_TO_KICK = 68
"""Exit status of doveadm when nobody of that name is logged in (sysexits EX_NOHOST)."""
_WILDCARDS = frozenset("*?")


class NoSessions:
    """Stands where rekey may not end sessions; the person is told instead (R11)."""

    async def end(self, address: str) -> bool:  # noqa: ARG002
        """Return False: sessions cannot be ended here."""
        return False


class DoveadmSessions:
    """Runs ``<command> kick -- <address>`` without a shell; the command gets nothing of our environment."""

    def __init__(self, command: Sequence[str] = ("doveadm",), *, timeout: float = 10.0) -> None:
        self._command = tuple(command)
        self._timeout = timeout

    async def end(self, address: str) -> bool:
        """Log *address* out everywhere and return True; raises UnavailableError when doveadm cannot do it.

        doveadm reads ``*`` and ``?`` as patterns: such an address could log out others, so it answers False.
        """
        if not address or _WILDCARDS & set(address) or not address.isprintable():
            return False
        if await self._run("kick", "--", address) not in (0, NOTHING_TO_KICK):
            raise UnavailableError
        return True

    async def _run(self, *arguments: str) -> int:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C"},
                start_new_session=True,
            )
        except OSError:
            raise UnavailableError from None
        try:
            async with asyncio.timeout(self._timeout):
                return await process.wait()
        except TimeoutError:
            raise UnavailableError("timeout") from None
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave no process behind, whatever ended the wait."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
