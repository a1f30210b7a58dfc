"""A real SMTP server (aiosmtpd) that takes mail over TLS and after sign-in, for tests."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port


class Mailbox:
    """The other side: keeps what it accepts and refuses what it is told to refuse."""

    def __init__(self) -> None:
        """Accept everything."""
        self.messages: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.rcpt = self.data = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer as told."""
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message, or answer as told."""
        if self.data.startswith("250"):
            self.envelopes.append(envelope)
            content = cast(bytes, envelope.content)
            self.messages.append(cast(EmailMessage, message_from_bytes(content, policy=WIRE)))
        return self.data


def sign_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401
    """Accept one name and password; *handled* is False so that the server answers a refusal itself."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"rekey", b"mail-secret")
    return AuthResult(success=known, handled=False)


class Certificate:
    """A self-signed certificate for 127.0.0.1 and both ends' TLS contexts."""

    def __init__(self, folder: Path) -> None:
        """Make the certificate in *folder*."""
        key = ec.generate_private_key(ec.SECP256R1())
        public, private = folder / "cert.pem", folder / "key.pem"
        public.write_bytes(_signed(key).public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(public, private)
        self.client = ssl.create_default_context(cafile=str(public))


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Return a certificate for 127.0.0.1, signed by *key* itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36500))
        .add_extension(addresses, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return builder.sign(key, hashes.SHA256())


@contextmanager
def serving(mailbox: Mailbox, certificate: Certificate, *, implicit: bool = False) -> Iterator[int]:
    """Run the server in its own thread; it takes mail only over TLS and after sign-in."""
    port = free_port()
    options: dict[str, Any] = {"ssl_context": certificate.server} if implicit else {}
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=sign_in,
        auth_required=True,
        auth_require_tls=not implicit,
        require_starttls=not implicit,
        tls_context=None if implicit else certificate.server,
        enable_SMTPUTF8=True,
        **options,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
