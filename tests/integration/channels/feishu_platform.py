"""Feishu for the contract tests."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from portal.channels.config import Config, Tools
from portal.channels.feishu import FeishuChannel
from portal.channels.port import Event, Incoming, Target
from portal.channels.registry import build
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.feishu import APP, TENANT, Feishu
from tests.peers.simulated import Call, Fault

MESSAGE = "im.message.receive_v1"


class FeishuPlatform:
    """An organisation, and the channel that listens to it."""

    name = "feishu"

    def __init__(self, peer: Feishu, channel: FeishuChannel, clock: FakeClock) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock = peer, channel, clock
        self.target = Target(TENANT, "ou_E1001", "oc_E1001")
        self._nonces = itertools.count(1)

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* and return the events of it."""
        incoming = self.request(act)
        return None if incoming is None else (await self.channel.receive(incoming)).events

    def request(self, act: Act) -> Incoming | None:
        """Return the request of *act*; each delivery has a nonce of its own."""
        number = next(self._nonces)
        sent = self.clock.now() + timedelta(seconds=number)
        kind, inner = _inner(act, f"ou_{act.account}", f"oc_{act.account}")
        body = self.peer.sealed(self.peer.event(kind, inner, act.id))
        return self.peer.signed(body, self.clock.now(), sent, f"n-{number}")

    def told(self) -> Sequence[Told]:
        """Return what was sent, doubles by ``uuid`` left out."""
        once = {call.body["uuid"]: call for call in self.peer.took}
        return [_told(call) for call in once.values()]

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        self.peer.locked = kind is Trouble.WRONG_KEY
        if self.peer.locked:
            self.peer.expire()
        self.peer.standing = {
            Trouble.AWAY: Fault(502),
            Trouble.BUSY: Fault(429, {"Retry-After": "7"}, {"code": 99991400, "msg": "frequency limit"}),
        }.get(kind)
        if kind is Trouble.REFUSED:
            self.peer.faults.append(Fault(400, {}, {"code": 230002, "msg": "The bot is not in the chat"}))


@asynccontextmanager
async def feishu(folder: Path | None = None) -> AsyncIterator[FeishuPlatform]:
    """Start an organisation."""
    peer, clock = Feishu(), FakeClock(NOW)
    peer.date = NOW
    peer.person("ou_E1001", "E1001", "alice@example.com")
    async with peer.serving(), aiohttp.ClientSession() as http:
        names = ("app_secret", "encrypt_key", "verification_token")
        secrets = kept(folder, **{name: getattr(peer, name) for name in names})
        config = Config("feishu", {"base_url": peer.url, "app_id": APP, "tenant": TENANT}, secrets)
        channel = build(config, Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, FeishuChannel)
        yield FeishuPlatform(peer, channel, clock)


def _inner(act: Act, person: str, room: str) -> tuple[str, dict[str, Any]]:
    who, millis = {"open_id": person, "user_id": act.account}, str(int(act.at.timestamp() * 1000))
    sender = {"sender_id": who, "sender_type": "user", "tenant_key": TENANT}
    message: dict[str, Any] = {
        "message_id": "om_1",
        "create_time": millis,
        "chat_id": room,
        "chat_type": "p2p",
        "message_type": "text",
        "content": json.dumps({"text": act.text}),
    }
    match act.what:
        case What.PICTURE:
            message |= {"message_type": "image", "content": json.dumps({"image_key": "img"})}
        case What.GROUP:
            message |= {"chat_type": "group", "mentions": [{"key": "@_user_1", "name": "rekey"}]}
        case What.BOT:
            sender |= {"sender_type": "app"}
        case What.EDIT:
            return "im.message.updated_v1", {"sender": sender, "message": message}
        case What.DELETE:
            return "im.message.recalled_v1", {"message_id": "om_1", "chat_id": room}
        case What.HELLO:
            return "im.chat.access_event.bot_p2p_chat_entered_v1", {"chat_id": room, "operator_id": who}
        case What.BUTTON:
            pressed = {"value": {"choice": act.button, "chat": room}, "tag": "button"}
            context = {"open_chat_id": room, "open_message_id": "om_1"}
            return "card.action.trigger", {"operator": who, "action": pressed, "context": context}
    return MESSAGE, {"sender": sender, "message": message}


def _told(call: Call) -> Told:
    body, content = call.body, json.loads(call.body["content"])
    if body["msg_type"] == "text":
        return Told(content["text"], id=body["uuid"], raw=call.raw)
    elements = content["body"]["elements"]
    behaviors = [behavior for element in elements for behavior in element.get("behaviors", [])]
    links = [behavior["default_url"] for behavior in behaviors if behavior["type"] == "open_url"]
    return Told(
        text="\n".join(element["text"]["content"] for element in elements),
        buttons=[behavior["value"]["choice"] for behavior in behaviors if behavior["type"] == "callback"],
        link=links[0] if links else None,
        id=body["uuid"],
        raw=call.raw,
    )
