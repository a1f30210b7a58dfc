"""Remember what was answered to the last message of each conversation, over restarts too."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import sqlalchemy as sa

from rekey_assistant.tracker_file import engine_options


class LastReplies:
    """A table of its own in the tracker database: one row for each conversation.

    It holds what the assistant said, never what the person wrote; ``forgetting`` empties it.
    """

    def __init__(self, url: str) -> None:
        """Open the database at *url* and create the table where it is missing."""
        self.engine = sa.create_engine(url, future=True, **engine_options(url))
        self.table = sa.Table(
            "gateway_last_replies",
            sa.MetaData(),
            sa.Column("conversation", sa.String(255), primary_key=True),
            sa.Column("message_id", sa.String(255), nullable=False),
            sa.Column("replies", sa.Text, nullable=False),
            sa.Column("at", sa.Float, nullable=False, index=True),
        )
        self.table.metadata.create_all(self.engine)

    @classmethod
    def from_environment(cls) -> LastReplies:
        """Open the tracker database that the environment names."""
        return cls(os.environ["REKEY_TRACKER_URL"])

    def recall(self, conversation: str, message_id: str) -> list[dict[str, Any]] | None:
        """Return the replies to *message_id* when it was the last message of *conversation*, else None."""
        columns = self.table.c
        query = sa.select(columns.replies).where(
            columns.conversation == conversation, columns.message_id == message_id
        )
        with self.engine.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else list(json.loads(found))

    def remember(self, conversation: str, message_id: str, replies: list[dict[str, Any]]) -> None:
        """Replace what was remembered of *conversation*."""
        columns = self.table.c
        row = {
            "message_id": message_id,
            "replies": json.dumps(replies, ensure_ascii=False),
            "at": time.time(),  # noqa: TID251  the assistant has no Clock port
        }
        with self.engine.begin() as connection:
            known = columns.conversation == conversation
            if connection.execute(self.table.update().where(known).values(row)).rowcount == 0:
                connection.execute(self.table.insert().values(conversation=conversation, **row))
