"""Sends SMS through an HTTP gateway that speaks the sendsms interface of Kannel 1.4.

The request is a POST with ``X-Kannel-*`` headers and the text as its body (Kannel user guide, "Extended
headers"): what is in the URL would be written to every access log, and Kannel 1.4.5 refuses a form body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp

from recovery_core.errors import RecoveryError, RefusedByPeerError, UnavailableError
from recovery_core.notices.delivery import Channel

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
"""The default alphabet of GSM 03.38 with its extension: what fits into seven bits."""
_NUMBER = re.compile(r"\+?[0-9]{5,15}")
_ACCEPTED = ("0:", "3:")
"""Kannel's answers for "accepted for delivery" and "queued for later delivery"."""
_READ_AT_MOST = 64
_SERVER_ERROR = 500
_SIGN_IN = frozenset({401, 403})
_TOO_MANY = 429
_REDIRECT = range(300, 400)


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Which gateway takes our SMS, and how long one may take (seconds)."""

    url: str
    user: str
    password: str = field(repr=False)
    sender: str = ""
    """The number that phones show; empty leaves it to the gateway."""
    keep_plus: bool = True
    """Whether numbers keep their leading ``+``; some gateways want none."""
    timeout: float = 10.0


class KannelSender:
    """Delivers SMS. Logs nothing, and its errors carry a code only."""

    channel = Channel.SMS

    def __init__(self, gateway: SmsGateway) -> None:
        self._gateway = gateway

    async def send(
        self,
        item_id: str,  # noqa: ARG002
        to: str,
        subject: str,  # noqa: ARG002
        text: str,
        variables: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """Hand the SMS to the gateway; raises UnavailableError or RefusedByPeerError."""
        if not _NUMBER.fullmatch(to):
            raise RefusedByPeerError("bad_number")
        failure = await self._failure(self._headers(to, text), text)
        if failure is not None:
            raise failure

    def _headers(self, to: str, text: str) -> dict[str, str]:
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": self._gateway.user,
            "X-Kannel-Password": self._gateway.password,
            "X-Kannel-To": to if self._gateway.keep_plus else to.removeprefix("+"),
            "X-Kannel-Coding": "0" if set(text) <= _GSM else "2",
        }
        if self._gateway.sender:
            headers["X-Kannel-From"] = self._gateway.sender
        return headers

    async def _failure(self, headers: Mapping[str, str], text: str) -> RecoveryError | None:
        """Try once; return what it means if it failed, free of the library's exception and its texts."""
        limit = aiohttp.ClientTimeout(total=self._gateway.timeout)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(
                    self._gateway.url, data=text.encode(), headers=headers, allow_redirects=False
                ) as answer,
            ):
                said = await answer.content.read(_READ_AT_MOST)
        except (aiohttp.ClientError, OSError):  # a timeout is an OSError
            return UnavailableError()
        return _meaning(answer.status, said.decode("latin-1"))


def _meaning(status: int, said: str) -> RecoveryError | None:
    """Return what the gateway's answer means for the outbox; None: it took the SMS."""
    if status in _SIGN_IN:
        return UnavailableError("sign_in")  # about our settings: nothing may be lost while they are mended
    if status >= _SERVER_ERROR or status == _TOO_MANY or status in _REDIRECT:
        return UnavailableError()
    if status in (200, 202) and said.startswith(_ACCEPTED):
        return None
    return RefusedByPeerError()
