"""A thousand events at once, a tenth of them twice, and a process that is killed in the middle."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.integration.channels.plain import signed
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
ACCOUNTS = 50
AT_ONCE = 100


@dataclass
class Burst:
    """The platform's side: it sends each event until it is acknowledged."""

    folder: Path
    peer: Path
    port: int = field(default_factory=free_port)
    seconds: list[float] = field(default_factory=list)
    """How long each acknowledgement took."""
    retries: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run the portal in a process of its own; at the end it is killed without a warning."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.channels.child"),
            *(str(self.folder), str(self.port), str(self.peer)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(90):
                while await process.stdout.readline() != b"ready\n":
                    assert process.returncode is None
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def tell(self, events: int) -> None:
        """Send *events* events and a tenth of them again, in any order, each until it is acknowledged."""
        numbers = sorted([*range(events), *range(0, events, 10)], key=lambda number: number * 7919 % 1009)
        room = asyncio.Semaphore(AT_ONCE)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as http:
            await asyncio.gather(*(self._until_acknowledged(http, room, number) for number in numbers))

    async def _until_acknowledged(
        self, http: aiohttp.ClientSession, room: asyncio.Semaphore, number: int
    ) -> None:
        row = {"id": f"e-{number}", "account": f"u-{number % ACCOUNTS}", "text": f"message {number}"}
        body, headers = signed(row)
        while True:
            async with room:
                begun = time.perf_counter()
                try:
                    async with http.post("/channels/plain", data=body, headers=headers) as response:
                        acknowledged = response.status == 200
                except aiohttp.ClientError:
                    acknowledged = False
                if acknowledged:
                    self.seconds.append(time.perf_counter() - begun)
                    return
                self.retries += 1
            await asyncio.sleep(0.2)

    def told(self) -> list[dict[str, str]]:
        """Return what the platform got, in order."""
        if not self.peer.exists():
            return []
        return [json.loads(line) for line in self.peer.read_text(encoding="utf-8").splitlines()]

    async def until_told(self, count: int, seconds: float) -> None:
        """Wait until the platform got *count* different messages."""
        async with asyncio.timeout(seconds):
            while len({row["id"] for row in self.told()}) < count:  # noqa: ASYNC110  a file has no event
                await asyncio.sleep(0.1)
