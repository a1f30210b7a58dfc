"""The way to the assistant: one signed request a turn, over loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import aiohttp
import orjson

from recovery_core.clock import Clock
from recovery_core.entropy import Entropy
from recovery_core.errors import UnavailableError

TOKEN_LIFE = 60
"""Seconds that a signed request is good for."""
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=2)


class AssistantFailedError(UnavailableError):
    """Raised when the assistant is there, but could not answer this line."""

    code = "assistant_failed"


@dataclass(frozen=True, slots=True)
class Turn:
    """One line on its way to the assistant; ``intent`` is set when nothing is left to understand."""

    conversation_id: str
    message_id: str
    text: str
    language: str
    intent: str | None = None

    def body(self) -> bytes:
        """Return the request's body; a ready parse bypasses the understanding."""
        parse = None
        if self.intent:
            entities = [{"entity": "language", "value": self.language, "start": 0, "end": 0}]
            intent = {"name": self.intent, "confidence": 1.0}
            parse = {"text": self.text, "intent": intent, "entities": entities}
        body = {"conversation": self.conversation_id, "message_id": self.message_id, "text": self.text}
        return orjson.dumps(body | {"language": self.language, "parse": parse})


class Assistant(Protocol):
    """Understands a line and says which replies follow."""

    async def answer(self, turn: Turn) -> Sequence[Mapping[str, Any]]:
        """Return the replies; the same message id again returns the same ones, as far as they were kept.

        Raises AssistantFailedError when it could not answer this line, else UnavailableError.
        """
        ...

    async def ready(self) -> bool:
        """Tell whether the assistant has its model."""
        ...


@dataclass(frozen=True, slots=True)
class RasaClient:
    """Talks to the ``gateway`` channel of Rasa; a wrong or late answer is a reason to ask again."""

    base_url: str
    key: bytes = field(repr=False)
    clock: Clock
    entropy: Entropy
    http: aiohttp.ClientSession

    async def answer(self, turn: Turn) -> Sequence[Mapping[str, Any]]:
        """Return the replies to *turn*; raises UnavailableError, of which AssistantFailedError is one."""
        body = turn.body()
        headers = self._headers(turn.conversation_id, body)
        url = f"{self.base_url}/webhooks/gateway/messages"
        try:
            async with self.http.post(url, data=body, headers=headers, timeout=_TIMEOUT) as response:
                if response.status != 200:  # noqa: PLR2004
                    raise AssistantFailedError
                replies = orjson.loads(await response.read())["replies"]
        except (ValueError, KeyError, TypeError) as error:
            raise AssistantFailedError from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnavailableError("assistant") from error
        return _checked(replies)

    async def ready(self) -> bool:
        """Tell whether Rasa answers and has its model."""
        url = f"{self.base_url}/webhooks/gateway/health"
        try:
            async with self.http.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == 200 and bool((await response.json()).get("model"))  # noqa: PLR2004
        except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
            return False

    async def forget(self, before: datetime) -> None:
        """Have Rasa forget conversations whose last event is older than *before* (R21).

        Raises UnavailableError when they may still be there; asking again does no harm.
        """
        body = orjson.dumps({"before": before.timestamp()})
        headers, url = self._headers("housekeeping", body), f"{self.base_url}/webhooks/gateway/forget"
        try:
            async with self.http.post(url, data=body, headers=headers, timeout=_TIMEOUT) as response:
                if response.status != 200:  # noqa: PLR2004
                    raise UnavailableError("assistant")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnavailableError("assistant") from error

    def _headers(self, subject: str, body: bytes) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token(subject, body)}", "Content-Type": "application/json"}

    def _token(self, subject: str, body: bytes) -> str:
        issued = int(self.clock.now().timestamp())
        claims = {
            "aud": "rekey-gateway",
            "sub": subject,
            "iat": issued,
            "exp": issued + TOKEN_LIFE,
            "jti": self.entropy.token(128),
            "bh": hashlib.sha256(body).hexdigest(),
        }
        return _signed(claims, self.key)


def _signed(claims: Mapping[str, Any], key: bytes) -> str:
    """Return the JWT (RFC 7519) of *claims*, signed by HS256.

    A library looks at every call whether the key may be somebody's public key; ours is our own random one.
    """
    signed = f"{_HEADER}.{_base64url(orjson.dumps(claims))}"
    return f"{signed}.{_base64url(hmac.digest(key, signed.encode(), 'sha256'))}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_HEADER = _base64url(b'{"alg":"HS256","typ":"JWT"}')


def _checked(replies: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(replies, list) or not all(isinstance(reply, dict) for reply in replies):
        raise AssistantFailedError
    return replies
