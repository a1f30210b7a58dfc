"""The outbox worker: takes what was committed and delivers it, at least once and hardly ever twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from recovery_core.accounts.ports import Sessions
from recovery_core.clock import Clock
from recovery_core.errors import ConflictError, RefusedByPeerError, UnavailableError
from recovery_core.notices.delivery import Channel, OutboxItem, Template
from recovery_core.notices.ports import Alerts, OutboxStore, Sender, Vault, Words
from recovery_core.work import Work

LEASE = timedelta(seconds=60)
"""How long an item belongs to the worker that took it; after a crash it is taken again then."""
SEND_SECONDS = 20.0
"""Longest single attempt, in seconds; an item with less than that left of its lease is not begun."""
AT_ONCE = 8
"""Attempts at the same time in each channel; a channel that hangs does not hold up the others."""
BACKLOG = 400
"""Items that one worker holds at most, waiting ones included."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
IDLE_SECONDS = 1.0
DOWN_AFTER = 5
"""Consecutive failures of a channel, over all items, after which it counts as down."""
BANNER_HOLDS = timedelta(minutes=10)
"""How long after its last failure a channel that nobody uses still counts as down."""
DEFERRED = "deferred"
"""The code of an UnavailableError that is about one recipient: such a failure must not raise the banner, or
the banner would tell who has a phone that is switched off (R2)."""

_TRIES_TO_MARK = 3
_log = logging.getLogger(__name__)


class Waiter(Protocol):
    """Waits between two looks at the outbox."""

    async def __call__(self, wake: asyncio.Event, seconds: float) -> None:
        """Return when *wake* is set, or after *seconds*."""
        ...


async def wait_for_wake(wake: asyncio.Event, seconds: float) -> None:
    """Return when *wake* is set, or after *seconds*."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(wake.wait(), seconds)


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait when *attempts* earlier ones had failed: 2 s, doubling up to 5 minutes."""
    doublings: int = 2 ** min(attempts, 16)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


