"""A Mattermost server, *simulated* from its documented API v4: sign-in, events with numbers, posts, doubles.

It tells an event once and to open connections only, as the real one does; what was written meanwhile is read
from the channels. It can cut connections, leave out a number, fall silent, rotate the token and refuse.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web

BOT = "botid"
ANN = "annid"
ROOM = "roomid"
START = 1772442000000


@dataclass
class Mattermost:
    """The server; what is public here is what tests turn and read."""

    url: str = ""
    token: str = "mattermost-token"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    """``away``, ``busy``, ``refused``, ``wrong_key`` or ``no_directory``."""
    silent: bool = False
    posts: list[dict[str, Any]] = field(default_factory=list)
    """Every post, the bot's too."""
    raw: list[str] = field(default_factory=list)
    """The bodies with which the bot posted."""
    opened: int = 0
    signed_in: int = 0
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    typed: int = 0
    _sockets: list[tuple[web.WebSocketResponse, itertools.count[int]]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def write(self, text: str, user: str = ANN, room: str = ROOM, **more: object) -> dict[str, Any]:
        """Keep a post and return it; nobody is told."""
        number = next(self._numbers)
        post = {"id": f"post{number}", "create_at": START + number, "delete_at": 0, "edit_at": 0, "type": ""}
        post |= {"user_id": user, "channel_id": room, "message": text, "props": {}, **more}
        self.posts.append(post)
        return post

    async def post(self, text: str, user: str = ANN, room: str = ROOM, **more: object) -> dict[str, Any]:
        """Keep a post and tell every connection."""
        post = self.write(text, user, room, **more)
        data = {"channel_type": "D", "post": json.dumps(post), "sender_name": "@postmaster"}
        await self.tell("posted", data)
        return post

    async def tell(self, event: str, data: Mapping[str, object], room: str = ROOM) -> None:
        """Send an event to every connection."""
        for socket, numbers in self._sockets:
            body = {"event": event, "data": data, "broadcast": {"channel_id": room}, "seq": next(numbers)}
            with contextlib.suppress(ConnectionError):
                await socket.send_str(json.dumps(body))

    async def put(self, raw: str) -> None:
        """Send *raw* to every connection."""
        for socket, _ in self._sockets:
            await socket.send_str(raw)

    def skip(self) -> None:
        """Lose one event on every connection."""
        for _, numbers in self._sockets:
            next(numbers)

    def cut(self) -> None:
        """Cut every connection without a word."""
        for socket, _ in self._sockets:
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()

    def connections(self) -> int:
        """Return how many connections are signed in."""
        return len(self._sockets)

    def from_bot(self) -> list[dict[str, Any]]:
        """Return what the bot posted."""
        return [post for post in self.posts if post["user_id"] == BOT]

    async def press(self, post: Mapping[str, Any], index: int = 0, **change: object) -> int:
        """Press a button of *post* as the server reports it; return the status that it is answered."""
        action = post["props"]["attachments"][0]["actions"][index]
        number = next(self._numbers)
        body = {"user_id": ANN, "channel_id": post["channel_id"], "post_id": post["id"], "type": "button"}
        body |= {"trigger_id": f"trigger{number}", "context": action["integration"]["context"], **change}
        async with (
            aiohttp.ClientSession() as http,
            http.post(action["integration"]["url"], json=body) as answer,
        ):
            return answer.status

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        self.opened += 1
        if self.trouble == "away":
            return web.Response(status=502)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        numbers = itertools.count()
        entry = (socket, numbers)
        try:
            async for got in socket:
                if got.type is WSMsgType.PING and not self.silent:
                    await socket.pong(got.data)
                elif got.type is WSMsgType.TEXT and entry not in self._sockets:
                    await self._sign_in(entry, json.loads(got.data))
        finally:
            with contextlib.suppress(ValueError):
                self._sockets.remove(entry)
        return socket

    async def _sign_in(
        self, entry: tuple[web.WebSocketResponse, itertools.count[int]], said: dict[str, Any]
    ) -> None:
        socket, numbers = entry
        if said["action"] != "authentication_challenge" or said["data"]["token"] != self.token:
            await socket.send_str(
                json.dumps({"status": "FAIL", "error": {"id": "x"}, "seq_reply": said["seq"]})
            )
            await socket.close()
            return
        self.signed_in += 1
        hello = {"event": "hello", "data": {"server_version": "10"}, "broadcast": {}, "seq": next(numbers)}
        await socket.send_str(json.dumps(hello))
        await socket.send_str(json.dumps({"status": "OK", "seq_reply": said["seq"]}))
        self._sockets.append(entry)

    def _problem(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        if self.trouble == "away":
            return web.json_response({"id": "store"}, status=500)
        if self.trouble == "busy":
            return web.json_response({"id": "rate"}, status=429, headers={"Retry-After": "7"})
        if self.trouble == "wrong_key" or given != f"Bearer {self.token}":
            return web.json_response({"id": "api.context.session_expired.app_error"}, status=401)
        return None

    async def _me(self, request: web.Request) -> web.Response:
        return self._problem(request) or web.json_response({"id": BOT, "is_bot": True})

    async def _user(self, request: web.Request) -> web.Response:
        found = self.people.get(request.match_info["user"])
        missing = web.json_response({"id": "user.get.not_found"}, status=404)
        return self._problem(request) or (web.json_response(found) if found else missing)

    async def _channels(self, request: web.Request) -> web.Response:
        rooms = {post["channel_id"] for post in self.posts}
        last = {room: max(p["create_at"] for p in self.posts if p["channel_id"] == room) for room in rooms}
        rows = [
            {"id": room, "type": "O" if room == "town" else "D", "last_post_at": last[room]} for room in rooms
        ]
        return self._problem(request) or web.json_response(rows)

    async def _read(self, request: web.Request) -> web.Response:
        room, since = request.match_info["room"], int(request.query["since"])
        found = [p for p in self.posts if p["channel_id"] == room and p["create_at"] >= since]
        answer = {"order": [p["id"] for p in found[::-1]], "posts": {p["id"]: p for p in found[::-1]}}
        return self._problem(request) or web.json_response(answer)

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (problem := self._problem(request)) is not None:
            return problem
        if self.trouble == "refused":
            return web.json_response({"id": "api.context.permissions.app_error"}, status=403)
        if body["pending_post_id"] not in self.pending:
            post = self.write(body["message"], BOT, body["channel_id"], props=body.get("props", {}))
            self.pending[body["pending_post_id"]] = post
            self.raw.append(await request.text())
        return web.json_response(self.pending[body["pending_post_id"]], status=201)

    async def _typing(self, request: web.Request) -> web.Response:
        self.typed += 1
        return self._problem(request) or web.json_response({"status": "OK"})

    async def _configuration(self, request: web.Request) -> web.Response:
        shown = "false" if self.trouble == "no_directory" else "true"
        return self._problem(request) or web.json_response({"ShowEmailAddress": shown})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Mattermost]:
        """Serve until the block ends."""
        app = web.Application()
        app.router.add_get("/api/v4/websocket", self._websocket)
        app.router.add_get("/api/v4/users/me", self._me)
        app.router.add_get("/api/v4/users/me/channels", self._channels)
        app.router.add_get("/api/v4/users/{user}", self._user)
        app.router.add_post("/api/v4/users/{user}/typing", self._typing)
        app.router.add_get("/api/v4/channels/{room}/posts", self._read)
        app.router.add_get("/api/v4/config/client", self._configuration)
        app.router.add_post("/api/v4/posts", self._post)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            yield self
        finally:
            for socket, _ in list(self._sockets):
                await socket.close()
            await runner.cleanup()
