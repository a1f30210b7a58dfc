"""All messengers that are on, put together: intake, inbox worker, outgoing side and connections."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from types import MappingProxyType

import structlog

from portal.channels.announcing import Announcing, HasSupportRoom
from portal.channels.conversing import language_of
from portal.channels.exposed import exposed
from portal.channels.figures import Figures
from portal.channels.intake import Intake
from portal.channels.outgoing import Outgoing
from portal.channels.owner import Owners
from portal.channels.port import (
    Channel,
    ChannelAwayError,
    ChannelRefusedError,
    Connecting,
    Event,
    Kind,
    Message,
    Target,
)
from portal.channels.reconnecting import Held
from portal.channels.worker import InboxWorker
from portal.chat.replies import Texts
from portal.chat.turns import Turns
from portal.limits import Limits
from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError

_log = structlog.get_logger("channels")

MEASURE_SECONDS = 10.0
RECONNECT_SECONDS = 5.0
KEPT = timedelta(days=7)
"""How long ids of answered events are remembered; no platform delivers again after a day."""
NO_DOMAINS: Mapping[str, Container[str]] = MappingProxyType({})
_NOT_STORED = frozenset({Kind.GROUP, Kind.EXPOSED})
_LONG_BODIES = 16
_GROUP_ANSWERS = 8
"""Answers to groups that are on their way at the same moment; more are not given."""


class Messengers:
    """Everything between the platforms and the conversations."""

    def __init__(
        self,
        parts: Parts,
        texts: Texts,
        turns: Turns,
        limits: Limits,
        channels: Mapping[str, Channel],
        figures: Figures,
        anonymous: Container[str] = (),
        domains: Mapping[str, Container[str]] = NO_DOMAINS,
    ) -> None:
        self.channels = channels
        self.long_bodies = asyncio.Semaphore(_LONG_BODIES)
        """Held while a long body of somebody unproven is read: there are only so many at a time."""
        self.figures = figures
        self._parts = parts
        self._texts = texts
        self._limits = limits
        self.outgoing = Outgoing(parts, texts, turns, channels, figures)
        owners = Owners(parts, channels, anonymous, domains)
        self._worker = InboxWorker(parts, turns, self.outgoing, limits, owners)
        self._intake = Intake(parts, self._worker.wake)
        self._groups: set[asyncio.Task[None]] = set()
        turns.news.watchers.append(self.outgoing.told)

    async def hear(self, name: str, events: Sequence[Event]) -> None:
        """Store *events* of the channel *name*; returns when they are durable."""
        await self._intake.hear(name, [event for event in events if event.kind not in _NOT_STORED])
        for event in events:
            if event.kind not in _NOT_STORED:
                continue
            told = event.kind is Kind.GROUP or await exposed(self._parts, name, event)
            if told and await self._intake.remember(name, event):
                self._answer_group(name, event)
        if events:
            self.figures.heard(name, len(events), self._parts.clock.now())

    def running(self) -> AbstractAsyncContextManager[None]:
        """Run everything until the block ends."""
        return self._running()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(self._worker.run()),
            asyncio.create_task(self.outgoing.poll()),
            asyncio.create_task(self._measure()),
            *(
                asyncio.create_task(self._listen(name, channel))
                for name, channel in self.channels.items()
                if isinstance(channel, Connecting)
            ),
            *(
                asyncio.create_task(Announcing(self._parts, self._texts, channel, channel.support).run())
                for channel in self.channels.values()
                if isinstance(channel, HasSupportRoom) and channel.support is not None
            ),
        ]
        try:
            yield
        finally:
            await self.outgoing.close()
            for task in [*tasks, *self._groups]:
                task.cancel()
            await asyncio.gather(*tasks, *self._groups, return_exceptions=True)
            for channel in self.channels.values():
                await channel.close()

    async def _listen(self, name: str, channel: Connecting) -> None:
        """Keep the connection; a channel comes back by itself, this is for one that gave up."""
        while True:
            self.figures.connected(name, on=True)
            try:
                await channel.listen(functools.partial(self.hear, name))
            except Exception as error:  # noqa: BLE001  whatever it is, the next try may work
                _log.error("channels.listening_broken", channel=name, kind=type(error).__name__)
            self.figures.connected(name, on=False)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _measure(self) -> None:
        while True:
            now = self._parts.clock.now()
            try:
                for name, channel in self.channels.items():
                    if isinstance(channel, Held):
                        self.figures.connected(name, on=channel.connection.connected)
                    async with self._parts.work.reading() as work:
                        backlog = await work.inbox.backlog(name)
                    lag = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
                    self.figures.backlog(name, backlog.waiting, max(0.0, lag))
                async with self._parts.work() as unit:
                    if await unit.inbox.forget_before(now - KEPT):
                        await unit.commit()
            except RecoveryError:
                _log.warning("channels.store_unavailable")
            except Exception:  # noqa: BLE001  a figure is worth no standstill
                _log.exception("channels.not_measured")
            await asyncio.sleep(MEASURE_SECONDS)

    def _answer_group(self, name: str, event: Event) -> None:
        if len(self._groups) >= _GROUP_ANSWERS:
            return
        task = asyncio.create_task(self._write_privately(name, event))
        self._groups.add(task)
        task.add_done_callback(self._groups.discard)

    async def _write_privately(self, name: str, event: Event) -> None:
        """Say once in a while, to a group that spoke to the bot, that this is no place for it."""
        if await self._limits.hit("answers_per_group", f"{name}:{event.tenant}:{event.room}"):
            return
        text = self._texts.text("channel.write_privately", language_of(event.locale).value)
        said = Message(self._parts.keyed.of("channel-group", name, event.tenant, event.id), text, public=True)
        to = Target(event.tenant, event.account, event.room, event.address)
        try:
            await self.channels[name].send(to, said)
        except (ChannelAwayError, ChannelRefusedError):
            self.figures.failed(name, "group")
        except Exception as error:  # noqa: BLE001  nobody's recovery depends on it
            _log.error("channels.send_broken", channel=name, kind=type(error).__name__)
