"""Sends mail by SMTP (RFC 5321), one connection for each message."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from enum import StrEnum

import aiosmtplib

from recovery_core.clock import Clock
from recovery_core.errors import RecoveryError, RefusedByPeerError, UnavailableError
from recovery_core.notices.delivery import Channel

_PERMANENT = 500
"""RFC 5321 4.2.1: from here on trying again changes nothing."""


class Security(StrEnum):
    """When the connection becomes encrypted; the certificate is always checked."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Which server takes our mail, and how long one message may take altogether (seconds)."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 15.0
    tls: ssl.SSLContext | None = None
    """Which authorities are trusted; None means those of the system."""


class SmtpSender:
    """Delivers mail. Its errors carry a code, never the words of the server, which may quote an address."""

    channel = Channel.MAIL

    def __init__(self, server: SmtpServer, sender: str, clock: Clock) -> None:
        self._server = server
        self._sender = Address(addr_spec=sender)
        self._clock = clock

    async def send(
        self,
        item_id: str,
        to: str,
        subject: str,
        text: str,
        variables: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """Hand the mail to the server; raises UnavailableError or RefusedByPeerError."""
        message = self._message(item_id, to, subject, text)
        failure = await self._failure(message)
        if failure is not None:
            raise failure

    def _message(self, item_id: str, to: str, subject: str, text: str) -> EmailMessage:
        """Build the mail; its Message-ID depends on *item_id* only: a repetition can be recognised."""
        message = EmailMessage(policy=WIRE)
        message["From"] = self._sender
        message["To"] = _recipient(to)
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(self._clock.now())
        name = hashlib.sha256(item_id.encode()).hexdigest()[:40]
        message["Message-ID"] = f"<{name}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice answers this
        message.set_content(text, charset="utf-8")
        return message

    async def _failure(self, message: EmailMessage) -> RecoveryError | None:
        """Try once; return what it means if it failed, free of the library's exception and its texts."""
        client = self._client()
        try:
            async with asyncio.timeout(self._server.timeout):
                await self._talk(client, message)
        except aiosmtplib.SMTPException as error:
            return _meaning(error)
        except OSError:  # the timeout is one, and so are refused connections and failed handshakes
            return UnavailableError()
        except ValueError:
            return RefusedByPeerError("bad_address")
        finally:
            client.close()
        return None

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=server.tls,
            timeout=server.timeout,
        )

    async def _talk(self, client: aiosmtplib.SMTP, message: EmailMessage) -> None:
        await client.connect()
        if self._server.user:
            await client.login(self._server.user, self._server.password)
        await client.send_message(message)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):  # it is delivered, however we part
            await client.quit()


def _recipient(to: str) -> Address:
    """Return *to* as one mailbox; raises RefusedByPeerError when it is none, or more than one."""
    address = None
    if to.isprintable():
        with contextlib.suppress(ValueError, IndexError):
            address = Address(addr_spec=to)
    if address is None or not address.username or not address.domain:
        raise RefusedByPeerError("bad_address")
    return address


def _meaning(error: aiosmtplib.SMTPException) -> RecoveryError:
    """Return what an SMTP failure means for the outbox."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        permanent = all(each.code >= _PERMANENT for each in error.recipients)
        return RefusedByPeerError() if permanent else UnavailableError("deferred")
    if isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPHeloError):
        return UnavailableError()  # RFC 5321 3.1: 554 in the greeting is about the server, not about the mail
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return UnavailableError("sign_in")  # about our settings: nothing may be lost while they are mended
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= _PERMANENT:
        return RefusedByPeerError()
    if isinstance(error, aiosmtplib.SMTPDataError):
        return UnavailableError("deferred")
    return UnavailableError()