class EndSessions:
    """Carries the order to end open sessions from the outbox to the mail server (R11)."""

    channel = Channel.SESSIONS

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def send(
        self,
        item_id: str,  # noqa: ARG002
        to: str,
        subject: str,  # noqa: ARG002
        text: str,  # noqa: ARG002
        variables: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """End the sessions of mailbox *to*. Where that is impossible the person was told at completion."""
        await self._sessions.end(to)


@dataclass(slots=True, eq=False)
class _Mark:
    """What became of one item, to be stored."""

    change: Callable[[OutboxStore], Awaitable[None]]
    stored: bool = False


@dataclass(slots=True)
class _Line:
    """How one channel is doing."""

    failures: int = 0
    last_failure: datetime | None = None

    def down(self, now: datetime) -> bool:
        """Tell whether the channel counts as down at *now*."""
        recent = self.last_failure is not None and now < self.last_failure + BANNER_HOLDS
        return recent and self.failures >= DOWN_AFTER


class OutboxWorker:
    """Delivers the outbox. Several workers may share one outbox: a lease keeps an item with one of them."""

    def __init__(
        self,
        work: Work,
        vault: Vault,
        senders: Mapping[Channel, Sender],
        words: Words,
        clock: Clock,
        alerts: Alerts,
        *,
        waiter: Waiter = wait_for_wake,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        self._work = work
        self._vault = vault
        self._senders = senders
        self._words = words
        self._clock = clock
        self._alerts = alerts
        self._waiter = waiter
        self._send_seconds = send_seconds
        self._lines = {channel: _Line() for channel in Channel}
        self._turns = {channel: asyncio.Semaphore(AT_ONCE) for channel in Channel}
        self._marking = asyncio.Lock()
        self._marks: list[_Mark] = []
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def banner(self) -> bool:
        """Tell whether everybody is to read that SMS or mail is late: one banner for all (R2)."""
        now = self._clock.now()
        return any(self._lines[channel].down(now) for channel in (Channel.SMS, Channel.MAIL))

    async def run_once(self, limit: int = 50) -> int:
        """Take at most *limit* due items and try each once; return how many were taken."""
        tasks = await self._start(limit)
        await asyncio.gather(*tasks)
        return len(tasks)

    async def run(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        """Deliver until *stop* is set. Set *wake* after a commit that put something in, and after *stop*."""
        self._stopping = False
        while not stop.is_set():
            wake.clear()
            if not await self._start_or_report():
                await self._waiter(wake, IDLE_SECONDS)
        self._stopping = True
        await asyncio.gather(*self._running)

    async def _start_or_report(self, limit: int = 50) -> bool:
        """Start what is due; tell whether there may be more of it."""
        limit = min(limit, BACKLOG - len(self._running))
        try:
            return limit > 0 and len(await self._start(limit)) == limit
        except Exception as error:  # noqa: BLE001 - a database that is away must not end the worker
            self._report("outbox_unreadable", error)
            return False

    async def _start(self, limit: int) -> list[asyncio.Task[None]]:
        now = self._clock.now()
        async with self._work() as unit:
            items = await unit.outbox.lease(now, now + LEASE, limit)
            await unit.commit()
        tasks = [asyncio.create_task(self._in_turn(item, now + LEASE)) for item in items]
        for task in tasks:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return tasks

    async def _in_turn(self, item: OutboxItem, leased_until: datetime) -> None:
        async with self._turns[item.channel]:
            late = self._clock.now() + timedelta(seconds=self._send_seconds) > leased_until
            if late or self._stopping:
                return
            try:
                await self._attempt(item)
            except Exception as error:  # noqa: BLE001 - one item never stops the others
                self._report("outbox_not_marked", error)

    async def _attempt(self, item: OutboxItem) -> None:
        if item.expires_at is not None and self._clock.now() >= item.expires_at:
            await self._mark(lambda outbox: outbox.give_up(item.id, self._clock.now()))
            return
        try:
            await self._deliver(item)
        except RefusedByPeerError:
            self._works(item)
            self._alerts.raise_alert("delivery_refused")
            await self._mark(lambda outbox: outbox.give_up(item.id, self._clock.now()))
        except UnavailableError as error:
            self._fails(item, error)
            await self._mark(lambda outbox: outbox.later(item.id, self._due(item)))
        except Exception as error:  # noqa: BLE001 - kept, not lost: whatever is broken may be repaired
            self._report("delivery_broken", error)
            await self._mark(lambda outbox: outbox.later(item.id, self._due(item)))
        else:
            self._works(item)
            await self._mark(lambda outbox: outbox.sent(item.id, self._clock.now()))

    async def _deliver(self, item: OutboxItem) -> None:
        """Open, word and send the item; a decoy takes the same steps up to the sender's door (R2)."""
        body = json.loads(self._vault.open(item.sealed, item.id))
        variables = body["variables"]
        sender = self._senders[item.channel]
        template = Template(body["template"])
        subject, text = self._words.render(item.channel, template, variables, body["language"])
        if item.decoy:
            return
        try:
            async with asyncio.timeout(self._seconds_for(item)):
                await sender.send(item.id, body["to"], subject, text, variables)
        except TimeoutError:
            raise UnavailableError("timeout") from None

    def _seconds_for(self, item: OutboxItem) -> float:
        """Return how long an attempt may last: it ends before the item expires."""
        if item.expires_at is None:
            return self._send_seconds
        return min(self._send_seconds, (item.expires_at - self._clock.now()).total_seconds())

    def _due(self, item: OutboxItem) -> datetime:
        return self._clock.now() + wait_after(item.attempts)

    async def _mark(self, change: Callable[[OutboxStore], Awaitable[None]]) -> None:
        """Store *change* with what else is to be marked by then: a commit costs more than a mark."""
        mine = _Mark(change)
        self._marks.append(mine)
        try:
            async with self._marking:
                if not mine.stored:
                    await asyncio.sleep(0)  # the notices of one recovery end in the same moment
                    await self._store_marks()
        finally:
            self._marks.remove(mine)

    async def _store_marks(self) -> None:
        """Store all marks that wait, and try again when the database is busy: a lost mark is a repetition."""
        for left in reversed(range(_TRIES_TO_MARK)):  # pragma: no branch  it returns or raises
            try:
                async with self._work() as unit:
                    taken = [mark for mark in self._marks if not mark.stored]
                    for mark in taken:
                        await mark.change(unit.outbox)
                    await unit.commit()
            except (ConflictError, UnavailableError):
                if not left:
                    raise
            else:
                for mark in taken:
                    mark.stored = True
                return

    def _works(self, item: OutboxItem) -> None:
        if not item.decoy:
            self._lines[item.channel] = _Line()

    def _fails(self, item: OutboxItem, error: UnavailableError) -> None:
        if error.code == DEFERRED:
            self._works(item)
            return
        line = self._lines[item.channel]
        line.failures += 1
        line.last_failure = self._clock.now()
        if line.failures == DOWN_AFTER:
            self._alerts.raise_alert("sender_down")

    def _report(self, code: str, error: Exception) -> None:
        self._alerts.raise_alert(code)
        _log.error("%s: %s", code, type(error).__name__)
