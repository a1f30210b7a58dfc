"""How much memory an idle connection to a messenger takes: ``python -m bench.idle_connections``.

Connections without TLS to the simulated platforms, which run in a process of their own; the memory is the
unique set size, so that nothing shared counts.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable, Sequence

import aiohttp
import psutil

from portal.channels.config import Secret, Tools
from portal.channels.dingtalk import DingTalkChannel, DingTalkConfig
from portal.channels.mattermost import MattermostChannel, MattermostConfig
from portal.channels.port import Event
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from tests.peers.dingtalk import CLIENT, DingTalk
from tests.peers.mattermost import Mattermost

CONNECTIONS = 200
WARM = 20
"""Connections that are opened first, so that what is needed once is not counted."""

Connected = DingTalkChannel | MattermostChannel


async def serve() -> None:
    """Run both platforms and print their addresses, until killed."""
    async with DingTalk().running() as dingtalk, Mattermost().running() as mattermost:
        sys.stdout.write(f"{dingtalk.url} {mattermost.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def kibibytes(make: Callable[[Tools], Connected]) -> float:
    """Return the memory of one more idle connection."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        tools, tasks = Tools(http, SystemClock(), SystemEntropy()), []
        tasks += await listening([make(tools) for _ in range(WARM)])
        before = used()
        tasks += await listening([make(tools) for _ in range(CONNECTIONS)])
        taken = used() - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return taken / CONNECTIONS / 1024


async def listening(channels: Sequence[Connected]) -> list[asyncio.Task[None]]:
    """Open the connections of *channels*; return the tasks that hold them."""
    tasks = [asyncio.create_task(channel.listen(_hear)) for channel in channels]
    while not all(channel.connection.connected for channel in channels):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    return tasks


def used() -> int:
    """Return the bytes that are this process's alone."""
    gc.collect()
    return int(psutil.Process().memory_full_info().uss)


async def _hear(events: Sequence[Event]) -> None:
    del events


def measure(kind: str, url: str) -> None:
    """Measure one platform at *url*, in this process."""
    if kind == "dingtalk":
        robot = DingTalkConfig(CLIENT, Secret(DingTalk().secret), base_url=url, directory_url=url)
        taken = asyncio.run(kibibytes(lambda tools: DingTalkChannel(robot, tools)))
    else:
        bot = MattermostConfig(url, Secret(Mattermost().token))
        taken = asyncio.run(kibibytes(lambda tools: MattermostChannel(bot, tools)))
    print(f"{kind:<11}{taken:.1f} KiB for an idle connection")


def main() -> None:
    """Measure each platform in a process of its own, for memory that one gave back is taken by the next."""
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
        return
    if sys.argv[1:]:
        measure(*sys.argv[1:])
        return
    command = [sys.executable, "-m", "bench.idle_connections"]
    with subprocess.Popen([*command, "serve"], stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        for kind, url in zip(("dingtalk", "mattermost"), server.stdout.readline().split(), strict=True):
            subprocess.run([*command, kind, url], check=True)  # noqa: S603  ourselves
        server.kill()


if __name__ == "__main__":
    main()
