"""A portal in a process of its own, with the plain messenger writing to a file, until it is killed.

Arguments: data folder, port, the file that stands for the platform.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from portal.app import portal_app
from portal.channels.port import Message, Target
from portal.chat.rasa_client import Turn
from rekey.bootstrap import build
from tests.integration.channels.plain import PlainChannel
from tests.portal_house import settings_for


class Echo:
    """Answers each turn with its own words."""

    async def ready(self) -> bool:
        """Tell that it is there."""
        return True

    async def answer(self, turn: Turn) -> Sequence[Mapping[str, Any]]:
        """Return one reply."""
        return [{"text": f"re: {turn.text}", "buttons": [], "custom": None, "id": "echo"}]


class FileChannel(PlainChannel):
    """Writes what it is told to a file that outlives the process."""

    def __init__(self, peer: Path) -> None:
        super().__init__()
        self._file = os.open(peer, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def send(self, to: Target, message: Message) -> None:
        """Append one line in one write."""
        row = {"account": to.account, "id": message.id, "text": message.text}
        os.write(self._file, json.dumps(row).encode() + b"\n")


async def main(folder: Path, port: int, peer: Path) -> None:
    """Serve until killed."""
    channels = {"plain": FileChannel(peer)}
    async with build(settings_for(folder), assistant=Echo(), messengers=channels) as house:
        assert house.furnishing.messengers is not None
        async with house.furnishing.messengers.running():
            runner = web.AppRunner(portal_app(house.furnishing), access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            polling = asyncio.create_task(house.furnishing.turns.poll())
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await polling


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
