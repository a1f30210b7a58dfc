"""A Matrix homeserver, *simulated*, for what a real one is not asked to do wrong; synapse.py has that one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.peers.simulated import Call, Simulated

SERVER = "example.com"
BOT = f"@rekey:{SERVER}"
AS_TOKEN = "as-token"
HS_TOKEN = "hs-token"
_CLIENT = "/_matrix/client/v3/"


def event(kind: str, content: object, **more: object) -> dict[str, Any]:
    """Return an event of alice's chat with the bot."""
    known = {"event_id": "$event-1", "room_id": "!room:example.com", "sender": f"@alice:{SERVER}"}
    return known | {"type": kind, "content": content, "origin_server_ts": 1772442000000, **more}


def text(body: object, **more: object) -> dict[str, Any]:
    """Return a text that somebody wrote."""
    return event("m.room.message", {"msgtype": "m.text", "body": body}, **more)


def member(user: str, membership: str, **more: object) -> dict[str, Any]:
    """Return that *user* came, went or was invited."""
    return event("m.room.member", {"membership": membership}, state_key=user, **more)


def transaction(*events: object) -> bytes:
    """Return the body of a transaction."""
    return json.dumps({"events": events}).encode()


def rule(kind: str, value: object, **more: object) -> dict[str, Any]:
    """Return one of a room's rules: ``join_rules`` or ``history_visibility``."""
    name = {"join_rules": "join_rule"}.get(kind, kind)
    return event(f"m.room.{kind}", {name: value}, state_key="", **more)


def direct(*users: str) -> list[dict[str, Any]]:
    """Return the state of a chat as clients make it: by invitation, members read what was before them."""
    rules = [rule("join_rules", "invite"), rule("history_visibility", "shared")]
    return [event("m.room.create", {}, state_key=""), *rules, *(member(user, "join") for user in users)]


class Homeserver(Simulated):
    """Knows who is in rooms, and drops a message whose transaction id it has seen."""

    def __init__(self) -> None:
        """Start with one person beside the bot in every room: alice, or whoever the room is called after."""
        super().__init__()
        self.members: dict[str, list[str]] = {}
        self.state: dict[str, object] = {}
        """The state of a room where it is not an ordinary direct chat's; anything may stand in it."""
        self.recent: list[dict[str, Any]] = []
        """What stands in any room, newest first."""
        self.closed = False
        """Whether the bot is kept out of every room."""

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Answer as the client-server API says."""
        if self.locked or call.bearer != AS_TOKEN:
            return web.json_response({"errcode": "M_UNKNOWN_TOKEN"}, status=401)
        parts = unquote(call.path).removeprefix(_CLIENT).split("/")
        if parts[0] == "rooms":
            return self._room(call, parts[1], parts[2])
        if parts[0] == "register":
            return web.json_response({"errcode": "M_USER_IN_USE"}, status=400)
        return {"user_id": BOT, "duration_ms": 1}

    def _room(self, call: Call, room: str, what: str) -> Mapping[str, Any] | web.Response:
        if self.closed and what in ("join", "send", "state"):
            return web.json_response({"errcode": "M_FORBIDDEN"}, status=403)
        if what == "state":
            inside = self.members.get(room, [BOT, _owner(room)])
            return web.json_response(self.state.get(room, direct(*inside)))
        if what == "messages":
            return {"chunk": self.recent}
        if what == "send" and call.path not in {seen.path for seen in self.took}:
            self.took.append(call)
        return {"event_id": "$sent"}


def _owner(room: str) -> str:
    """Return whose chat it is: the room has the person's name, or is alice's."""
    name = room[1:].partition(":")[0]
    return f"@{'alice' if name == 'room' else name}:{SERVER}"
