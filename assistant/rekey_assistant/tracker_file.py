"""Settings of an SQLite file that two connections of one process write to at every turn."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import QueuePool


def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401  whatever the driver gives
    if not type(connection).__module__.startswith("sqlite3"):
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 5000")
    # A reader does not wait for a writer, and a turn does not wait for the disk. After a loss of power the
    # last turns may be missing: the assistant then forgets a sentence, the core forgets nothing.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    # What is forgotten is overwritten, not only unlinked.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def engine_options(url: object) -> dict[str, Any]:
    """Return the options of an engine for *url*: SQLAlchemy 1.4 opens an SQLite file anew for every turn.

    Values are given in their order (``turn_rows.py``), which PostgreSQL's driver has to be told.
    """
    if str(url).startswith("sqlite:///"):
        return {"poolclass": QueuePool}
    return {"paramstyle": "format"} if str(url).startswith("postgresql") else {}


def configure() -> None:
    """Apply the settings to every connection that is opened from now on, Rasa's own too."""
    sa.event.listen(Engine, "connect", _on_connect)
