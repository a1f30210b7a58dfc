"""WeCom for the contract tests."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp

from portal.channels.config import Config, Tools
from portal.channels.port import Event, Incoming, Target
from portal.channels.registry import build
from portal.channels.wecom import WecomChannel
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.simulated import Call, Fault
from tests.peers.wecom import AGENT, CORP, Wecom


class WecomPlatform:
    """A corporation, and the channel that listens to it."""

    name = "wecom"

    def __init__(self, peer: Wecom, channel: WecomChannel, clock: FakeClock) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock = peer, channel, clock
        self.target = Target(CORP, "E1001", "E1001")
        self._nonces = itertools.count(1)

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* and return the events of it."""
        incoming = self.request(act)
        return None if incoming is None else (await self.channel.receive(incoming)).events

    def request(self, act: Act) -> Incoming | None:
        """Return the callback of *act*; each delivery has a nonce of its own."""
        number = next(self._nonces)
        sent = self.clock.now() + timedelta(seconds=number)
        known = {"FromUserName": act.account, "CreateTime": str(int(act.at.timestamp()))}
        number_of = str(int(hashlib.sha256(act.id.encode()).hexdigest()[:12], 16))
        match act.what:
            case What.TEXT:
                fields = {"MsgType": "text", "Content": act.text, "MsgId": number_of}
            case What.PICTURE:
                fields = {"MsgType": "image", "PicUrl": "https://x", "MediaId": "m", "MsgId": number_of}
            case What.BUTTON:
                card = {"EventKey": act.button, "TaskId": "t", "CardType": "button_interaction"}
                fields = {"MsgType": "event", "Event": "template_card_event", "ResponseCode": act.id, **card}
            case What.HELLO:
                fields = {"MsgType": "event", "Event": "subscribe"}
            case _:
                return None
        text = self.peer.message(**known, **fields)
        return self.peer.signed(text, self.clock.now(), sent, nonce=f"n-{number}")

    def request_of(self, text: str) -> Incoming:
        """Return the request of a text."""
        incoming = self.request(Act(text=text))
        assert incoming is not None
        return incoming

    def told(self) -> Sequence[Told]:
        """Return what was sent; the parts of one message stand together."""
        return _joined(self.peer.took)

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on; "busy" has no seconds here."""
        self.peer.locked = kind is Trouble.WRONG_KEY
        self.peer.standing = {
            Trouble.AWAY: Fault(500),
            Trouble.BUSY: Fault(200, {}, {"errcode": 45009, "errmsg": "api freq out of limit"}),
        }.get(kind)
        if kind is Trouble.REFUSED:
            self.peer.users.clear()


@asynccontextmanager
async def wecom(folder: Path | None = None) -> AsyncIterator[WecomPlatform]:
    """Start a corporation."""
    peer, clock = Wecom(), FakeClock(NOW)
    peer.date = NOW
    peer.person("E1001", "alice@example.com")
    async with peer.serving(), aiohttp.ClientSession() as http:
        secrets = kept(folder, secret=peer.secret, token=peer.token, aes_key=peer.aes_key)
        texts = {"base_url": peer.url, "corp_id": CORP, "agent_id": str(AGENT)}
        channel = build(Config("wecom", texts, secrets), Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, WecomChannel)
        yield WecomPlatform(peer, channel, clock)


def _joined(calls: Sequence[Call]) -> Sequence[Told]:
    found: list[Told] = []
    before = ""
    for call in calls:
        body = call.body
        if body["msgtype"] == "text":
            found.append(Told(body["text"]["content"], raw=call.raw))
            before = body["text"]["content"]
            continue
        card = body["template_card"]
        rows = card.get("button_list", [])
        words = [before, card["sub_title_text"], *(row["text"] for row in rows)]
        link = card["jump_list"][0]["url"] if "jump_list" in card else None
        found.append(Told("\n".join(words), [row["key"] for row in rows], link, card["task_id"], call.raw))
        before = ""
    return found
