"""Matrix for the contract tests; the real homeserver is in test_matrix.py."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import aiohttp

from portal.channels.config import Config, Tools
from portal.channels.matrix import MatrixChannel
from portal.channels.port import Event, Incoming, Target
from portal.channels.registry import build
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.homeserver import (
    AS_TOKEN,
    BOT,
    HS_TOKEN,
    SERVER,
    Homeserver,
    event,
    member,
    text,
    transaction,
)
from tests.peers.simulated import Call, Fault

_OPEN = "!open:example.com"


class MatrixPlatform:
    """A homeserver and its application service."""

    name = "matrix"
    proof_has_time = False
    """The homeserver shows a token; what comes again is dropped by its event's id."""

    def __init__(self, peer: Homeserver, channel: MatrixChannel, clock: FakeClock) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock = peer, channel, clock
        self.target = Target(SERVER, f"@e1001:{SERVER}", "!e1001:example.com")

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* and return the events of it."""
        incoming = self.request(act)
        return None if incoming is None else (await self.channel.receive(incoming)).events

    def request(self, act: Act) -> Incoming | None:
        """Return the transaction with *act*."""
        told = _told_by_platform(act)
        if told is None:
            return None
        if act.what is What.HELLO:
            self.peer.recent = [told]
        headers = {"authorization": f"Bearer {HS_TOKEN}", "content-type": "application/json"}
        path = "/_matrix/app/v1/transactions/1"
        return Incoming("PUT", headers, {}, transaction(told), self.clock.now(), path)

    def told(self) -> Sequence[Told]:
        """Return what stands in the rooms."""
        return [_told(call) for call in self.peer.took]

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        self.peer.locked = kind is Trouble.WRONG_KEY
        self.peer.closed = kind is Trouble.REFUSED
        self.peer.standing = {
            Trouble.AWAY: Fault(502),
            Trouble.BUSY: Fault(429, {}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}),
        }.get(kind)


@asynccontextmanager
async def matrix(folder: Path | None = None) -> AsyncIterator[MatrixPlatform]:
    """Start a homeserver."""
    peer, clock = Homeserver(), FakeClock(NOW)
    peer.members[_OPEN] = [BOT, f"@e1001:{SERVER}", f"@other:{SERVER}"]
    async with peer.serving(), aiohttp.ClientSession() as http:
        secrets = kept(folder, hs_token=HS_TOKEN, as_token=AS_TOKEN)
        config = Config("matrix", {"base_url": peer.url, "server_name": SERVER}, secrets)
        channel = build(config, Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, MatrixChannel)
        yield MatrixPlatform(peer, channel, clock)


def _told_by_platform(act: Act) -> dict[str, Any] | None:
    user = f"@{act.account.lower()}:{SERVER}"
    own: dict[str, Any] = {
        "event_id": f"${act.id}",
        "sender": user,
        "room_id": f"!{act.account.lower()}:example.com",
        "origin_server_ts": int(act.at.timestamp() * 1000),
    }
    said = {"msgtype": "m.text", "body": act.text}
    replaced = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$old"}}
    told = {
        What.TEXT: event("m.room.message", said, **own),
        What.PICTURE: event("m.room.message", {"msgtype": "m.image", "body": "cat.png"}, **own),
        What.GROUP: text(f"{BOT}: {act.text}", **own | {"room_id": _OPEN}),
        What.EDIT: event("m.room.message", said | replaced, **own),
        What.DELETE: event("m.room.redaction", {"redacts": "$old"}, **own),
        What.BOT: event("m.room.message", said | {"msgtype": "m.notice"}, **own),
        What.HELLO: member(BOT, "invite", **own),
    }
    return told.get(act.what)


def _told(call: Call) -> Told:
    links = re.findall(r"https?://\S+", call.body["body"])
    number = unquote(call.path).rpartition("/")[2]
    return Told(call.body["body"], (), links[0] if links else None, number, call.raw)
