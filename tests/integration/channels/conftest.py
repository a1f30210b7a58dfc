"""A portal with a plain messenger, and a person in it."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from portal.channels.port import Message
from tests.fakes import FakeClock
from tests.integration.channels.plain import PlainChannel, signed
from tests.portal_house import Client, PortalHouse, portal_house

PATIENCE = 30.0
"""Seconds until a condition that should hold soon counts as never holding."""
SLOW = ("This takes longer", "这次比平时慢")
"""How the notice begins that an answer takes its time; a busy machine may add it to any answer."""


async def holds(fact: Callable[[], bool]) -> None:
    """Wait until *fact* holds."""
    async with asyncio.timeout(PATIENCE):
        while not fact():  # noqa: ASYNC110  there is no event for what a test looks at
            await asyncio.sleep(0.01)


@dataclass
class Person:
    """Somebody in the plain messenger, and how they write."""

    portal: PortalHouse
    channel: PlainChannel
    http: Client
    account: str = "u-1"
    seen: int = 0
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def post(self, *rows: dict[str, object]) -> int:
        """Let the platform tell *rows*; return the status of the answer."""
        body, headers = signed(*({"account": self.account} | row for row in rows))
        response = await self.http.post("/channels/plain", data=body, headers=headers)
        return response.status

    async def say(self, text: str) -> list[Message]:
        """Write *text* and return what is answered."""
        return await self._act({"text": text})

    async def press(self, name: str) -> list[Message]:
        """Press the newest button called *name*."""
        return await self._act({"kind": "button", "button": self.button(name)})

    def button(self, name: str) -> str:
        """Return the id of the newest button called *name*."""
        ids = [c.id for m in self.messages() for c in m.buttons if c.name == name]
        return ids[-1]

    def messages(self) -> list[Message]:
        """Return everything that was said to the person, but not that a busy machine takes its time."""
        told = [message for to, message in self.channel.told if to.account == self.account]
        return [message for message in told if not message.text.startswith(SLOW)]

    async def answered(self, count: int = 1) -> list[Message]:
        """Wait for *count* new messages and return them."""
        start = self.seen
        await holds(lambda: len(self.messages()) >= start + count)
        self.seen = len(self.messages())
        return self.messages()[start:]

    def link(self) -> str:
        """Return the newest link's path."""
        urls = [m.link.url for m in self.messages() if m.link]
        return urls[-1].removeprefix("http://127.0.0.1")

    async def _act(self, row: dict[str, object]) -> list[Message]:
        assert await self.post({"id": f"{self.account}-{next(self.ids)}"} | row) == 200
        return await self.answered()


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make keys, database and demo company once; tests copy them."""
    folder = tmp_path_factory.mktemp("settled")

    async def settle() -> None:
        async with portal_house(folder, clock=FakeClock()):
            pass

    asyncio.run(settle())
    return folder


@pytest.fixture
def folder(settled: Path, tmp_path: Path) -> Path:
    """Return a data folder of one's own."""
    return Path(shutil.copytree(settled, tmp_path / "data"))


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that tests move by hand."""
    return FakeClock()


@pytest.fixture
def channel() -> PlainChannel:
    """Return the plain messenger."""
    return PlainChannel()


@pytest.fixture
async def portal(folder: Path, clock: FakeClock, channel: PlainChannel) -> AsyncIterator[PortalHouse]:
    """Return a portal with the demo company and the plain messenger."""
    async with portal_house(folder, clock=clock, messengers={"plain": channel}) as running:
        messengers = running.house.furnishing.messengers
        assert messengers is not None
        worker = messengers._worker
        worker._owners = replace(worker._owners, domains={"plain": frozenset({"example.com"})})
        yield running


@pytest.fixture
async def person(portal: PortalHouse, channel: PlainChannel) -> Person:
    """Return somebody who has not written yet."""
    return Person(portal, channel, await portal.client())
