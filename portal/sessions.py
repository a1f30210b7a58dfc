"""The browser's side of a conversation: a random token in an HttpOnly cookie, its keyed hash in the store."""

from __future__ import annotations

from aiohttp import web

from portal.keys import PARTS, PROXIES, SITE
from portal.language import CONVERSATION
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language

_CLIENT: web.RequestKey[str] = web.RequestKey("client_key")
EXIT = "exit:"
"""What the keys of clients behind a company's exit begin with."""
COOKIE_LIFE = 30 * 24 * 3600
"""Seconds; as long as transcripts are kept (R21). Rights end long before (R13)."""


def cookie_name(request: web.Request) -> str:
    """Return the cookie's name: with ``__Host-`` wherever the site is on HTTPS."""
    return "__Host-rekey" if request.app[SITE].secure else "rekey"


def client_key(request: web.Request) -> str:
    """Return the keyed hash of the client's address, which limits count on; company exits are marked."""
    if _CLIENT not in request:
        proxies = request.app[PROXIES]
        address = proxies.client(request)
        hashed = request.app[PARTS].keyed.of("client", address)
        request[_CLIENT] = f"{EXIT}{hashed}" if proxies.is_exit(address) else hashed
    return request[_CLIENT]


class ExitKeys:
    """Contains the client keys of company exits (R4)."""

    def __contains__(self, key: object) -> bool:
        """Tell whether *key* was marked by :func:`client_key`."""
        return isinstance(key, str) and key.startswith(EXIT)


async def conversation_of(request: web.Request) -> Conversation | None:
    """Return the conversation whose token the browser holds, if there is one."""
    if CONVERSATION not in request:
        token = request.cookies.get(cookie_name(request))
        parts = request.app[PARTS]
        request[CONVERSATION] = await _find(parts, token) if token else None
    return request[CONVERSATION]


async def begin(request: web.Request, language: Language) -> tuple[Conversation, str]:
    """Store a new conversation for this browser; return it and the token for :func:`hand_over`."""
    parts = request.app[PARTS]
    token = parts.entropy.token(256)
    now = parts.clock.now()
    conversation = Conversation(
        id=parts.entropy.token(128),
        token_hash=parts.keyed.of("cookie", token),
        channel="web",
        language=language,
        created_at=now,
        last_seen_at=now,
        client_key=client_key(request),
    )
    async with parts.work() as work:
        await work.conversations.add(conversation)
        await work.commit()
    request[CONVERSATION] = conversation
    return conversation, token


def hand_over(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its token; scripts cannot read it and other sites cannot send it."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=COOKIE_LIFE,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.app[SITE].secure,
    )


async def _find(parts: Parts, token: str) -> Conversation | None:
    async with parts.work.reading() as work:
        return await work.conversations.by_token_hash(parts.keyed.of("cookie", token))
