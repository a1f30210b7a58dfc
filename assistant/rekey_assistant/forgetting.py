"""Forget conversations that ended long ago (R21)."""

from __future__ import annotations

import json
import math

import sqlalchemy as sa

from rekey_assistant.envelope import Malformed
from rekey_assistant.replies import LastReplies

SUBJECT = "housekeeping"
"""What a token that may forget names instead of a conversation."""

_EVENTS = sa.table("events", sa.column("sender_id"), sa.column("timestamp"))


def read_before(body: bytes) -> float:
    """Return the time in *body*, seconds since the epoch.

    Raises:
        Malformed: not JSON, or ``before`` is missing or no number.

    """
    try:
        before = json.loads(body)["before"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed from error
    if isinstance(before, bool) or not isinstance(before, int | float) or not math.isfinite(before):
        raise Malformed
    return float(before)


def forget(replies: LastReplies, before: float) -> int:
    """Delete each conversation whose newest event is older than *before*, and count them.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the tracker database does not answer; nothing was deleted.

    """
    sender, last = _EVENTS.c.sender_id, replies.table.c
    old = sa.select(sender).group_by(sender).having(sa.func.max(_EVENTS.c.timestamp) < before)
    with replies.engine.begin() as connection:
        names = list(connection.execute(old).scalars())
        for name in names:
            connection.execute(sa.delete(_EVENTS).where(sender == name))
            connection.execute(sa.delete(replies.table).where(last.conversation == name))
        connection.execute(sa.delete(replies.table).where(last.at < before))
    return len(names)
