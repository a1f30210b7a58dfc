"""Mattermost for the contract tests."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from portal.channels.config import Config, Tools
from portal.channels.mattermost import MattermostChannel
from portal.channels.port import Choice, Event, Incoming, Message, Target
from portal.channels.registry import build
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock
from tests.integration.channels.connected import Line, connected
from tests.integration.channels.kept import kept
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.peers.mattermost import BOT, Mattermost

_HOST = "127.0.0.1"
_CALLBACK = "https://rekey.example.com/channels/mattermost"


class MattermostPlatform:
    """A server with a bot."""

    name = "mattermost"

    def __init__(self, peer: Mattermost, channel: MattermostChannel, clock: FakeClock, line: Line) -> None:
        """Put them together."""
        self.peer, self.channel, self.clock, self.line = peer, channel, clock, line
        self.target = Target(_HOST, "e1001", "rooma")

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Tell *act* on the connection, or report a press, and return the events of it."""
        if act.what is What.BUTTON:
            return (await self.channel.receive(await self._press(act))).events
        event, data = _told_by_platform(act)
        return await self.line.made_of(lambda: self.peer.tell(event, data, f"room{act.account}"), self._mark)

    def request(self, act: Act) -> Incoming | None:  # noqa: ARG002  the port of the tests
        """Return nothing: only presses are reported by HTTP, and they need a button first."""
        return None

    def told(self) -> Sequence[Told]:
        """Return what the bot posted."""
        return [_told(post) for post in self.peer.from_bot()]

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        names = {Trouble.AWAY: "away", Trouble.BUSY: "busy", Trouble.REFUSED: "refused"}
        self.peer.trouble = names.get(kind, "wrong_key" if kind is Trouble.WRONG_KEY else "")

    async def _mark(self, text: str) -> None:
        data = {"channel_type": "D", "post": json.dumps(_post("other", text, f"id{text[7:]}"))}
        await self.peer.tell("posted", data)

    async def _press(self, act: Act) -> Incoming:
        """Offer the button, then report that it was pressed."""
        await self.channel.send(self.target, Message("b-1", "Press.", [Choice(act.button, "name", "Title")]))
        action = self.peer.from_bot()[-1]["props"]["attachments"][0]["actions"][0]
        body = {"user_id": self.target.account, "channel_id": self.target.room, "post_id": "p"}
        body |= {"trigger_id": act.id, "context": action["integration"]["context"]}
        return Incoming("POST", {}, {}, json.dumps(body).encode(), self.clock.now())


@asynccontextmanager
async def mattermost(folder: Path | None = None) -> AsyncIterator[MattermostPlatform]:
    """Start a server."""
    clock = FakeClock(NOW)
    async with Mattermost().running() as peer, aiohttp.ClientSession() as http:
        texts = {"base_url": peer.url, "callback_url": _CALLBACK}
        config = Config("mattermost", texts, kept(folder, token=peer.token))
        channel = build(config, Tools(http, clock, SystemEntropy()))
        assert isinstance(channel, MattermostChannel)
        async with connected(channel, peer.connections) as line:
            yield MattermostPlatform(peer, channel, clock, line)


def _told_by_platform(act: Act) -> tuple[str, Mapping[str, Any]]:
    post = _post(act.account, act.text, act.id) | {"create_at": int(act.at.timestamp() * 1000)}
    data: dict[str, Any] = {"channel_type": "D"}
    match act.what:
        case What.PICTURE:
            post |= {"message": "", "file_ids": ["f1"]}
        case What.GROUP:
            data = {"channel_type": "O", "mentions": json.dumps([BOT])}
        case What.BOT:
            post["props"] = {"from_bot": "true"}
        case What.EDIT:
            return "post_edited", data | {"post": json.dumps(post)}
        case What.DELETE:
            return "post_deleted", data | {"post": json.dumps(post)}
        case What.HELLO:
            return "direct_added", {"creator_id": act.account.lower(), "teammate_id": BOT}
    return "posted", data | {"post": json.dumps(post)}


def _post(account: str, text: str, number: str) -> dict[str, Any]:
    return {
        "id": number.replace("-", ""),
        "create_at": int(NOW.timestamp() * 1000),
        "user_id": account.lower(),
        "channel_id": f"room{account.lower()}",
        "message": text,
        "type": "",
        "props": {},
    }


def _told(post: Mapping[str, Any]) -> Told:
    text = re.sub(r"\\(.)", r"\1", post["message"])
    attachments = post["props"].get("attachments", [])
    actions = [action for attachment in attachments for action in attachment["actions"]]
    links = re.findall(r"\]\((https?://[^)\s]+)\)", post["message"])
    return Told(
        text="\n".join([text, *(action["name"] for action in actions)]),
        buttons=[action["integration"]["context"]["button"] for action in actions],
        link=links[0] if links else None,
        raw=json.dumps(post, ensure_ascii=False),
    )
