"""DingTalk for the contract tests."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from portal.channels.config import Config, Tools
from portal.channels.dingtalk import DingTalkChannel
from portal.channels.port import Event, Incoming, Target
from portal.channels.registry import build
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.connected import Line, connected
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.dingtalk import CLIENT, CORP, DingTalk, message

_MARKER = "marker"


class DingTalkPlatform:
    """An organisation with a robot."""

    name = "dingtalk"

    def __init__(self, peer: DingTalk, channel: DingTalkChannel, clock: FakeClock, line: Line) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock, self.line = peer, channel, clock, line
        self.target = Target(CORP, "E1001", "cid-E1001")
        self._markers = 0

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* on the connection and return the events of it."""
        told = _told_by_platform(act)
        return None if told is None else await self.line.made_of(lambda: self.peer.tell(told), self._mark)

    def request(self, act: Act) -> Incoming | None:  # noqa: ARG002  the port of the tests
        """Return nothing: the platform does not call."""
        return None

    def told(self) -> Sequence[Told]:
        """Return what the robot said."""
        return [_told(body) for body in self.peer.sent]

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        names = {Trouble.AWAY: "away", Trouble.BUSY: "busy", Trouble.REFUSED: "refused"}
        self.peer.trouble = names.get(kind, "wrong_key" if kind is Trouble.WRONG_KEY else "")

    async def _mark(self, text: str) -> None:
        self._markers += 1
        await self.peer.tell(message(text, msgId=f"{_MARKER}-{self._markers}"))


@asynccontextmanager
async def dingtalk(folder: Path | None = None) -> AsyncIterator[DingTalkPlatform]:
    """Start an organisation."""
    clock = FakeClock(NOW)
    async with DingTalk().running() as peer, aiohttp.ClientSession() as http:
        texts = {"client_id": CLIENT, "base_url": peer.url, "directory_url": peer.url, "corp_id": CORP}
        config = Config("dingtalk", texts, kept(folder, client_secret=peer.secret))
        channel = build(config, Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, DingTalkChannel)
        async with connected(channel, peer.connections) as line:
            yield DingTalkPlatform(peer, channel, clock, line)


def _told_by_platform(act: Act) -> dict[str, Any] | None:
    own: dict[str, Any] = {
        "msgId": act.id,
        "senderStaffId": act.account,
        "conversationId": f"cid-{act.account}",
        "createAt": int(act.at.timestamp() * 1000),
    }
    match act.what:
        case What.TEXT:
            return message(act.text, **own)
        case What.PICTURE:
            return message(**own, msgtype="picture", content={"downloadCode": "x"}, text=None)
        case What.GROUP:
            return message(act.text, **own, conversationType="2", isInAtList=True)
        case What.BOT:
            return message(act.text, **own | {"senderStaffId": None})
    return None


def _told(body: dict[str, Any]) -> Told:
    shown = json.loads(body["msgParam"])
    text = shown.get("content") or shown["text"]
    links = [shown.get("singleURL"), *re.findall(r"https?://[^\s)]+", text)]
    return Told(
        text="\n".join((text, shown.get("singleTitle", ""))),
        link=next((link for link in links if link), None),
        raw=json.dumps(body, ensure_ascii=False),
    )
