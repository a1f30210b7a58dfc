"""Turns: each stored line is answered by the assistant once, in order per conversation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import structlog

from portal.chat.answers import Answer, Answers
from portal.chat.news import News, wait
from portal.chat.rasa_client import Assistant, AssistantFailedError, Turn
from portal.chat.replies import to_store
from portal.chat.syncing import Syncing
from portal.chat.writing import Side, Writing
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation, Line, LineKind, Mode, Said
from recovery_core.errors import ConflictError, RecoveryError, UnavailableError

_log = structlog.get_logger("turns")

INTENTS = {
    "yes": "affirm",
    "no": "deny",
    "cancel": "cancel",
    "human": "human_agent",
    "lost_phone": "lost_phone",
    "account_disabled": "account_disabled",
    "admin_recovery": "admin_recovery",
    "report_takeover": "report_takeover",
}
"""Buttons that mean the same as a sentence; every other button has an intent of its own."""
FIRST_WAIT = 0.5
LONGEST_WAIT = 10.0
"""Seconds between two tries to reach the assistant, doubling from the first to the longest."""
SLOW_AFTER = 3.0
"""Seconds after which the person is told that the answer takes longer."""
POLL_SECONDS = 2.0
"""How often lines are looked for that nobody woke the worker for (a sweep's, or after a restart)."""
BATCH = 20
"""Lines of one conversation that are taken up at a time."""
MOST_FAILURES = 12
"""Failures of an assistant that is there (not of one that is away) after which a line gets an apology: one
line that cannot be answered must not hold up the conversation for ever."""
_SLOW = {"kind": "notice", "key": "gateway.slow"}
_BROKEN = {"kind": "notice", "key": "gateway.broken"}

Pause = Callable[[float], Awaitable[None]]


class Turns:
    """Runs the turns of all conversations; one task per conversation that has something to say."""

    def __init__(self, parts: Parts, assistant: Assistant, pause: Pause = asyncio.sleep) -> None:
        self._parts = parts
        self._assistant = assistant
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.news = News()
        self.writing = Writing(self.news)
        self._ends = News()
        self._answers = Answers()
        self._syncing = Syncing(parts.work)
        self._again: set[str] = set()
        self._busy: set[str] = set()
        self._closed = False
        self.failures = 0

    def wake(self, conversation_id: str, said: Said | None = None) -> None:
        """Take up the conversation's unanswered lines and show what is new; returns at once.

        *said* is the line that was stored just now: it need not be looked for.
        """
        self.news.tell(conversation_id)
        if self._closed:
            return
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._run(conversation_id, said))
        self._tasks[conversation_id] = task
        task.add_done_callback(lambda ended: self._done(conversation_id, ended))

    def typing(self, conversation_id: str) -> bool:
        """Tell whether the assistant, or the person at the desk, is writing to the conversation."""
        return conversation_id in self._busy or self.writing.now(conversation_id, Side.AGENT)

    async def replies(self, conversation_id: str, message_id: str, seconds: float) -> Answer:
        """Wait for the answer to a line that was just woken, at most *seconds*; return what was replied.

        The line is settled: it may be acknowledged. The replies are settled right after; see :meth:`_store`.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        with (
            self._answers.awaited(conversation_id, message_id) as awaited,
            self._ends.listen(conversation_id) as event,
        ):
            if conversation_id in self._tasks:  # nothing to look at before its task has come to an end
                await wait(event, seconds)
            while awaited.answer is None:
                if awaited.refused:
                    raise UnavailableError("disk")
                event.clear()
                left = deadline - asyncio.get_running_loop().time()
                late = left <= 0 or self._closed
                if stored := await self._stored(conversation_id, message_id, late=late):
                    return stored
                await wait(event, min(left, POLL_SECONDS))
            return awaited.answer

    async def poll(self) -> None:
        """Take up, for ever, what was left by a restart or written by a sweep."""
        while True:
            try:
                async with self._parts.work.reading() as work:
                    lines = await work.conversations.unanswered(100)
                for conversation_id in {line.conversation_id for line in lines} - self._tasks.keys():
                    self.wake(conversation_id)
            except RecoveryError:
                _log.warning("turns.store_unavailable")
            except Exception:  # noqa: BLE001  without this loop a restart would leave lines unanswered
                _log.exception("turns.poll_broken")
            await self._pause(POLL_SECONDS)

    async def close(self) -> None:
        """Stop all turns; what is unanswered is taken up at the next start."""
        self._closed = True
        self.writing.close()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._syncing.close()

    def _done(self, conversation_id: str, ended: asyncio.Task[None]) -> None:
        self._tasks.pop(conversation_id, None)
        if not ended.cancelled() and (error := ended.exception()):
            # The lines stay unanswered; the poll takes them up again.
            _log.warning("turns.interrupted", kind=type(error).__name__)
        self._ends.tell(conversation_id)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _run(self, conversation_id: str, said: Said | None) -> None:
        more = True
        if said is not None and said.next:
            safe = self._syncing.begin()  # while the assistant thinks
            with self._at_work(said.line) as slow:
                replies = await self._answer(said.line, said.conversation)
                slow.cancel()
                if not await safe:
                    self._answers.refuse(said)
                elif replies is not None:
                    self._answers.give(said, replies)
            more = conversation_id in self._again
        while more:
            self._again.discard(conversation_id)
            async with self._parts.work.reading() as work:
                lines = await work.conversations.unanswered(BATCH, conversation_id)
                conversation = await work.conversations.get(conversation_id) if lines else None
            for line in lines:
                with self._at_work(line):
                    await self._answer(line, conversation)
                conversation = None  # a line may hand the conversation to a person: the next one looks again
            # Whoever stores a line wakes this conversation afterwards.
            more = conversation_id in self._again or len(lines) == BATCH

    @contextlib.contextmanager
    def _at_work(self, line: Line) -> Iterator[asyncio.Task[None]]:
        """Show that the answer to *line* is being found, with a notice if that takes long."""
        self._busy.add(line.conversation_id)
        slow = asyncio.create_task(self._say_slow(line))
        self.news.tell(line.conversation_id)
        try:
            yield slow
        finally:
            slow.cancel()
            self._busy.discard(line.conversation_id)
            self.news.tell(line.conversation_id)
            self._ends.tell(line.conversation_id)

    async def _answer(self, line: Line, known: Conversation | None) -> Sequence[Line] | None:
        """Have *line* answered, however long that takes; return the replies if they were stored here."""
        failures, pause = 0, FIRST_WAIT
        while isinstance(
            replies := await self._try(line, known, apologise=failures >= MOST_FAILURES), Exception
        ):
            failures += not _is_away(replies)
            known = None  # read again: a store that is away shows here and not as the assistant's failure
            await self._pause(pause)
            pause = min(pause * 2, LONGEST_WAIT)
        return replies

    async def _try(
        self, line: Line, known: Conversation | None, *, apologise: bool
    ) -> Sequence[Line] | Exception | None:
        try:
            conversation = known or await self._conversation_of(line)
            if conversation is None:
                return None  # forgotten meanwhile (R21)
            turn = _turn_of(line, conversation)
            replies = await self._assistant.answer(turn) if turn and not apologise else []
            return await self._store(line, replies, apologise=apologise)
        except Exception as error:  # noqa: BLE001  whatever it is, the line is tried again, then apologised for
            self.failures += 1
            code = error.code if isinstance(error, RecoveryError) else type(error).__name__
            _log.warning("turns.failed", code=code)
            return error

    async def _store(
        self, line: Line, replies: Sequence[Mapping[str, Any]], *, apologise: bool
    ) -> Sequence[Line] | None:
        """Store the replies to *line*, which are told before they are synced.

        Lost with the power, the line is unanswered and is answered again at the next start.
        """
        async with self._parts.work.soon() as work:
            stored = await to_store(work, self._parts, line.conversation_id, replies)
            said = [_BROKEN] if apologise else stored
            told = await work.conversations.answer(line, said, self._parts.clock.now())
            if told is not None:
                await work.commit()
        if told is not None:
            self._syncing.soon()
        return told

    async def _stored(self, conversation_id: str, message_id: str, *, late: bool) -> Answer | None:
        """Return what was replied to a line; None while it is being answered, unless it is too *late*."""
        async with self._parts.work.reading() as work:
            line = await work.conversations.line(conversation_id, message_id)
            if line is not None and line.answered_at is None and not late:
                return None
            replies = await work.conversations.replies_to(conversation_id, message_id)
            conversation = await work.conversations.get(conversation_id)
        await self._parts.work.settle()
        return conversation, replies

    async def _conversation_of(self, line: Line) -> Conversation | None:
        async with self._parts.work.reading() as work:
            return await work.conversations.get(line.conversation_id)

    async def _say_slow(self, line: Line) -> None:
        if line.kind is not LineKind.SAID:
            return
        await self._pause(SLOW_AFTER)
        with contextlib.suppress(RecoveryError):
            await self._store_slow(line)
            self.news.tell(line.conversation_id)

    async def _store_slow(self, line: Line) -> None:
        async with self._parts.work() as work:
            told = await work.conversations.replies_to(line.conversation_id, line.message_id)
            if any(reply.payload.get("key") == _SLOW["key"] for reply in told):
                return
            now = self._parts.clock.now()
            await work.conversations.append(line.conversation_id, LineKind.REPLY, line.message_id, _SLOW, now)
            await work.commit()


def _is_away(error: Exception) -> bool:
    """Tell whether the assistant or the store cannot be reached, which is no fault of the line."""
    away = isinstance(error, UnavailableError | ConflictError)
    return away and not isinstance(error, AssistantFailedError)


def _turn_of(line: Line, conversation: Conversation) -> Turn | None:
    """Return what the assistant is told of the line; None for words that are said to a person."""
    said = line.payload
    intent = said.get("event") or _intent_of(said.get("button"))
    if intent is None and conversation.mode is not Mode.BOT:
        return None
    intent = intent or _intent_of(said.get("chosen"))
    text = f"[{intent}]" if intent else str(said["text"])
    return Turn(line.conversation_id, line.message_id, text, conversation.language.value, intent)


def _intent_of(button: str | None) -> str | None:
    return INTENTS.get(button, f"gateway_{button}") if button else None
