"""Conversations that ended long ago are forgotten (R21), and one delivered twice at once runs once."""

from __future__ import annotations

import json
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.conversation.conftest import Talk, heard


class Rows:
    """What the tracker database holds."""

    def __init__(self, talk: Talk, path: str) -> None:
        """Read and age rows of the file at *path*."""
        self.talk, self.path = talk, path

    def count(self, conversation: str) -> tuple[int, int]:
        """Return how many events and how many last replies are kept of *conversation*."""
        with closing(sqlite3.connect(self.path)) as file:
            events = "SELECT count(*) FROM events WHERE sender_id = ?"
            replies = "SELECT count(*) FROM gateway_last_replies WHERE conversation = ?"
            return tuple(file.execute(query, (conversation,)).fetchone()[0] for query in (events, replies))  # type: ignore[return-value]

    def newest(self, conversation: str) -> float:
        """Return the time of the newest event of *conversation*."""
        with closing(sqlite3.connect(self.path)) as file:
            query = "SELECT max(timestamp) FROM events WHERE sender_id = ?"
            return float(file.execute(query, (conversation,)).fetchone()[0])

    def forget(self, before: object, subject: str = "housekeeping") -> tuple[int, object]:
        """Ask the assistant to forget."""
        body = json.dumps({"before": before}).encode()
        return self.talk.post(body, self.talk.token(body, sub=subject), "forget")


@pytest.fixture
def rows(talk: Talk, tracker_url: str) -> Rows:
    """Look into the tracker database of the running assistant."""
    return Rows(talk, tracker_url.removeprefix("sqlite:///"))


def _talked(talk: Talk) -> str:
    conversation = uuid.uuid4().hex
    assert talk.say("I forgot my password", conversation=conversation)[0] == 200
    return conversation


def test_only_what_is_older_is_forgotten(talk: Talk, rows: Rows) -> None:
    """R21: a conversation goes with its replies when its newest event is older, not at the same time."""
    old, new = _talked(talk), _talked(talk)
    border = rows.newest(old)

    assert rows.forget(border)[0] == 200
    assert min(rows.count(old)) > 0

    status, answer = rows.forget(border + 0.000001)
    assert (status, answer) == (200, {"forgotten": 1})
    assert rows.count(old) == (0, 0)
    assert min(rows.count(new)) > 0
    assert rows.forget(border + 0.000001) == (200, {"forgotten": 0})


def test_a_forgotten_conversation_can_go_on(talk: Talk, rows: Rows, tracker_url: str) -> None:
    """Whoever writes again after it begins anew and is understood."""
    conversation = _talked(talk)
    rows.forget(rows.newest(conversation) + 0.000001)

    assert talk.action_for("I forgot my password", conversation=conversation) == "action_start_recovery"
    assert heard(tracker_url, conversation) == ["I forgot my password"]


@pytest.mark.parametrize("before", [None, "1", True, float("inf"), float("nan"), [1]])
def test_forgetting_needs_a_time(rows: Rows, before: object) -> None:
    """Anything but a finite number is malformed."""
    assert rows.forget(before)[0] == 400


def test_no_conversation_may_make_it_forget(talk: Talk, rows: Rows) -> None:
    """A conversation's token cannot forget, housekeeping's token cannot speak, and none is refused."""
    conversation = _talked(talk)
    assert rows.forget(4_000_000_000, subject=conversation)[0] == 401
    assert talk.say("hello", conversation="housekeeping")[0] == 401
    assert talk.post(b'{"before": 4000000000}', None, "forget")[0] == 401
    assert min(rows.count(conversation)) > 0


def test_two_deliveries_at_once_run_once(talk: Talk) -> None:
    """The second delivery of a message waits for the first and gets its replies."""
    fields = {"conversation": uuid.uuid4().hex, "message_id": "m1"}
    before, talk.actions.delay = len(talk.actions.calls), 0.3
    try:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: talk.say("I forgot my password", **fields), range(2)))
    finally:
        talk.actions.delay = 0.0
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert len(talk.actions.calls) == before + 1
