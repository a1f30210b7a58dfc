"""The tracker store of the assistant: a turn is read once, kept at hand, and written in one transaction.

Rasa's own store reads all events of a conversation before each turn, counts them after it and writes them
apart from the replies that the gateway remembers. Here a turn begins with one query and ends with one
transaction, which holds its events and its replies or neither. What is at hand is only believed while the
database still names the message that it ended with, so that a second process or a restored file is noticed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from rekey_assistant.recent import recent
from rekey_assistant.tracker_file import engine_options
from rekey_assistant.turn_rows import TurnRows

AT_HAND = 500
"""Conversations whose last turns stay in memory."""


class NotSaved(RuntimeError):  # noqa: N818  it says what happened
    """Rasa ended a turn without a conversation to store."""


@dataclass
class _Turn:
    tracker: DialogueStateTracker | None
    stored: int


@dataclass(frozen=True)
class _AtHand:
    message_id: str
    tracker: DialogueStateTracker


class Conversations(TrackerStore):
    """Conversations in the tracker database: Rasa's table of events, and the replies to each last message.

    The table of replies holds what the assistant said, never what the person wrote. A turn is between
    :meth:`begin` and :meth:`end` or :meth:`abandon`; only one turn of a conversation runs at a time.
    """

    def __init__(
        self,
        host: str,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        at_hand: int = AT_HAND,
    ) -> None:
        """Open the database at the URL *host*, as Rasa calls it, and create the tables that are missing."""
        super().__init__(domain, event_broker)
        self.engine = sa.create_engine(host, future=True, **engine_options(host))
        self._events = SQLTrackerStore.SQLEvent.__table__
        self._replies = sa.Table(
            "gateway_last_replies",
            sa.MetaData(),
            sa.Column("conversation", sa.String(255), primary_key=True),
            sa.Column("message_id", sa.String(255), nullable=False),
            sa.Column("replies", sa.Text, nullable=False),
            sa.Column("at", sa.Float, nullable=False, index=True),
        )
        self._events.metadata.create_all(self.engine)
        self._replies.metadata.create_all(self.engine)
        self._size, self._at_hand = at_hand, OrderedDict[str, _AtHand]()
        self._turns: dict[str, _Turn] = {}
        self._rows = TurnRows(self.engine, self._events, self._replies)

    def begin(self, conversation: str, message_id: str) -> list[dict[str, Any]] | None:
        """Return the replies to *message_id* when it was the last message, else begin a turn.

        Raises:
            Exception: the driver's own; the tracker database does not answer and no turn began.

        """
        last = self._rows.last(conversation)
        if last is not None and last[0] == message_id:
            return list(orjson.loads(last[1]))
        known = self._at_hand.pop(conversation, None)
        if known is not None and last is not None and known.message_id == last[0]:
            tracker: DialogueStateTracker | None = known.tracker
        else:
            tracker = self._from_database(conversation)
        self._turns[conversation] = _Turn(tracker, 0 if tracker is None else len(tracker.events))
        return None

    def end(self, conversation: str, message_id: str, replies: list[dict[str, Any]]) -> Callable[[], None]:
        """End the turn; what is returned stores its new events and its *replies*, both or neither.

        Until that is called nothing is stored; it raises the driver's own error when nothing could be.

        Raises:
            NotSaved: Rasa saved no tracker.

        """
        turn = self._turns.pop(conversation)
        if turn.tracker is None or not turn.tracker.events:
            raise NotSaved
        return partial(self._keep, turn.tracker, turn.stored, message_id, replies)

    def _keep(
        self, tracker: DialogueStateTracker, stored: int, message_id: str, replies: list[dict[str, Any]]
    ) -> None:
        conversation = tracker.sender_id
        rows = [_row(conversation, event) for event in islice(tracker.events, stored, None)]
        said, at = orjson.dumps(replies).decode(), tracker.events[-1].timestamp
        last = {"conversation": conversation, "message_id": message_id, "replies": said, "at": at}
        self._rows.write(rows, last)
        self._at_hand[conversation] = _AtHand(message_id, recent(tracker))
        if len(self._at_hand) > self._size:
            self._at_hand.popitem(last=False)

    def abandon(self, conversation: str) -> None:
        """End the turn without a trace; the next one reads the conversation anew."""
        self._turns.pop(conversation, None)

    def forget(self, before: float) -> int:
        """Delete each conversation whose newest event is older than *before*, and count them.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the tracker database does not answer; nothing was deleted.

        """
        replies = self._replies.c
        with self.engine.begin() as connection:
            old = sa.select(replies.conversation).where(replies.at < before)
            names = [{"name": name} for name in connection.execute(old).scalars()]
            if names:
                name = sa.bindparam("name")
                connection.execute(sa.delete(self._events).where(self._events.c.sender_id == name), names)
                connection.execute(sa.delete(self._replies).where(replies.conversation == name), names)
        for each in names:
            self._at_hand.pop(each["name"], None)
        return len(names)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation of the turn that began, or of the database outside of a turn."""
        turn = self._turns.get(sender_id)
        if turn is not None:
            return turn.tracker
        return self._from_database(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep *tracker* for the end of its turn; outside of a turn nothing is stored.

        Raises:
            NotSaved: no turn of this conversation began.

        """
        if tracker.sender_id not in self._turns:
            raise NotSaved
        self._turns[tracker.sender_id].tracker = tracker

    async def keys(self) -> list[str]:
        """Return the conversations that the database holds."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(self._replies.c.conversation)).scalars())

    def _from_database(self, conversation: str) -> DialogueStateTracker | None:
        events = [orjson.loads(data) for data in self._rows.data(conversation)]
        if not events:
            return None
        return recent(DialogueStateTracker.from_dict(conversation, events, self.domain.slots))


def _row(sender: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": orjson.dumps(data).decode(),
    }
