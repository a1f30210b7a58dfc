"""What every sender does, whatever it sends by; and what ends sessions."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from recovery_core.adapters.console import KEPT, ConsoleOutbox
from recovery_core.adapters.sessions import DoveadmSessions, NoSessions
from recovery_core.adapters.sms_http import KannelSender, SmsGateway
from recovery_core.adapters.smtp import SmtpSender, SmtpServer
from recovery_core.errors import RefusedByPeerError, UnavailableError
from recovery_core.notices.delivery import Channel
from recovery_core.notices.ports import Sender
from recovery_core.notices.worker import EndSessions
from tests.fakes import FakeClock
from tests.ports import free_port
from tests.smtp_server import Certificate, Mailbox, serving

pytestmark = pytest.mark.filterwarnings("ignore:.*login_data.*:DeprecationWarning")


@dataclass
class Line:
    """A sender, an address that suits it, and what the other side received."""

    sender: Sender
    to: str
    received: list[str]


class Lines:
    """Builds each sender with its other side."""

    def __init__(self, stack: AsyncExitStack, folder: Path) -> None:
        """Close everything with *stack*."""
        self._stack = stack
        self._folder = folder

    async def console(self) -> Line:
        """Return the demo's sender."""
        outbox = ConsoleOutbox(FakeClock())
        received: list[str] = []
        self._stack.callback(lambda: received.extend(each["text"] for each in outbox.messages()))
        return Line(outbox.sender(Channel.SMS), "+8613800138000", received)

    async def smtp(self) -> Line:
        """Return the mail sender with a real server behind it."""
        mailbox, certificate = Mailbox(), Certificate(self._folder)
        port = self._stack.enter_context(serving(mailbox, certificate))
        server = SmtpServer("127.0.0.1", port, user="rekey", password="mail-secret", tls=certificate.client)
        received: list[str] = []
        self._stack.callback(lambda: received.extend(each.get_content().strip() for each in mailbox.messages))
        return Line(SmtpSender(server, "rekey@corp.example", FakeClock()), "alice@backup.example", received)

    async def sms(self) -> Line:
        """Return the SMS sender with a *simulated* gateway behind it."""
        received: list[str] = []

        async def handle(request: web.Request) -> web.Response:
            received.append(await request.text())
            return web.Response(status=202, text="0: Accepted for delivery")

        app = web.Application()
        app.router.add_post("/sendsms", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/sendsms"
        return Line(KannelSender(SmsGateway(url, "rekey", "secret")), "+8613800138000", received)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Close the other sides at the end."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.mark.parametrize("kind", ["console", "smtp", "sms"])
async def test_every_sender_delivers_the_text_it_is_given(
    kind: str, stack: AsyncExitStack, tmp_path: Path
) -> None:
    """Words arrive unchanged, Chinese ones too."""
    line: Line = await getattr(Lines(stack, tmp_path), kind)()
    await line.sender.send("item-1", line.to, "主题", "验证码 832117", {"code": "832117"})
    await stack.aclose()
    assert line.received == ["验证码 832117"]


@pytest.mark.parametrize(
    ("sender", "to"),
    [
        (SmtpSender(SmtpServer("127.0.0.1", 1), "rekey@corp.example", FakeClock()), "a@b.example"),
        (KannelSender(SmsGateway("http://127.0.0.1:1/", "rekey", "secret")), "+8613800138000"),
    ],
)
async def test_every_sender_says_unavailable_when_its_peer_is_down(sender: Sender, to: str) -> None:
    """All raise the same error to be tried again, and it is not about the recipient."""
    with pytest.raises(UnavailableError) as raised:
        await sender.send("item-1", to, "", "text", {})
    assert raised.value.code == "unavailable"


@pytest.mark.parametrize(
    "sender",
    [
        SmtpSender(SmtpServer("127.0.0.1", free_port()), "rekey@corp.example", FakeClock()),
        KannelSender(SmsGateway("http://127.0.0.1:1/", "rekey", "secret")),
    ],
)
async def test_every_sender_refuses_what_is_no_recipient(sender: Sender) -> None:
    """A recipient with a line break is refused for good before anything is said to the peer."""
    with pytest.raises(RefusedByPeerError):
        await sender.send("item-1", "a@b.example\r\nX: y", "", "text", {})


async def test_the_console_shows_code_and_link_and_null_for_what_is_absent() -> None:
    """The demo's list is oldest first, with exactly the fields that other programs rely on."""
    clock = FakeClock()
    outbox = ConsoleOutbox(clock)
    await outbox.sender(Channel.SMS).send("a", "+86138", "", "code 832117", {"code": "832117"})
    clock.move(timedelta(seconds=5))
    await outbox.sender(Channel.MAIL).send("b", "a@b.example", "Hi", "go", {"link": "http://x/1"})
    assert outbox.messages() == [
        {
            "id": "a",
            "at": "2026-03-02T09:00:00+00:00",
            "channel": "sms",
            "to": "+86138",
            "subject": None,
            "text": "code 832117",
            "code": "832117",
            "link": None,
        },
        {
            "id": "b",
            "at": "2026-03-02T09:00:05+00:00",
            "channel": "mail",
            "to": "a@b.example",
            "subject": "Hi",
            "text": "go",
            "code": None,
            "link": "http://x/1",
        },
    ]


async def test_the_console_keeps_the_last_two_hundred_and_each_once() -> None:
    """The 201st message pushes the first out; a repetition adds nothing."""
    outbox = ConsoleOutbox(FakeClock())
    sender = outbox.sender(Channel.SMS)
    for number in range(KEPT):
        await sender.send(str(number), "+86138", "", "x", {})
    await sender.send("199", "+86138", "", "x", {})
    assert [outbox.messages()[0]["id"], len(outbox.messages())] == ["0", 200]
    await sender.send("200", "+86138", "", "x", {})
    ids = [message["id"] for message in outbox.messages()]
    assert (ids[0], ids[-1], len(ids)) == ("1", "200", 200)


def recorder(folder: Path, status: int) -> list[str]:
    """Return a command that writes down its arguments and environment and ends with *status*."""
    script = folder / "doveadm.py"
    script.write_text(
        "import json, os, pathlib, sys\n"
        f"pathlib.Path({str(folder / 'seen')!r}).write_text(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
        f"sys.exit({status})\n"
    )
    return [sys.executable, "-S", str(script)]


async def test_doveadm_gets_the_address_as_one_argument_and_none_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11: no shell reads the address, and keys in the environment stay here."""
    monkeypatch.setenv("REKEY_AUDIT_KEY", "key-material")
    assert await DoveadmSessions(recorder(tmp_path, 0)).end("-x; $(id)@example.com") is True
    seen = (tmp_path / "seen").read_text()
    assert '[["kick", "--", "-x; $(id)@example.com"]' in seen
    assert "key-material" not in seen


async def test_nobody_logged_in_counts_as_ended(tmp_path: Path) -> None:
    """Dovecot's doveadm answers 68 when nobody of that name is logged in (tried with Dovecot 2.3.19)."""
    assert await DoveadmSessions(recorder(tmp_path, 68)).end("alice@example.com") is True


@pytest.mark.parametrize("address", ["*", "a?@example.com", "", "a\n@example.com"])
async def test_an_address_that_doveadm_would_read_as_a_pattern_is_not_given_to_it(
    tmp_path: Path, address: str
) -> None:
    """One person's recovery never logs out others."""
    assert await DoveadmSessions(recorder(tmp_path, 0)).end(address) is False
    assert not (tmp_path / "seen").exists()


async def test_a_doveadm_that_fails_hangs_or_is_missing_is_unavailable(tmp_path: Path) -> None:
    """The order stays in the outbox until it is carried out."""
    hanging = [sys.executable, "-S", "-c", "import signal; signal.pause()"]
    for command in (recorder(tmp_path, 75), hanging, [str(tmp_path / "missing")]):
        with pytest.raises(UnavailableError):
            await DoveadmSessions(command, timeout=0.5).end("alice@example.com")


async def test_where_sessions_cannot_be_ended_the_order_is_settled() -> None:
    """NoSessions answers False, and the outbox does not try for ever."""
    assert await NoSessions().end("alice@example.com") is False
    await EndSessions(NoSessions()).send("s", "alice@example.com", "", "", {})
