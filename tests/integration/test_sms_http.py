"""SMS through a simulated gateway, and through the real Kannel where it is installed."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from recovery_core.adapters.sms_http import KannelSender, SmsGateway
from recovery_core.errors import RecoveryError, RefusedByPeerError, UnavailableError
from tests.ports import free_port

FAKE_SMSC = Path("/usr/lib/kannel/test/fakesmsc")
CHINESE = "【邮箱找回】验证码 832117，5 分钟内有效。"
ENGLISH = "Mailbox recovery: your code is 832117."


class SimulatedGateway:
    """A *simulated* peer: answers as told and keeps what it was sent."""

    def __init__(self) -> None:
        """Accept everything."""
        self.status, self.body = 202, "0: Accepted for delivery"
        self.seen: list[tuple[str, dict[str, str], str]] = []
        self.hang: asyncio.Event | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Keep the request and answer."""
        self.seen.append((request.path_qs, dict(request.headers), await request.text()))
        if self.hang is not None:
            await self.hang.wait()
        return web.Response(status=self.status, text=self.body)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Listen on a free port and yield the address of sendsms."""
        app = web.Application()
        app.router.add_post("/cgi-bin/sendsms", self.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/cgi-bin/sendsms"
        finally:
            if self.hang is not None:
                self.hang.set()
            await runner.cleanup()


def sender(url: str, **changes: Any) -> KannelSender:  # noqa: ANN401
    """Return a sender for *url*, changed as told."""
    settings: dict[str, Any] = {"url": url, "user": "rekey", "password": "sms-secret"}
    return KannelSender(SmsGateway(**settings | changes))


async def send(one: KannelSender, text: str = CHINESE, to: str = "+8613800138000") -> None:
    """Send one SMS."""
    await one.send("item-1", to, "", text, {"code": "832117"})


async def test_number_text_and_password_travel_outside_the_url() -> None:
    """An access log of the gateway or a proxy sees the path and nothing else."""
    gateway = SimulatedGateway()
    async with gateway.serving() as url:
        await send(sender(url, sender="10690001"))
    [(path, headers, body)] = gateway.seen
    assert (path, body) == ("/cgi-bin/sendsms", CHINESE)
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    told = {name: value for name, value in headers.items() if name.startswith("X-Kannel-")}
    assert told == {
        "X-Kannel-Username": "rekey",
        "X-Kannel-Password": "sms-secret",
        "X-Kannel-To": "+8613800138000",
        "X-Kannel-From": "10690001",
        "X-Kannel-Coding": "2",
    }


@pytest.mark.parametrize(("text", "coding"), [(ENGLISH, "0"), ("€ {ok}", "0"), ("ok ✓", "2"), ("`", "2")])
async def test_seven_bits_where_they_are_enough_and_ucs2_elsewhere(text: str, coding: str) -> None:
    """Coding 0 carries GSM 03.38 only; whatever else there is needs coding 2."""
    gateway = SimulatedGateway()
    async with gateway.serving() as url:
        await send(sender(url), text)
    assert gateway.seen[0][1]["X-Kannel-Coding"] == coding
    assert "X-Kannel-From" not in gateway.seen[0][1]


async def test_the_plus_can_be_left_out() -> None:
    """Some gateways want the number without its plus."""
    gateway = SimulatedGateway()
    async with gateway.serving() as url:
        await send(sender(url, keep_plus=False))
    assert gateway.seen[0][1]["X-Kannel-To"] == "8613800138000"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (202, "0: Accepted for delivery", None),
        (202, "3: Queued for later delivery", None),
        (200, "<html>Welcome</html>", RefusedByPeerError),
        (302, "", UnavailableError),
        (400, "Number(s) has/have been denied", RefusedByPeerError),
        (403, "Authorization failed for sendsms", UnavailableError),
        (404, "", RefusedByPeerError),
        (429, "", UnavailableError),
        (500, "", UnavailableError),
        (503, "Temporal failure, try again later.", UnavailableError),
    ],
)
async def test_the_status_decides_whether_to_try_again(
    status: int, body: str, error: type[RecoveryError] | None
) -> None:
    """Accepted is done, 4xx is final, 5xx, 429 and a redirect are tried again."""
    gateway = SimulatedGateway()
    gateway.status, gateway.body = status, body
    async with gateway.serving() as url:
        if error is None:
            await send(sender(url))
        else:
            with pytest.raises(error):
                await send(sender(url))
    assert len(gateway.seen) == 1


async def test_a_gateway_that_hangs_is_unavailable() -> None:
    """The whole attempt has one time limit."""
    gateway = SimulatedGateway()
    gateway.hang = asyncio.Event()
    async with gateway.serving() as url:
        with pytest.raises(UnavailableError):
            await send(sender(url, timeout=0.1))


async def test_a_gateway_that_is_down_is_unavailable() -> None:
    """A refused connection means: try later."""
    with pytest.raises(UnavailableError):
        await send(sender(f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms"))


@pytest.mark.parametrize("to", ["", "+", "alice", "+86138 0013", "+8613800138000\r\nX-Kannel-To: 1", "1 2"])
async def test_only_a_single_number_is_ever_a_recipient(to: str) -> None:
    """No number can add a header or a second recipient; nothing reaches the gateway."""
    gateway = SimulatedGateway()
    async with gateway.serving() as url:
        with pytest.raises(RefusedByPeerError):
            await send(sender(url), to=to)
    assert gateway.seen == []


async def test_nothing_is_logged_and_no_failure_tells_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Logs at any level, the error and the representation hold neither code nor number nor password."""
    caplog.set_level(logging.DEBUG)
    gateway = SimulatedGateway()
    gateway.status, gateway.body = 400, f"refused {CHINESE}"
    async with gateway.serving() as url:
        one = sender(url)
        with pytest.raises(RefusedByPeerError) as raised:
            await send(one)
    told = repr(raised.value) + str(raised.value) + caplog.text + repr(one._gateway)
    for secret in ("832117", "13800138000", "sms-secret"):
        assert secret not in told
    assert raised.value.__context__ is None


