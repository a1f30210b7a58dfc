"""What platforms tell is stored before they hear that it arrived; many events share one transaction."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from portal.channels.port import Event, Kind
from recovery_core.cases.parts import Parts
from recovery_core.conversations.messengers import InboxItem
from recovery_core.conversations.text import MAX_TEXT

BATCH = 200
"""Events that are stored together at most."""
TOO_LONG = "long"
"""The kind of a text that is longer than anybody reads: it is answered and not kept."""
_MAX_ID = 200
_MAX_TENANT = 120

Stored = tuple[list[InboxItem], "asyncio.Future[None]"]


def account_key(parts: Parts, platform: str, tenant: str, account: str) -> str:
    """Return the keyed hash under which an account's events, limits and conversation are found."""
    return parts.keyed.of("messenger", platform, tenant, account)


def message_id(parts: Parts, item: InboxItem) -> str:
    """Return the id of the line that an event becomes, the same however often it is tried."""
    return "event-" + parts.keyed.of("channel-event", item.platform, item.tenant, item.event_id)


class Intake:
    """Stores events; returns when they are durable."""

    def __init__(self, parts: Parts, wake: Callable[[Iterable[str]], None]) -> None:
        """Store by *parts*; *wake* is called with the keys of accounts that have something to say."""
        self._parts = parts
        self._wake = wake
        self._queue: list[Stored] = []
        self._task: asyncio.Task[None] | None = None

    async def hear(self, platform: str, events: Sequence[Event]) -> None:
        """Store *events*, each once; raises what the store raises, and then nothing may be acknowledged."""
        items = [self._item(platform, event) for event in events]
        if not items:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((items, stored))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        await stored
        self._wake({item.account_key for item in items})

    async def remember(self, platform: str, event: Event) -> bool:
        """Store that the event was, and nothing of it; tell whether it is new."""
        item = self._item(platform, event)
        async with self._parts.work() as work:
            new: bool = await work.inbox.remember(item)
            await work.commit()
        return new

    async def _drain(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                await self._store(batch)
        finally:
            self._task = None

    async def _store(self, batch: list[Stored]) -> None:
        try:
            async with self._parts.work() as work:
                await work.inbox.put([item for items, _ in batch for item in items])
                await work.commit()
        except Exception as error:  # noqa: BLE001  each of them is told, and none is acknowledged
            for _, stored in batch:
                if not stored.done():
                    stored.set_exception(error)
        else:
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)

    def _item(self, platform: str, event: Event) -> InboxItem:
        now = self._parts.clock.now()
        return InboxItem(
            platform=platform,
            tenant=_storable(event.tenant, _MAX_TENANT),
            event_id=_storable(event.id, _MAX_ID),
            account_key=account_key(self._parts, platform, event.tenant, event.account),
            happened_at=event.at or now,
            arrived_at=now,
            content=_content(event),
        )


def _content(event: Event) -> dict[str, Any]:
    """Return what is needed to answer: words and button ids alone, never what else was sent."""
    kind, text = event.kind.value, None
    if event.kind is Kind.TEXT:
        text = event.text or ""
        if len(text) > MAX_TEXT:
            kind, text = TOO_LONG, None
    button = event.button if event.kind is Kind.BUTTON else None
    target = {
        "tenant": event.tenant,
        "account": event.account,
        "room": event.room,
        "address": dict(event.address),
    }
    return {"kind": kind, "text": text, "button": button, "locale": event.locale, "target": target}


def _storable(text: str, longest: int) -> str:
    """Return *text*, or a digest of one that no database takes; equal texts stay equal, others differ."""
    if text and len(text) <= longest and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
