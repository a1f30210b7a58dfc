"""Slack for the contract tests."""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from portal.channels.config import Config, Tools
from portal.channels.port import Event, Incoming, Target
from portal.channels.registry import build
from portal.channels.slack import SlackChannel
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.simulated import Call, Fault
from tests.peers.slack import BOT, FORM, JSON, TEAM, Slack


class SlackPlatform:
    """A workspace, and the channel that listens to it."""

    name = "slack"

    def __init__(self, peer: Slack, channel: SlackChannel, clock: FakeClock) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock = peer, channel, clock
        self.target = Target(TEAM, "UE1001", "DE1001")
        self._seconds = itertools.count()

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* and return the events of it."""
        incoming = self.request(act)
        return None if incoming is None else (await self.channel.receive(incoming)).events

    def request(self, act: Act) -> Incoming | None:
        """Return the request of *act*; each delivery is signed a second later than the last."""
        sent = self.clock.now() + timedelta(seconds=next(self._seconds))
        user, room = f"U{act.account}", f"D{act.account}"
        if act.what is What.BUTTON:
            body = self.peer.pressed(user, room, act.button, _stamp(act.at))
            return self.peer.signed(body, self.clock.now(), sent, FORM)
        inner = _inner(act, user, room)
        if inner is None:
            return None
        return self.peer.signed(self.peer.event(inner, act.id), self.clock.now(), sent, JSON)

    def request_of(self, text: str) -> Incoming:
        """Return the request of a text."""
        incoming = self.request(Act(text=text))
        assert incoming is not None
        return incoming

    def told(self) -> Sequence[Told]:
        """Return what was posted."""
        return [_told(call) for call in self.peer.took]

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        self.peer.locked = kind is Trouble.WRONG_KEY
        self.peer.standing = {
            Trouble.AWAY: Fault(503),
            Trouble.BUSY: Fault(429, {"Retry-After": "7"}, {"ok": False, "error": "ratelimited"}),
            Trouble.REFUSED: Fault(200, {}, {"ok": False, "error": "channel_not_found"}),
        }.get(kind)


@asynccontextmanager
async def slack(folder: Path | None = None, team: str = TEAM) -> AsyncIterator[SlackPlatform]:
    """Start a workspace."""
    peer, clock = Slack(), FakeClock(NOW)
    peer.date = NOW
    peer.person("UE1001", "alice@example.com")
    async with peer.serving(), aiohttp.ClientSession() as http:
        secrets = kept(folder, signing_secret=peer.signing_secret, bot_token=peer.token)
        config = Config("slack", {"base_url": peer.url, "team": team}, secrets)
        channel = build(config, Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, SlackChannel)
        yield SlackPlatform(peer, channel, clock)


def _inner(act: Act, user: str, room: str) -> dict[str, Any] | None:
    said = {"type": "message", "channel": room, "channel_type": "im", "user": user, "ts": _stamp(act.at)}
    text = act.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    changed = {"hidden": True, "message": {"text": text, "user": user}}
    changes: dict[What, dict[str, Any]] = {
        What.TEXT: {"text": text},
        What.PICTURE: {"text": "", "subtype": "file_share", "files": [{"id": "F1", "name": "a.png"}]},
        What.GROUP: {"type": "app_mention", "channel": "C1", "text": f"<@{BOT}> {text}"},
        What.EDIT: {"subtype": "message_changed", **changed},
        What.DELETE: {"subtype": "message_deleted", "hidden": True, "deleted_ts": "1.1"},
        What.BOT: {"text": text, "user": BOT, "bot_id": "B1"},
    }
    return {**said, **changes[act.what]} if act.what in changes else None


def _told(call: Call) -> Told:
    body, text = call.body, html.unescape(call.body["text"])
    pressed = [row for block in body.get("blocks", []) for row in block.get("elements", [])]
    links = [row["url"] for row in pressed if "url" in row]
    return Told(
        text="\n".join([text, *(row["text"]["text"] for row in pressed)]),
        buttons=[row["value"] for row in pressed if "value" in row],
        link=links[0] if links else None,
        raw=json.dumps(body, ensure_ascii=False),
    )


def _stamp(at: datetime) -> str:
    return f"{at.timestamp():.6f}"
