"""A handshake that leads elsewhere: the other host hears nothing, whatever the redirect is called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from portal.channels.config import Secret, Tools
from portal.channels.dingtalk import DingTalkChannel, DingTalkConfig
from portal.channels.mattermost import MattermostChannel, MattermostConfig
from portal.channels.port import ChannelAwayError
from portal.channels.straight import refuse_redirects
from tests.fakes import FakeClock, FakeEntropy
from tests.peers.heard import Heard

TOKEN = "token-of-the-bot"
HANDSHAKES = ("/api/v4/websocket", "/connect")


class Lure:
    """A platform whose handshakes are redirected to another host."""

    def __init__(self) -> None:
        self.status = 302
        self.asked: list[str] = []
        """Handshakes that were asked for."""
        self.heard: list[str] = []
        """What reached the other host."""
        self.url = self.elsewhere = ""

    async def platform(self, request: web.Request) -> web.StreamResponse:
        """Answer as the platform, until a connection is wanted."""
        if request.path in HANDSHAKES:
            self.asked.append(request.path)
            return web.Response(status=self.status, headers={"Location": f"{self.elsewhere}/taken"})
        if request.path.endswith("/connections/open"):
            return web.json_response({"endpoint": f"{self.url}/connect".replace("http", "ws"), "ticket": "t"})
        return web.json_response({"id": "botid"})

    async def other(self, request: web.Request) -> web.StreamResponse:
        """Keep what was asked for."""
        self.heard.append(request.path)
        return web.Response(status=403)


@pytest.fixture
async def lure() -> AsyncIterator[Lure]:
    """Run both hosts."""
    found = Lure()
    async with AsyncExitStack() as stack:
        for name, handler in (("url", found.platform), ("elsewhere", found.other)):
            server = await stack.enter_async_context(_server(handler))
            setattr(found, name, str(server.make_url("")).rstrip("/"))
        yield found


def _server(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> TestServer:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    return TestServer(app)


def channel(name: str, lure: Lure, http: aiohttp.ClientSession) -> MattermostChannel | DingTalkChannel:
    """Return the channel called *name* for the platform of *lure*."""
    tools, url = Tools(http, FakeClock(), FakeEntropy()), lure.url
    if name == "mattermost":
        return MattermostChannel(MattermostConfig(url, Secret(TOKEN)), tools)
    return DingTalkChannel(DingTalkConfig("client", Secret(TOKEN), base_url=url, directory_url=url), tools)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", ["mattermost", "dingtalk"])
async def test_no_handshake_follows_a_redirect(lure: Lure, name: str, status: int) -> None:
    """The connection counts as refused, and no request, and so no token, reaches the other host."""
    lure.status = status
    async with aiohttp.ClientSession() as http:
        with pytest.raises(ChannelAwayError):
            await channel(name, lure, http)._connect(Heard().hear)
    assert len(lure.asked) == 1
    assert lure.heard == []


async def test_other_answers_are_not_touched(lure: Lure) -> None:
    """Only what would be followed is broken off; who looks at a redirect without following may."""
    async with aiohttp.ClientSession() as http:
        refuse_redirects(http)
        async with http.get(f"{lure.url}/connect", allow_redirects=False) as seen:
            assert seen.status == 302
        async with http.get(f"{lure.url}/anything") as seen:
            assert seen.status == 200
