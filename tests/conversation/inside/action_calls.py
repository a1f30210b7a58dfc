"""Calls of an action on the assistant's own line, beside Rasa's; run by the assistant's interpreter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from rasa.utils.endpoints import EndpointConfig
from rekey_assistant import action_repairs

RASA, OURS = action_repairs.ORIGINALS["request"], action_repairs.request
CALL = {"next_action": "action_a", "said": '密码 "x"\n'}


@dataclass
class Server:
    """Answers each path in its own way and notes who called."""

    url: str = ""
    peers: list[object] = field(default_factory=list)
    heard: list[tuple[Any, ...]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer."""
        self.peers.append(request.transport.get_extra_info("peername"))  # type: ignore[union-attr]
        kept = ("Content-Type", "X-Key", "Cookie", "Host")
        called = await request.json() if request.can_read_body else None
        self.heard.append((request.path_qs, called, *map(request.headers.get, kept)))
        self.came.put_nowait(request.path)
        if request.path == "/waits":
            await self.go_on.wait()
        if request.path == "/ends":
            request.transport.close()  # type: ignore[union-attr]
        answer = {
            "/refuses": lambda: web.json_response({"action_name": "a"}, status=400),
            "/breaks": lambda: web.Response(status=500, reason="Broken"),
            "/text": lambda: web.Response(text="{}"),
            "/nothing": lambda: web.Response(body=b" ", content_type="application/json"),
            "/closes": lambda: web.json_response([1], headers={"Connection": "close"}),
            "/long": lambda: web.json_response({"long": "x" * 300_000}),
        }.get(request.path, lambda: web.json_response({"events": [], "text": "密"}))()
        answer.set_cookie("a", "b")
        return answer


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Serve on a free port; the connections end with the server."""
    server, app = Server(), web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


def endpoint(url: str) -> EndpointConfig:
    """Return the endpoint as ``endpoints.yml`` makes it."""
    return EndpointConfig(url, headers={"X-Key": "k"}, enable_selective_domain=True)


async def outcome(ask: Any, called: EndpointConfig, **more: Any) -> Any:  # noqa: ANN401
    """Return the answer, or what the error says of itself."""
    call: dict[str, Any] = {"json": CALL, "method": "post", "timeout": 5, "compress": False}
    try:
        return await ask(called, **(call | more))
    except aiohttp.ClientError as error:
        if isinstance(error, aiohttp.ClientConnectionError):
            return aiohttp.ClientConnectionError  # Rasa looks for this one
        return type(error), getattr(error, "status", None), getattr(error, "message", None), vars(error)


async def the_same_is_sent_and_answered() -> None:
    """Whatever the server answers, Rasa gets the same from both, and the server hears the same."""
    async with serving() as server:
        for path in ("/", "/a?b=c", "/refuses", "/breaks", "/text", "/nothing", "/closes", "/long", "/ends"):
            called = endpoint(server.url + path)
            both = [await outcome(ask, called) for ask in (RASA, OURS)]
            assert both[0] == both[1], path
            assert server.heard[-1] == server.heard[-2], path
            await action_repairs.close(called)


async def nobody_there_is_the_same_error() -> None:
    """An address where nobody listens is a connection error for both."""
    async with serving() as server:
        called = endpoint(server.url)
    assert [await outcome(ask, called) for ask in (RASA, OURS)] == [aiohttp.ClientConnectionError] * 2


async def one_connection_serves_calls_in_turn() -> None:
    """Calls one after the other share a connection; refusals do not end it, and a closed one is replaced."""
    async with serving() as server:
        called = endpoint(server.url)
        line = [await outcome(OURS, called) for _ in range(3)]
        assert line == [{"events": [], "text": "密"}] * 3
        assert len(set(server.peers)) == 1
        await action_repairs.close(called)
        assert await outcome(OURS, called) == line[0]
        assert len(set(server.peers)) == 2
        await action_repairs.close(called)
    await action_repairs.close(None)


async def calls_at_once_have_connections_of_their_own() -> None:
    """Two calls at the same time do not wait for each other."""
    async with serving() as server:
        slow = endpoint(f"{server.url}/waits")
        calls = [asyncio.ensure_future(outcome(OURS, slow)) for _ in range(2)]
        await asyncio.gather(server.came.get(), server.came.get())
        server.go_on.set()
        assert await asyncio.gather(*calls) == [{"events": [], "text": "密"}] * 2
        assert len(set(server.peers)) == 2
        await action_repairs.close(slow)


async def a_call_given_up_leaves_no_answer_behind() -> None:
    """After a call that was cancelled or came too late the next one has a new connection."""
    async with serving() as server:
        slow = endpoint(f"{server.url}/waits")
        given_up = asyncio.ensure_future(outcome(OURS, slow))
        await server.came.get()
        given_up.cancel()
        late = [await asyncio.gather(given_up, return_exceptions=True)]
        assert vars(slow)["rekey_line"]._idle == []
        late.append(await asyncio.gather(OURS(slow, json=CALL, timeout=0), return_exceptions=True))
        assert [type(each) for (each,) in late] == [asyncio.CancelledError, TimeoutError]
        server.go_on.set()
        assert await outcome(OURS, slow) == {"events": [], "text": "密"}
        assert server.peers[-1] != server.peers[0]
        await action_repairs.close(slow)


async def a_server_that_started_again_is_found() -> None:
    """A connection that the server closed meanwhile is not used again."""
    async with serving() as server:
        called = endpoint(server.url)
        await outcome(OURS, called)
        vars(called)["rekey_line"]._idle[0]._transport.abort()
        await asyncio.sleep(0)
        assert await outcome(OURS, called) == {"events": [], "text": "密"}
        await action_repairs.close(called)


async def other_calls_are_rasas_own() -> None:
    """What an action's call never is goes Rasa's way: another method, path, token or kind of body."""
    async with serving() as server:
        plain, token = endpoint(server.url), EndpointConfig(server.url, token="t")
        for called, more in ((plain, {"method": "put"}), (plain, {"subpath": "x"}), (token, {})):
            both = [await outcome(ask, called, **more) for ask in (RASA, OURS)]
            assert both[0] == both[1]
            assert server.heard[-1] == server.heard[-2]
            assert "rekey_line" not in vars(called)


if __name__ == "__main__":
    for fact in (
        the_same_is_sent_and_answered,
        nobody_there_is_the_same_error,
        one_connection_serves_calls_in_turn,
        calls_at_once_have_connections_of_their_own,
        a_call_given_up_leaves_no_answer_behind,
        a_server_that_started_again_is_found,
        other_calls_are_rasas_own,
    ):
        asyncio.run(fact())
