"""Mail through a real SMTP server (aiosmtpd) with STARTTLS and sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from recovery_core.adapters.smtp import Security, SmtpSender, SmtpServer
from recovery_core.errors import RecoveryError, RefusedByPeerError, UnavailableError
from tests.fakes import FakeClock
from tests.ports import free_port
from tests.smtp_server import Certificate, Mailbox, serving

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*login_data.*:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),  # the socket is TLS already
]

LINK = "https://rekey.example.com/link/s3cr3t-token"
TEXT = f"请打开：{LINK}\n.\nEnd.\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Make one certificate for all tests of this file."""
    return Certificate(tmp_path_factory.mktemp("tls"))


def sender(port: int, certificate: Certificate | None, **changes: Any) -> SmtpSender:  # noqa: ANN401
    """Return a sender that trusts the test's certificate and signs in, unless changed."""
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "user": "rekey",
        "password": "mail-secret",
        "timeout": 5.0,
        "tls": certificate.client if certificate else None,
    }
    return SmtpSender(SmtpServer(**settings | changes), "rekey@corp.example", FakeClock())


async def send(one: SmtpSender, item_id: str = "item-1", to: str = "alice@backup.example") -> None:
    """Send the text of these tests."""
    await one.send(item_id, to, "请继续找回您的邮箱", TEXT, {"link": LINK})


@pytest.mark.parametrize("implicit", [False, True])
async def test_mail_arrives_whole_over_tls_after_sign_in(certificate: Certificate, implicit: bool) -> None:  # noqa: FBT001
    """Chinese subject and text arrive as written, from and to the right mailbox, as plain text."""
    mailbox = Mailbox()
    with serving(mailbox, certificate, implicit=implicit) as port:
        security = Security.TLS if implicit else Security.STARTTLS
        await send(sender(port, certificate, security=security))
    [message], [envelope] = mailbox.messages, mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("rekey@corp.example", ["alice@backup.example"])
    assert (message["Subject"], message["To"]) == ("请继续找回您的邮箱", "alice@backup.example")
    assert (message.get_content_type(), message.get_content_charset()) == ("text/plain", "utf-8")
    assert message.get_content().replace("\r\n", "\n") == TEXT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"


async def test_a_repetition_has_the_same_message_id(certificate: Certificate) -> None:
    """The Message-ID follows from the item alone, so a mailbox can drop the second of two equal mails."""
    mailbox = Mailbox()
    with serving(mailbox, certificate) as port:
        for item_id in ("item-1", "item-1", "item-2"):
            await send(sender(port, certificate), item_id)
    first, again, other = [message["Message-ID"] for message in mailbox.messages]
    assert first == again != other
    assert first.endswith("@corp.example>")
    assert "item-1" not in first


@pytest.mark.parametrize(
    ("stage", "answer", "error", "code"),
    [
        ("rcpt", "450 greylisted", UnavailableError, "deferred"),
        ("rcpt", "550 no such user", RefusedByPeerError, "refused_by_peer"),
        ("data", "451 try later", UnavailableError, "deferred"),
        ("data", "554 rejected", RefusedByPeerError, "refused_by_peer"),
    ],
)
async def test_the_first_digit_decides_whether_to_try_again(
    certificate: Certificate, stage: str, answer: str, error: type[RecoveryError], code: str
) -> None:
    """RFC 5321 4.2.1: 4xx is tried again, 5xx never; both are about this recipient."""
    mailbox = Mailbox()
    setattr(mailbox, stage, answer)
    with serving(mailbox, certificate) as port, pytest.raises(error) as raised:
        await send(sender(port, certificate))
    assert raised.value.code == code


async def test_a_wrong_password_is_refused_without_waiting_for_the_timeout(certificate: Certificate) -> None:
    """A refused sign-in (535) is about our settings: the mail is kept and tried again."""
    with serving(Mailbox(), certificate) as port, pytest.raises(UnavailableError):
        await send(sender(port, certificate, password="wrong"))


async def test_a_certificate_that_is_not_trusted_ends_the_attempt(certificate: Certificate) -> None:
    """Nothing is said to a server that cannot show a trusted certificate."""
    mailbox = Mailbox()
    with serving(mailbox, certificate) as port, pytest.raises(UnavailableError):
        await send(sender(port, None))
    assert mailbox.messages == []


async def test_a_server_without_starttls_gets_no_mail() -> None:
    """STARTTLS is insisted on: without it neither the password nor the link is sent in clear."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with pytest.raises(UnavailableError):
            await send(sender(controller.port, None))
        await send(sender(controller.port, None, security=Security.NONE, user=""))
    finally:
        controller.stop()
    assert len(mailbox.messages) == 1


async def test_a_server_that_is_down_is_unavailable() -> None:
    """A refused connection means: try later."""
    with pytest.raises(UnavailableError):
        await send(sender(free_port(), None))


@asynccontextmanager
async def silent_server(first_words: bytes) -> AsyncIterator[int]:
    """Listen, say *first_words* and then nothing more."""
    done = asyncio.Event()

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first_words)
        await done.wait()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        done.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("first_words", [b"", b"220 hello\r\n"])
async def test_a_server_that_hangs_is_unavailable(first_words: bytes) -> None:
    """The whole attempt has one time limit, wherever the server falls silent."""
    async with silent_server(first_words) as port:
        with pytest.raises(UnavailableError):
            await send(sender(port, None, timeout=0.1))


async def test_a_greeting_that_turns_everybody_away_is_unavailable() -> None:
    """554 instead of a greeting is about the server, so the mail is kept (RFC 5321 3.1)."""
    async with silent_server(b"554 go away\r\n") as port:
        with pytest.raises(UnavailableError):
            await send(sender(port, None))


@pytest.mark.parametrize(
    "to",
    [
        "alice@backup.example\r\nBcc: mallory@evil.example",
        "alice@backup.example, mallory@evil.example",
        "alice@backup.example\n",
        "Alice <alice@backup.example>",
        "alice",
        "",
    ],
)
async def test_only_a_single_address_is_ever_a_recipient(certificate: Certificate, to: str) -> None:
    """No address can add a header or a second recipient."""
    mailbox = Mailbox()
    with serving(mailbox, certificate) as port, pytest.raises(RefusedByPeerError):
        await send(sender(port, certificate), to=to)
    assert mailbox.messages == []


async def test_a_subject_cannot_add_a_header(certificate: Certificate) -> None:
    """Line breaks in a subject become spaces."""
    mailbox = Mailbox()
    with serving(mailbox, certificate) as port:
        one = sender(port, certificate)
        await one.send("i", "alice@backup.example", "Hello\r\nBcc: mallory@evil.example", TEXT, {})
    [message] = mailbox.messages
    assert message["Subject"] == "Hello Bcc: mallory@evil.example"
    assert message["Bcc"] is None


async def test_no_failure_tells_the_password_the_link_or_the_recipient(certificate: Certificate) -> None:
    """Neither the error, nor its chain, nor the representation of the server holds a secret."""
    mailbox = Mailbox()
    mailbox.rcpt = "550 alice@backup.example is unknown"
    with serving(mailbox, certificate) as port:
        one = sender(port, certificate)
        with pytest.raises(RefusedByPeerError) as raised:
            await send(one)
    told = repr(raised.value) + str(raised.value) + repr(one._server)
    assert raised.value.__context__ is None
    for secret in ("mail-secret", "s3cr3t", "alice@backup"):
        assert secret not in told
