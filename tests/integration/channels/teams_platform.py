"""Teams for the contract tests."""

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
from portal.channels.port import Event, Incoming, Target
from portal.channels.registry import build
from portal.channels.teams import TeamsChannel
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.simulated import Call, Fault
from tests.peers.teams import APP, BOT, TENANT, Teams, object_id


class TeamsPlatform:
    """An organisation, and the channel that listens to it."""

    name = "teams"
    proof_has_time = False
    """A token is good for an hour; ``test_teams_tokens.py`` has its limits."""

    def __init__(self, peer: Teams, channel: TeamsChannel, clock: FakeClock) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock = peer, channel, clock
        address = {"service_url": peer.service_url, "bot": BOT, "user": "29:1E1001"}
        self.target = Target(TENANT, object_id("E1001"), "a:chat-E1001", address)
        self._tokens = itertools.count(1)

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* and return the events of it."""
        incoming = self.request(act)
        return None if incoming is None else (await self.channel.receive(incoming)).events

    def request(self, act: Act) -> Incoming | None:
        """Return the request of *act*; each delivery has a token of its own."""
        at = self.clock.now()
        token = self.peer.token(at - timedelta(seconds=next(self._tokens)))
        return self.peer.signed(self.peer.activity(**_changes(act)), at, token)

    def told(self) -> Sequence[Told]:
        """Return what the connector got."""
        return [_told(call) for call in self.peer.took]

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        self.peer.locked = kind is Trouble.WRONG_KEY
        self.peer.standing = {
            Trouble.AWAY: Fault(503),
            Trouble.BUSY: Fault(429, {"Retry-After": "7"}),
        }.get(kind)
        if kind is Trouble.REFUSED:
            blocked = {"error": {"code": "MessageWritesBlocked", "message": "The user blocked the bot."}}
            self.peer.faults.append(Fault(403, {}, blocked))


@asynccontextmanager
async def teams(folder: Path | None = None) -> AsyncIterator[TeamsPlatform]:
    """Start an organisation."""
    peer, clock = Teams(), FakeClock(NOW)
    peer.date = NOW
    peer.person(object_id("E1001"), "alice@example.com", "E1001")
    async with peer.serving(), aiohttp.ClientSession() as http:
        addresses = {"login_url": peer.url, "graph_url": peer.url, "services": peer.url}
        texts = {"app_id": APP, "tenant_id": TENANT, "openid_url": f"{peer.url}/openid", **addresses}
        config = Config("teams", texts, kept(folder, client_secret=peer.secret))
        channel = build(config, Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, TeamsChannel)
        yield TeamsPlatform(peer, channel, clock)


def _changes(act: Act) -> dict[str, Any]:
    chat = {"conversationType": "personal", "id": f"a:chat-{act.account}", "tenantId": TENANT}
    person = {"id": f"29:1{act.account}", "aadObjectId": object_id(act.account)}
    known = {"id": act.id, "timestamp": act.at.isoformat(), "from": person, "conversation": chat}
    group = {"conversationType": "groupChat", "id": "19:x@thread.v2", "tenantId": TENANT}
    mention = {"type": "mention", "mentioned": {"id": BOT}, "text": "<at>rekey</at>"}
    picture = {"contentType": "image/*", "contentUrl": "https://x"}
    changes: dict[What, dict[str, Any]] = {
        What.BUTTON: {"text": None, "value": {"choice": act.button}},
        What.PICTURE: {"text": None, "attachments": [picture]},
        What.GROUP: {"conversation": group, "entities": [mention]},
        What.EDIT: {"type": "messageUpdate"},
        What.DELETE: {"type": "messageDelete", "text": None},
        What.BOT: {"from": {"id": "28:other", "role": "bot"}},
        What.HELLO: {"type": "installationUpdate", "action": "add", "text": None},
    }
    return {**known, "text": act.text, **changes.get(act.what, {})}


def _told(call: Call) -> Told:
    body = call.body
    raw = json.dumps(body, ensure_ascii=False)
    if "attachments" not in body:
        return Told(body.get("text", ""), raw=raw)
    card = body["attachments"][0]["content"]
    lines = [run["text"] for block in card["body"] for run in block["inlines"]]
    links = [action["url"] for action in card["actions"] if action["type"] == "Action.OpenUrl"]
    return Told(
        text="\n".join([*lines, *(action["title"] for action in card["actions"])]),
        buttons=[action["data"]["choice"] for action in card["actions"] if "data" in action],
        link=links[0] if links else None,
        raw=raw,
    )
