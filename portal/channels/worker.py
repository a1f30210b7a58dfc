"""The inbox's worker: each event becomes a line of its conversation once, in order per account.

An event is marked done after its line is stored. The line's id is made of the event, so a crash in between
repeats nothing: storing the line again finds it there.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable

import structlog

from portal.channels.choosing import chosen, is_number, use_account, yes_and_no
from portal.channels.conversing import conversation_of
from portal.channels.intake import TOO_LONG, message_id
from portal.channels.outgoing import Outgoing, target_of
from portal.channels.owner import Owners
from portal.channels.port import Kind
from portal.chat.turns import Turns
from portal.limits import Limits
from recovery_core.cases import hearing, messenger
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation, LineKind
from recovery_core.conversations.messengers import Binding, InboxItem
from recovery_core.errors import ConflictError, RecoveryError, UnavailableError

_log = structlog.get_logger("channels")

POLL_SECONDS = 2.0
BATCH = 50
ACCOUNTS = 64
"""Accounts that are taken up at the same moment; most of that time one waits for the directory."""
AT_ONCE = 4
"""Events that are worked on in the store at the same moment: few, so that the door finds a connection."""
FIRST_WAIT = 0.5
LONGEST_WAIT = 10.0
"""Seconds between two tries, doubling from the first to the longest."""
MOST_FAILURES = 8
"""Failures of the event's own after which it is apologised for: it must not hold up its conversation."""
_NOTICES = {
    TOO_LONG: "gateway.too_long",
    Kind.OTHER.value: "channel.text_only",
    Kind.SEALED.value: "channel.sealed",
}

Pause = Callable[[float], Awaitable[None]]


