"""DingTalk's open platform and Stream gateway, *simulated* from its client's source and documented answers.

It checks client secret, tickets (good once) and access tokens, delivers again what was not acknowledged, and
can cut connections, fall silent, end tokens early and refuse.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

CORP = "dingcorp"
CLIENT = "dingclient"
TOPIC = "/v1.0/im/bot/messages/get"


def message(text: str = "I forgot my password", **more: object) -> dict[str, Any]:
    """Return what the robot is told when somebody writes to it in their private chat."""
    return {
        "conversationId": "cid-private",
        "chatbotCorpId": CORP,
        "chatbotUserId": "$:LWCP_v1:$robot",
        "msgId": "msg-1",
        "senderNick": "postmaster",
        "isAdmin": True,
        "senderStaffId": "E1001",
        "sessionWebhookExpiredTime": 1772449200000,
        "createAt": 1772442000000,
        "senderCorpId": CORP,
        "conversationType": "1",
        "senderId": "$:LWCP_v1:$sender",
        "sessionWebhook": "https://evil.example/robot/sendBySession?session=x",
        "robotCode": CLIENT,
        "text": {"content": text},
        "msgtype": "text",
        **more,
    }


def frame(data: object, message_id: str, kind: str = "CALLBACK", topic: str = TOPIC) -> str:
    """Return a frame of the Stream protocol."""
    headers = {
        "topic": topic,
        "messageId": message_id,
        "contentType": "application/json",
        "time": "1772442000000",
    }
    body = {
        "specVersion": "1.0",
        "type": kind,
        "headers": headers,
        "data": json.dumps(data, ensure_ascii=False),
    }
    return json.dumps(body, ensure_ascii=False)


@dataclass
class DingTalk:
    """The platform; what is public here is what tests turn and read."""

    url: str = ""
    secret: str = "dingtalk-secret"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    """``away``, ``busy``, ``refused``, ``wrong_key``, ``no_stream`` or ``no_directory``."""
    silent: bool = False
    """Whether pings are left unanswered."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of batchSend that were taken."""
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    opened: int = 0
    """Connections that were asked for."""
    tokens_given: int = 0
    elsewhere: int = 0
    """Calls of anything that rekey has no business with."""
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _token: str = ""
    _waiting: dict[str, str] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def tell(self, data: object) -> str:
        """Deliver *data* as a robot's message until it is acknowledged; return the frame's id."""
        number = f"frame-{next(self._numbers)}"
        self._waiting[number] = frame(data, number)
        await self.put(self._waiting[number])
        return number

    async def put(self, raw: str) -> None:
        """Write *raw* to the newest connection, if there is one."""
        if self._sockets:
            with contextlib.suppress(ConnectionError):  # it was cut: what it should have got comes again
                await self._sockets[-1].send_str(raw)

    async def redeliver(self) -> None:
        """Send again what was not acknowledged, under new frame ids, newest first."""
        for old in reversed(list(self._waiting)):
            raw = self._waiting.pop(old, None)
            if raw is not None:  # not acknowledged meanwhile
                number = f"frame-{next(self._numbers)}"
                self._waiting[number] = raw.replace(f'"{old}"', f'"{number}"')
                await self.put(self._waiting[number])

    def unacknowledged(self) -> int:
        """Return how many messages wait for their acknowledgement."""
        return len(self._waiting)

    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._sockets)

    def cut(self) -> None:
        """Cut every connection without a word, in the middle of whatever it was."""
        for socket in self._sockets:
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()

    async def disconnect(self) -> None:
        """Announce the end of the newest connection, as the platform does before it moves clients."""
        await self.put(frame({"reason": "moving"}, f"frame-{next(self._numbers)}", "SYSTEM", "disconnect"))

    def end_tokens(self) -> None:
        """End every access token before its time."""
        self._token = ""

    async def _open(self, request: web.Request) -> web.Response:
        self.opened += 1
        body = await request.json()
        if self.trouble in ("away", "no_stream"):
            return web.json_response({"code": "ServiceUnavailable"}, status=503)
        known = body.get("clientSecret") == self.secret and body.get("clientId") == CLIENT
        if self.trouble == "wrong_key" or not known:
            return web.json_response({"code": "authFailed", "message": "invalid client"}, status=400)
        assert body["subscriptions"] == [{"type": "CALLBACK", "topic": TOPIC}]
        ticket = f"ticket/{next(self._numbers)}=="
        self._tickets.add(ticket)
        return web.json_response({"endpoint": self.url.replace("http", "ws") + "/connect", "ticket": ticket})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self._sockets.append(socket)
        try:
            await self.redeliver()
            async for got in socket:
                if got.type is WSMsgType.PING and not self.silent:
                    await socket.pong(got.data)
                elif got.type is WSMsgType.TEXT:
                    self._acknowledge(json.loads(got.data))
        finally:
            self._sockets.remove(socket)
        return socket

    def _acknowledge(self, said: dict[str, Any]) -> None:
        self.acknowledged.append(said)
        if said["code"] == 200:
            self._waiting.pop(said["headers"]["messageId"], None)

    async def _access_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.trouble == "away":
            return web.json_response({"code": "ServiceUnavailable"}, status=503)
        if self.trouble == "wrong_key" or body != {"appKey": CLIENT, "appSecret": self.secret}:
            return web.json_response({"code": "invalidClientIdOrSecret"}, status=400)
        self.tokens_given += 1
        self._token = f"token-{next(self._numbers)}"
        return web.json_response({"accessToken": self._token, "expireIn": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.trouble == "away":
            return web.json_response({"code": "ServiceUnavailable"}, status=503)
        given = request.headers.get("x-acs-dingtalk-access-token", "")
        if self.trouble == "wrong_key" or not self._token or given != self._token:
            return web.json_response({"code": "InvalidAuthentication"}, status=401)
        lists: dict[str, list[str]] = {"invalidStaffIdList": [], "flowControlledStaffIdList": []}
        if self.trouble == "refused":
            lists["invalidStaffIdList"] = body["userIds"]
        elif self.trouble == "busy":
            lists["flowControlledStaffIdList"] = body["userIds"]
        else:
            self.sent.append(body)
        return web.json_response({"processQueryKey": "key", **lists})

    async def _user(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.trouble == "away":
            return web.Response(status=502)
        if not self._token or request.query.get("access_token") != self._token:
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        if self.trouble == "no_directory":
            return web.json_response({"errcode": 60011, "errmsg": "no permission"})
        found = self.people.get(body["userid"])
        if found is None:
            return web.json_response({"errcode": 60121, "errmsg": "user not found"})
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": found})

    async def _elsewhere(self, request: web.Request) -> web.Response:  # noqa: ARG002
        self.elsewhere += 1
        return web.Response(status=404)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[DingTalk]:
        """Serve until the block ends."""
        app = web.Application()
        app.router.add_post("/v1.0/gateway/connections/open", self._open)
        app.router.add_get("/connect", self._connect)
        app.router.add_post("/v1.0/oauth2/accessToken", self._access_token)
        app.router.add_post("/v1.0/robot/oToMessages/batchSend", self._send)
        app.router.add_post("/topapi/v2/user/get", self._user)
        app.router.add_route("*", "/{rest:.*}", self._elsewhere)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            yield self
        finally:
            for socket in list(self._sockets):
                await socket.close()
            await runner.cleanup()


async def until(fact: Any) -> None:  # noqa: ANN401  a callable that tells whether it holds
    """Wait until *fact* holds, at most 30 seconds."""
    async with asyncio.timeout(30):
        while not fact():  # noqa: ASYNC110  there is no event for what a test looks at
            await asyncio.sleep(0.01)


def at(moment: datetime) -> int:
    """Return *moment* as the platform counts it."""
    return int(moment.astimezone(UTC).timestamp() * 1000)
