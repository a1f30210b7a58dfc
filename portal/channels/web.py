"""The web widget as one of the channels: a cookie is its proof and a stream of events its platform.

The chat API reads what is said by :func:`event_of`. It stores the line itself instead of leaving it to the
inbox, because the browser waits for the answer in the same request and repeats it under the same key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any

from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Event,
    Finding,
    Incoming,
    Kind,
    Message,
    NotGenuineError,
    NotReadableError,
    Person,
    Received,
    Target,
)
from portal.chat.news import News
from recovery_core.cases import forms
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation, LineKind
from recovery_core.errors import ConflictError, RecoveryError, UnavailableError, UnknownError
from recovery_core.work import UnitOfWork

TENANT = "web"
MAX_KEY = 100
"""Characters of a message's key and of a button's id."""


def event_of(body: Mapping[str, Any], conversation_id: str, key: str) -> Event:
    """Return what the widget says by *body*, once per *key*; raises NotReadableError."""
    text, button = body.get("text"), body.get("button")
    if not _is_key(key):
        raise NotReadableError
    if isinstance(text, str) and button is None:
        return Event(key, TENANT, conversation_id, conversation_id, Kind.TEXT, text)
    if isinstance(button, str) and text is None:
        # A button that could never have been offered is an unknown one, not an unreadable request.
        pressed = button if _is_key(button) else ""
        return Event(key, TENANT, conversation_id, conversation_id, Kind.BUTTON, button=pressed)
    raise NotReadableError


def _is_key(text: str) -> bool:
    return len(text) <= MAX_KEY and text.isascii() and text.isprintable()


class WebChannel:
    """The widget: every browser is an account of its own, known by the token in its cookie alone."""

    name = "web"
    capabilities = Capabilities(max_text=100_000, max_buttons=12, typing=True, same_id_once=True)

    def __init__(self, parts: Parts, news: News, cookie: str) -> None:
        """Find conversations by the token in the cookie called *cookie*; *news* wakes their streams."""
        self._parts = parts
        self._news = news
        self._cookie = cookie

    async def receive(self, incoming: Incoming) -> Received:
        """Check the cookie and read one message; the key comes as ``Idempotency-Key``."""
        conversation = await self._conversation(incoming.headers.get("cookie", ""))
        try:
            body = json.loads(incoming.body)
        except (ValueError, RecursionError):
            raise NotReadableError from None
        if not isinstance(body, dict):
            raise NotReadableError
        key = incoming.headers.get("idempotency-key") or self._parts.entropy.token(128)
        return Received([event_of(body, conversation.id, key)], status=202)

    async def send(self, to: Target, message: Message) -> None:
        """Store *message* where the streams of the conversation find it, once per id."""
        try:
            await self._store(to.account, message)
        except ConflictError:
            raise ChannelRefusedError("forgotten") from None
        except UnknownError:
            raise ChannelRefusedError("link") from None
        except UnavailableError:
            raise ChannelAwayError("store") from None
        self._news.tell(to.account)

    async def typing(self, to: Target) -> None:
        """Wake the streams; they say themselves who is writing."""
        self._news.tell(to.account)

    async def who(self, tenant: str, account: str) -> Person | None:  # noqa: ARG002
        """Return nobody: a browser proves nothing of who sits before it."""
        return None

    async def check(self) -> Sequence[Finding]:
        """Try the store, which is all that the widget needs."""
        try:
            async with self._parts.work.reading() as work:
                await work.conversations.get("")
        except RecoveryError:
            return [Finding(good=False, key="channel.check.not_stored")]
        return [Finding(good=True, key="channel.check.stored")]

    async def close(self) -> None:
        """Release nothing."""

    async def _conversation(self, cookies: str) -> Conversation:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(cookies)
        except CookieError:
            raise NotGenuineError("cookie") from None
        held = jar.get(self._cookie)
        token = self._parts.keyed.of("cookie", held.value) if held else ""
        async with self._parts.work.reading() as work:
            conversation = await work.conversations.by_token_hash(token) if token else None
        if conversation is None:
            raise NotGenuineError("cookie")
        return conversation

    async def _store(self, conversation_id: str, message: Message) -> None:
        async with self._parts.work() as work:
            if await work.conversations.get(conversation_id) is None:
                raise ConflictError
            if await work.conversations.replies_to(conversation_id, message.id):
                return
            payload = await self._payload(work, message)
            now = self._parts.clock.now()
            await work.conversations.append(conversation_id, LineKind.REPLY, message.id, payload, now)
            await work.commit()

    async def _payload(self, work: UnitOfWork, message: Message) -> dict[str, Any]:
        payload: dict[str, Any] = {"kind": "text", "text": message.text, "id": None}
        if message.buttons:
            choices = [{"id": c.id, "name": c.name, "title": c.title} for c in message.buttons]
            payload |= {"kind": "buttons", "buttons": choices}
        if message.link:
            # The link itself is never stored: the stream derives it anew from the form's id.
            form_id = forms.form_id_of(self._parts, message.link.url.rpartition("/")[2])
            form = await work.forms.get(form_id)
            payload |= {
                "kind": "form",
                "form": {"purpose": form.purpose.value if form else "", "id": form_id},
            }
        return payload