class Kannel:
    """The real bearerbox and smsbox with a fake SMS centre behind them, all on loopback."""

    def __init__(self, folder: Path) -> None:
        """Choose ports and write the configuration."""
        self._admin, self._boxes, self._smsc, self._http = (free_port() for _ in range(4))
        self._config = folder / "kannel.conf"
        self._config.write_text(
            f"group = core\nadmin-port = {self._admin}\nadmin-password = x\nsmsbox-port = {self._boxes}\n"
            'box-allow-ip = "127.0.0.1"\n\n'
            f"group = smsc\nsmsc = fake\nsmsc-id = FAKE\nport = {self._smsc}\n"
            "connect-allow-ip = 127.0.0.1\n\n"
            f"group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {self._http}\n"
            "sendsms-interface = 127.0.0.1\nglobal-sender = 10690000\n\n"
            "group = sendsms-user\nusername = rekey\npassword = sms-secret\n"
            "max-messages = 3\nconcatenation = true\n\n"
            "group = sms-service\nkeyword = default\ntext = ok\n"
        )
        self.url = f"http://127.0.0.1:{self._http}/cgi-bin/sendsms"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.StreamReader]:
        """Start the three processes, wait until they talk, and yield what the SMS centre says."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_process("bearerbox", "-v", "4", str(self._config)))
            await _listening(self._boxes, self._smsc)
            await stack.enter_async_context(_process("smsbox", "-v", "4", str(self._config)))
            arguments = ("-H", "127.0.0.1", "-r", str(self._smsc), "-i", "0.1", "-m", "0", "1 2 text x")
            centre = await stack.enter_async_context(_process(str(FAKE_SMSC), *arguments))
            await _listening(self._http)
            assert centre.stdout is not None
            await _line_with(centre.stdout, "Connecting")
            yield centre.stdout


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process and end it, and only it."""
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def _listening(*ports: int) -> None:
    """Return when every port accepts; gives up after 20 s."""
    async with asyncio.timeout(20):
        for port in ports:
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                writer.close()
                await writer.wait_closed()
                break


async def _line_with(stream: asyncio.StreamReader, words: str) -> str:
    """Return the next line that holds *words*; gives up after 20 s."""
    async with asyncio.timeout(20):
        while words not in (line := (await stream.readline()).decode()):
            assert line, f"ended before it said {words}"
    return line


@pytest.mark.skipif(
    not (shutil.which("bearerbox") and FAKE_SMSC.exists()), reason="wants Debian's kannel and kannel-extras"
)
async def test_the_real_kannel_takes_and_delivers_both_codings(tmp_path: Path) -> None:
    """Kannel 1.4.5 accepts our request; the SMS centre gets Chinese as UCS-2 and English as text."""
    kannel = Kannel(tmp_path)
    async with kannel.running() as centre:
        await _accepted(sender(kannel.url), ENGLISH)
        assert f"+8613800138000 text {ENGLISH}" in await _line_with(centre, "Got message")
        await send(sender(kannel.url, keep_plus=False, sender="10690001"), "验")
        assert "<10690001 8613800138000 ucs-2 %9A%8C>" in await _line_with(centre, "Got message")
        with pytest.raises(UnavailableError):
            await send(sender(kannel.url, password="wrong"))


async def _accepted(one: KannelSender, text: str) -> None:
    """Send as soon as Kannel's parts have found each other; before that it says 503."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await send(one, text)
            except UnavailableError:
                await asyncio.sleep(0.1)
