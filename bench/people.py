"""People at a chat: one class for rekey's public API, one for the stock assistant's ``rest`` channel.

Every conversation comes from its own loopback address (127.0.0.0/8, Linux), as many people's would: so the
limits per client and per conversation stay as they are by default. Only 127.0.0.1 is ever talked to.
"""

from __future__ import annotations

import itertools
import uuid
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp

_ADDRESSES = itertools.count(1)
_OK = frozenset({200, 201, 303})


class WrongAnswerError(Exception):
    """Raised when a server refuses, or answers nothing where an answer is due."""


class Person(Protocol):
    """Somebody in one conversation; used in ``async with``."""

    async def say(self, text: str) -> None:
        """Say *text* and wait for the answer; raises WrongAnswerError when there is none."""
        ...

    async def __aenter__(self) -> Self:
        """Open the conversation."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        ...


def loopback_address() -> str:
    """Return a loopback address that no other person of this run has."""
    number = next(_ADDRESSES)
    return f"127.{10 + number // 62_500 % 200}.{number // 250 % 250}.{number % 250 + 1}"


class Browser:
    """A browser with its own address and cookies."""

    def __init__(self, site: str) -> None:
        self.site = site
        connector = aiohttp.TCPConnector(local_addr=(loopback_address(), 0), limit=2)
        # Unsafe only in name: without it aiohttp keeps no cookies of servers that are bare addresses.
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=60)
        self.http = aiohttp.ClientSession(connector=connector, cookie_jar=jar, timeout=timeout)

    async def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401  JSON is anything
        """Post JSON and return the JSON of the answer; raises WrongAnswerError."""
        async with self.http.post(f"{self.site}{path}", json=body) as answer:
            if answer.status not in _OK:
                raise WrongAnswerError(f"{path}: {answer.status} {(await answer.text())[:300]}")
            return await answer.json()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await self.http.close()


class RekeyPerson(Browser):
    """Somebody who chats with rekey through its public API."""

    async def __aenter__(self) -> Self:
        """Open a session."""
        await self.post("/api/chat/session", {"language": "en"})
        return self

    async def say(self, text: str) -> None:
        """Say *text* and wait for the answer."""
        await self.replies({"text": text})

    async def replies(self, body: dict[str, str]) -> list[dict[str, Any]]:
        """Send a text or a button and return the replies, at least one."""
        answer = await self.post("/api/chat/messages?wait=1", body)
        replies: list[dict[str, Any]] = answer["replies"]
        if not replies:
            raise WrongAnswerError(f"no reply to {body}")
        return replies


class StockPerson(Browser):
    """Somebody who chats with a stock Rasa through its ``rest`` channel."""

    async def __aenter__(self) -> Self:
        """Choose a name; the channel needs no more."""
        self.sender = uuid.uuid4().hex
        return self

    async def say(self, text: str) -> None:
        """Say *text* and wait for the answer."""
        answer = await self.post("/webhooks/rest/webhook", {"sender": self.sender, "message": text})
        if not answer:
            raise WrongAnswerError(f"no reply to {text!r}")
