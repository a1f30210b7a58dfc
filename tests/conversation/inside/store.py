"""The tracker store of the assistant: one transaction a turn, and nothing stale.

Run by the assistant's interpreter.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from typing import Any

import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rekey_assistant import tracker_file
from rekey_assistant.conversations import Conversations, NotSaved

tracker_file.configure()


def opened(url: str, at_hand: int = 500) -> Conversations:
    """Open the store at *url*."""
    return Conversations(url, Domain.empty(), at_hand=at_hand)


def turn(
    store: Conversations, message: str, name: str = "one", *, end: bool = True, close: bool = True
) -> list[str]:
    """Go through a turn and return what the person had said before it."""
    assert store.begin(name, message) is None
    tracker = asyncio.run(store.retrieve(name))
    before = _said(tracker)
    if tracker is None:
        tracker = DialogueStateTracker.from_events(name, [ActionExecuted("action_listen")])
    for event in (
        UserUttered(message, {"name": "greet"}),
        ActionExecuted("action_a"),
        ActionExecuted("action_listen"),
    ):
        tracker.update(event)
    asyncio.run(store.save(tracker))
    if end:
        store.end(name, message, [{"text": message}])()
    if close:
        store.abandon(name)
    return before


def _said(tracker: DialogueStateTracker | None) -> list[str]:
    return [str(event.text) for event in tracker.events if isinstance(event, UserUttered)] if tracker else []


def stored(store: Conversations, name: str = "one") -> list[tuple[str, str | None, str | None]]:
    """Return the rows of events."""
    query = sa.text(
        "SELECT type_name, intent_name, action_name FROM events WHERE sender_id = :name ORDER BY id"
    )
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"name": name})]


def every_event_is_stored_once(url: str) -> None:
    """Events are appended turn by turn, although only the last turns are at hand."""
    store = opened(url)
    before = [turn(store, f"m{number}") for number in range(5)]
    assert before == [[], ["m0"], ["m0", "m1"], ["m1", "m2"], ["m2", "m3"]]
    each = [("user", "greet", None), ("action", None, "action_a"), ("action", None, "action_listen")]
    assert stored(store) == [("action", None, "action_listen"), *each * 5]
    assert turn(opened(url), "m5") == ["m3", "m4"]  # after a restart as before it


def a_repeated_message_is_answered_from_the_database(url: str) -> None:
    """The last message gets its replies again, an earlier one begins a turn."""
    turn(opened(url), "m0")
    turn(opened(url), "m1")
    store = opened(url)
    assert store.begin("one", "m1") == [{"text": "m1"}]
    assert store.begin("one", "m0") is None


def what_another_process_wrote_is_noticed(url: str) -> None:
    """Two stores on one database take turns and each knows what the other one heard."""
    one, other = opened(url), opened(url)
    before = [turn((one, other)[number % 2], f"m{number}") for number in range(4)]
    assert before == [[], ["m0"], ["m0", "m1"], ["m1", "m2"]]


def an_abandoned_turn_leaves_nothing(url: str) -> None:
    """Neither memory nor database knows of a turn without an end."""
    store = opened(url)
    turn(store, "m0")
    turn(store, "lost", end=False)
    assert turn(store, "m1") == ["m0"]
    assert len(stored(store)) == 7


def a_turn_is_stored_whole_or_not_at_all(url: str) -> None:
    """When the replies cannot be stored, the events are not either, and the turn can come again."""
    store = opened(url)
    turn(store, "m0")
    for table in ("gateway_last_replies", "events"):
        turn(store, "m1", end=False, close=False)
        _order(store, f"ALTER TABLE {table} RENAME TO away")
        try:
            store.end("one", "m1", [])()
        except store.engine.dialect.dbapi.Error:
            store.abandon("one")
        else:
            raise AssertionError(table)
        _order(store, f"ALTER TABLE away RENAME TO {table}")
        assert len(stored(store)) == 4
    assert turn(store, "m1") == ["m0"]


def _order(store: Conversations, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text(statement))


def without_a_tracker_nothing_ends(url: str) -> None:
    """A turn in which Rasa saved nothing is none, and outside of a turn nothing is saved."""
    store = opened(url)
    for wrong in (_end_at_once, _save_outside):
        try:
            wrong(store)
        except NotSaved:
            store.abandon("one")
        else:
            raise AssertionError(wrong)
    assert stored(store) == []


def _end_at_once(store: Conversations) -> None:
    store.begin("one", "m0")
    store.end("one", "m0", [])


def _save_outside(store: Conversations) -> None:
    asyncio.run(store.save(DialogueStateTracker.from_events("one", [])))


def only_the_latest_conversations_are_at_hand(url: str) -> None:
    """Memory is bounded, and whoever is no longer at hand is read from the database."""
    store = opened(url, at_hand=2)
    for name in "abc":
        turn(store, "m0", name)
    assert list(store._at_hand) == ["b", "c"]
    assert [turn(store, "m1", name) for name in "abc"] == [["m0"]] * 3
    assert not store._turns


def what_is_forgotten_is_gone(url: str) -> None:
    """Forgetting empties database and memory of the conversations that are older, and of no other."""
    store = opened(url)
    turn(store, "m0", "old")
    border = _newest(store, "old")
    turn(store, "m0", "new")
    assert store.forget(border) == 0
    assert store.forget(_newest(store, "new")) == 1
    assert asyncio.run(store.keys()) == ["new"]
    assert (stored(store, "old"), len(stored(store, "new"))) == ([], 4)
    assert turn(store, "m1", "old") == []
    assert turn(store, "m1", "new") == ["m0"]
    assert _said(asyncio.run(store.retrieve("new"))) == ["m0", "m1"]


def _newest(store: Conversations, name: str) -> Any:  # noqa: ANN401  a number of the database
    query = sa.text("SELECT max(timestamp) FROM events WHERE sender_id = :name")
    with store.engine.connect() as connection:
        return connection.execute(query, {"name": name}).scalar()


def a_lost_connection_is_replaced(url: str) -> None:
    """When the connection breaks in a turn, that turn leaves nothing and the next one works."""
    store = opened(url)
    turn(store, "m0")
    for part in ("begin", "end"):
        if part == "end":
            turn(store, "lost", end=False, close=False)
        store._rows._connection.connection.close()
        try:
            store.begin("one", "m1") if part == "begin" else store.end("one", "lost", [])()
        except store.engine.dialect.dbapi.Error:
            store.abandon("one")
        else:
            raise AssertionError(part)
        assert len(stored(store)) == 4
    assert turn(store, "m1") == ["m0"]


FACTS = (
    a_lost_connection_is_replaced,
    every_event_is_stored_once,
    a_repeated_message_is_answered_from_the_database,
    what_another_process_wrote_is_noticed,
    an_abandoned_turn_leaves_nothing,
    a_turn_is_stored_whole_or_not_at_all,
    without_a_tracker_nothing_ends,
    only_the_latest_conversations_are_at_hand,
    what_is_forgotten_is_gone,
)


def main(url: str | None) -> None:
    """Check every fact, on the empty database at *url* or on files."""
    for fact in FACTS:
        if url is not None:
            fact(url)
            _empty(url)
            continue
        with tempfile.TemporaryDirectory() as folder:
            fact(f"sqlite:///{folder}/tracker.db")


def _empty(url: str) -> None:
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE events, gateway_last_replies"))
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else None)
