"""What rekey says leaves for the messenger: every reply once, in order, however long the platform is away.

A conversation's binding holds how far its replies were sent. That mark moves after the platform took a
message, so a crash in between repeats one message, under the same id; nothing is ever lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from itertools import zip_longest

import structlog

from portal.channels.exposed import end_links
from portal.channels.figures import Figures
from portal.channels.port import (
    Channel,
    ChannelAwayError,
    ChannelRefusedError,
    Message,
    NotPrivateError,
    Target,
)
from portal.channels.saying import Said, Saying, may_be_numbered, needs_page
from portal.chat.replies import Texts
from portal.chat.turns import Turns
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Line, LineKind
from recovery_core.conversations.messengers import Binding
from recovery_core.errors import RecoveryError

_log = structlog.get_logger("channels")

POLL_SECONDS = 2.0
BATCH = 50
AT_ONCE = 16
"""Conversations that are sent to at the same moment."""
SEND_SECONDS = 30.0
"""Longest single try."""
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
STALE = timedelta(hours=24)
"""A reply that could not be sent for so long is not sent any more; the person is told that it is too late."""
MOST_KNOWN = 20_000
"""Conversations that are told at once of news."""
TYPING_EVERY = 4.0
"""Seconds between two signs of writing."""
_TOO_LATE = {"kind": "notice", "key": "channel.too_late"}

Pause = Callable[[float], Awaitable[None]]


class Outgoing:
    """Sends the replies of all conversations in messengers; one task per conversation with something new."""

    def __init__(
        self,
        parts: Parts,
        texts: Texts,
        turns: Turns,
        channels: Mapping[str, Channel],
        figures: Figures,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._parts = parts
        self._texts = texts
        self._turns = turns
        self._channels = channels
        self._figures = figures
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._known: dict[str, tuple[Channel, Target]] = {}
        self._typed: dict[str, float] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._closed = False

    def knows(self, conversation_id: str, platform: str, target: Target) -> None:
        """Remember that the conversation is held in a messenger."""
        if len(self._known) > MOST_KNOWN:  # the poll finds whoever is forgotten here
            self._known.clear()
            self._typed.clear()
        if platform in self._channels:
            self._known[conversation_id] = (self._channels[platform], target)

    def told(self, conversation_id: str) -> None:
        """Take up what is new in the conversation; cheap for one that is not held in a messenger."""
        if conversation_id not in self._known or self._closed:
            return
        self._show_typing(conversation_id)
        self._start(conversation_id)

    async def poll(self) -> None:
        """Take up, for ever, what failed, what a restart left and what nobody woke for."""
        while True:
            try:
                async with self._parts.work.reading() as work:
                    now, most = self._parts.clock.now(), BATCH * AT_ONCE
                    behind = await work.bindings.behind(self._channels.keys(), now, most)
                for conversation_id in behind:
                    self._start(conversation_id)
            except RecoveryError:
                _log.warning("channels.store_unavailable")
            except Exception:  # noqa: BLE001  without this loop what failed once would never be sent
                _log.exception("channels.poll_broken")
            await self._pause(POLL_SECONDS)

    async def close(self) -> None:
        """Stop sending; what is left is sent after the next start."""
        self._closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, conversation_id: str) -> None:
        if self._closed:
            return
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._run(conversation_id))
        self._tasks[conversation_id] = task
        task.add_done_callback(lambda ended: self._ended(conversation_id, ended))

    def _ended(self, conversation_id: str, ended: asyncio.Task[None]) -> None:
        self._tasks.pop(conversation_id, None)
        if not ended.cancelled() and (error := ended.exception()):
            _log.warning("channels.interrupted", kind=type(error).__name__)  # the poll takes it up again
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self._start(conversation_id)

    async def _run(self, conversation_id: str) -> None:
        async with self._room:
            while await self._send_some(conversation_id):
                pass

    async def _send_some(self, conversation_id: str) -> bool:
        """Send what is there; tell whether there may be more."""
        async with self._parts.work.reading() as work:
            binding = await work.bindings.of_conversation(conversation_id)
            lines = (
                await work.conversations.since(conversation_id, binding.sent_seq, BATCH) if binding else ()
            )
        now = self._parts.clock.now()
        if binding is None or binding.platform not in self._channels:
            return False
        if binding.due_at is not None and binding.due_at > now:
            return False
        replies = [line for line in lines if line.kind is LineKind.REPLY]
        part = binding.sent_part
        for line, after in zip_longest(replies, replies[1:]):
            if not await self._send_line(binding, line, after, part):
                return False
            part = 0
        if len(lines) < BATCH:
            return False
        await self._mark(binding, lines[-1].seq, 0)
        return True

    async def _send_line(self, binding: Binding, line: Line, after: Line | None, part: int) -> bool:
        """Send the parts of *line* from *part* on; tell whether the next line may follow."""
        spoken = await self._spoken(binding, line, after)
        await self._parts.work.settle()  # what a platform was told is not taken back by a loss of power
        before = line.seq - 1
        for index, message in enumerate(spoken.messages):
            if index < part:
                continue
            try:
                await self._send(binding, message)
            except ChannelAwayError as away:
                await self._later(binding, away)
                return False
            except NotPrivateError:
                await self._expose(binding)
                break
            except ChannelRefusedError as refused:
                self._figures.failed(binding.platform, "refused")
                _log.warning("channels.refused", channel=binding.platform, code=_code(refused.reason))
                break
            if index + 1 < len(spoken.messages):
                await self._mark(binding, before, index + 1)
        await self._mark(binding, line.seq, 0)
        return True

    async def _spoken(self, binding: Binding, line: Line, after: Line | None) -> Said:
        now, takes = self._parts.clock.now(), self._channels[binding.platform].capabilities
        if _stale(line, now):
            if after is not None and _stale(after, now):
                return Said(())
            line = Line(line.seq, line.conversation_id, line.kind, line.message_id, _TOO_LATE, line.at)
        writes = needs_page(line) or may_be_numbered(line, takes)
        async with self._parts.work() if writes else self._parts.work.reading() as work:
            conversation = await work.conversations.get(binding.conversation_id)
            owner = await work.accounts.by_id(binding.owner_id) if binding.owner_id else None
            language = conversation.language.value if conversation else "en"
            spoken = await Saying(self._parts, self._texts, takes, language, owner).of(work, line)
            if spoken.numbered:  # before the person can answer, which may be sooner than the platform does
                await work.bindings.numbered(binding.conversation_id, line.seq)
            if writes:
                await work.commit()
        return spoken

    async def _send(self, binding: Binding, message: Message) -> None:
        channel, to = self._channels[binding.platform], target_of(binding.target)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.send(to, message)
        except (ChannelAwayError, ChannelRefusedError):
            raise
        except TimeoutError:
            raise ChannelAwayError("timeout") from None
        except Exception as error:  # noqa: BLE001  it may be repaired: the message is kept
            _log.error("channels.send_broken", channel=binding.platform, kind=type(error).__name__)
            raise ChannelAwayError("broken") from None
        self._figures.sent(binding.platform, self._parts.clock.now())

    async def _expose(self, binding: Binding) -> None:
        """End what is open, for others read the chat, and say there that it is no place for it.

        Its id is the room's, so that a platform which drops doubles says it once.
        """
        await end_links(self._parts, binding.conversation_id)
        self._figures.failed(binding.platform, "not_private")
        room = str(binding.target["room"])
        async with self._parts.work.reading() as work:
            conversation = await work.conversations.get(binding.conversation_id)
        language = conversation.language.value if conversation else "en"
        text = self._texts.text("channel.write_privately", language)
        number = self._parts.keyed.of("channel-exposed", binding.conversation_id, room)
        try:
            await self._send(binding, Message(number, text, public=True))
        except (ChannelAwayError, ChannelRefusedError):
            _log.info("channels.exposed_not_told", channel=binding.platform)

    async def _later(self, binding: Binding, away: ChannelAwayError) -> None:
        self._figures.failed(binding.platform, "away")
        wait = wait_after(binding.attempts)
        if away.retry_after is not None:
            wait = max(wait, timedelta(seconds=min(away.retry_after, 3600.0)))
        due = self._parts.clock.now() + wait  # from the failure on, not from when the store has time for us
        async with self._parts.work() as work:
            await work.bindings.later(binding.conversation_id, due)
            await work.commit()

    async def _mark(self, binding: Binding, seq: int, part: int) -> None:
        async with self._parts.work() as work:
            await work.bindings.sent(binding.conversation_id, seq, part)
            await work.commit()

    def _show_typing(self, conversation_id: str) -> None:
        channel, target = self._known[conversation_id]
        now = time.monotonic()
        shown = self._typed.get(conversation_id, -TYPING_EVERY)
        if (
            channel.capabilities.typing
            and self._turns.typing(conversation_id)
            and now - shown >= TYPING_EVERY
        ):
            self._typed[conversation_id] = now
            task = asyncio.create_task(_quietly(channel.typing(target)))
            self._tasks[f"typing:{conversation_id}"] = task
            task.add_done_callback(lambda _: self._tasks.pop(f"typing:{conversation_id}", None))


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after *attempts* earlier tries in vain: 1 s, doubling up to 5 minutes."""
    doublings: int = 2 ** min(attempts, 16)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def target_of(stored: Mapping[str, object]) -> Target:
    """Return the target as it was stored with the binding."""
    address = stored.get("address")
    return Target(
        str(stored["tenant"]),
        str(stored["account"]),
        str(stored["room"]),
        {str(k): str(v) for k, v in address.items()} if isinstance(address, dict) else {},
    )


def _stale(line: Line, now: datetime) -> bool:
    return now - line.at > STALE


async def _quietly(showing: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await showing
    except Exception as error:  # noqa: BLE001  a sign of writing is worth no failure
        _log.info("channels.no_typing", kind=type(error).__name__)


def _code(reason: str) -> str:
    return reason if reason.replace("_", "").isalpha() else "other"