class InboxWorker:
    """Takes up what was stored; one task per account that has something to say."""

    def __init__(
        self,
        parts: Parts,
        turns: Turns,
        outgoing: Outgoing,
        limits: Limits,
        owners: Owners,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._parts = parts
        self._turns = turns
        self._outgoing = outgoing
        self._limits = limits
        self._owners = owners
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._closed = True

    def wake(self, accounts: Iterable[str]) -> None:
        """Begin with *accounts*, which have something to say; returns at once."""
        for account in accounts:
            if not self._begin(account):
                self._news.set()  # its task is just coming to an end, or there are too many: the loop looks

    async def run(self) -> None:
        """Work for ever."""
        self._closed = False
        try:
            while True:
                self._news.clear()
                await self._look()
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    pass
        finally:
            self._closed = True
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        try:
            async with self._parts.work.reading() as work:
                accounts = await work.inbox.accounts(ACCOUNTS * 2)
        except RecoveryError:
            _log.warning("channels.store_unavailable")
            return
        except Exception:  # noqa: BLE001  without this loop nothing would be answered any more
            _log.exception("channels.inbox_broken")
            return
        for account in accounts:
            self._begin(account)

    def _begin(self, account: str) -> bool:
        """Take the account up if there is room and nobody does; tell whether it was."""
        if self._closed or len(self._tasks) >= ACCOUNTS or account in self._tasks:
            return False
        task = asyncio.create_task(self._account(account))
        self._tasks[account] = task
        task.add_done_callback(functools.partial(self._ended, account))
        return True

    def _ended(self, account: str, ended: asyncio.Task[None]) -> None:
        self._tasks.pop(account, None)
        if not ended.cancelled() and (error := ended.exception()):
            _log.warning("channels.interrupted", kind=type(error).__name__)  # the poll takes it up again
            return
        self._news.set()

    async def _account(self, account: str) -> None:
        while True:
            async with self._parts.work.reading() as work:
                items = await work.inbox.waiting(account, BATCH)
            if not items:
                return
            for item in items:
                await self._until_done(item)

    async def _until_done(self, item: InboxItem) -> None:
        failures, pause = item.attempts, FIRST_WAIT
        while True:
            try:
                await self._one(item, apologise=failures >= MOST_FAILURES)
            except (UnavailableError, ConflictError) as error:
                _log.warning("channels.waits", code=error.code)
            except Exception as error:  # noqa: BLE001  whatever it is, it is tried again, then apologised for
                failures += 1
                _log.warning("channels.failed", kind=type(error).__name__)
                await self._count_failure(item)
            else:
                return
            await self._pause(pause)
            pause = min(pause * 2, LONGEST_WAIT)

    async def _count_failure(self, item: InboxItem) -> None:
        try:
            async with self._parts.work() as work:
                await work.inbox.failed(item.seq)
                await work.commit()
        except RecoveryError:
            _log.warning("channels.store_unavailable")

    async def _one(self, item: InboxItem, *, apologise: bool) -> None:
        content = item.content or {}
        async with self._room:
            conversation, binding, is_new = await conversation_of(self._parts, item, content)
        self._outgoing.knows(conversation.id, item.platform, target_of(content["target"]))
        binding = await self._owners.known(binding)
        async with self._room:
            button = await chosen(self._parts, binding, content)
        proves = button == use_account(self._parts, conversation.id)
        if proves and item.platform in self._parts.messenger_proofs:
            binding = await self._owners.known(binding, afresh=True)
        async with self._room:
            if apologise:
                await self._notice(item, conversation, "gateway.broken")
            elif await self._limits.hit("messages_per_account", item.account_key):
                await self._done(item)  # two programs that answer each other end here
            elif button is not None:
                await self._button(item, conversation, binding, button)
            else:
                await self._words(item, conversation, binding, is_new=is_new)

    async def _words(
        self, item: InboxItem, conversation: Conversation, binding: Binding, *, is_new: bool
    ) -> None:
        content = item.content or {}
        if content["kind"] == Kind.TEXT.value:
            text = content["text"] or ""
            # Where lists are numbered a number was judged already, by what the person has seen.
            chooses = not (binding.choices_seq and is_number(text))
            await self._hear(item, conversation, text, chooses=chooses)
        elif content["kind"] == Kind.HELLO.value:
            await (self._notice(item, conversation, "gateway.hello") if is_new else self._done(item))
        else:
            await self._notice(item, conversation, _NOTICES.get(content["kind"], "channel.text_only"))

    async def _hear(
        self, item: InboxItem, conversation: Conversation, text: str, *, chooses: bool = True
    ) -> None:
        line_id = message_id(self._parts, item)
        try:
            said = await hearing.hear(
                self._parts, conversation, line_id, text, item.account_key, chooses=chooses
            )
        except hearing.EmptyTextError:
            await self._notice(item, conversation, "gateway.empty")
            return
        self._turns.wake(conversation.id, said)  # the turn begins while the event is marked done
        await self._done(item)

    async def _button(
        self, item: InboxItem, conversation: Conversation, binding: Binding, button: str
    ) -> None:
        yes, no = yes_and_no(self._parts, conversation.id)
        if button == no:
            await self._notice(item, conversation, "channel.which_mailbox")
            return
        if button == use_account(self._parts, conversation.id):
            await self._prove(item, conversation)
            return
        if button == yes:
            address = await self._address_of(binding)
            await (
                self._hear(item, conversation, address) if address else self._old_button(item, conversation)
            )
            return
        line_id = message_id(self._parts, item)
        try:
            said = await hearing.press_button(self._parts, conversation, line_id, button, item.account_key)
        except hearing.UnknownButtonError:
            await self._old_button(item, conversation)
            return
        self._turns.wake(conversation.id, said)
        await self._done(item)

    async def _old_button(self, item: InboxItem, conversation: Conversation) -> None:
        await self._notice(item, conversation, "gateway.bad_button")

    async def _address_of(self, binding: Binding) -> str | None:
        """Return the mailbox of the owner whom the directory names."""
        async with self._parts.work.reading() as work:
            owner = await work.accounts.by_id(binding.owner_id) if binding.owner_id else None
        return owner.address if owner else None

    async def _prove(self, item: InboxItem, conversation: Conversation) -> None:
        """Use the account as a proof; the assistant says what follows, here only a refusal is said."""
        now, payload = self._parts.clock.now(), {"kind": "notice", "key": "channel.account_not_taken"}
        async with self._parts.work() as work:
            if not await work.inbox.done(item.seq, now):
                return
            if not await messenger.take(work, self._parts, conversation.id):
                line_id = message_id(self._parts, item)
                await work.conversations.append(conversation.id, LineKind.REPLY, line_id, payload, now)
            await work.conversations.seen(conversation.id, now, conversation.language, item.account_key)
            await work.commit()
        self._turns.wake(conversation.id)

    async def _done(self, item: InboxItem) -> None:
        async with self._parts.work() as work:
            await work.inbox.done(item.seq, self._parts.clock.now())
            await work.commit()

    async def _notice(self, item: InboxItem, conversation: Conversation, key: str) -> None:
        now, payload = self._parts.clock.now(), {"kind": "notice", "key": key}
        async with self._parts.work() as work:
            if await work.inbox.done(item.seq, now):
                line_id = message_id(self._parts, item)
                await work.conversations.append(conversation.id, LineKind.REPLY, line_id, payload, now)
                await work.commit()
        self._turns.news.tell(conversation.id)
