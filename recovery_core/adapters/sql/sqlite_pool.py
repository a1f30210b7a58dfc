"""The connections to one SQLite file, the newest given back used first, and the tidying of its log."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Dialect

from recovery_core.adapters.sql.sqlite_connection import Shared, SqliteConnection, named
from recovery_core.adapters.sql.sqlite_statements import Statements

_IDLE = 4
"""Connections of a kind that are kept while nobody uses them."""
_THREADS = 4
_COMMITS_BETWEEN = 200
"""Commits after which the write-ahead log is carried into the database, in a thread while others go on."""
_LONGEST_LOG = 10_000
"""Pages (40 MB) after which SQLite does so itself, within a commit; reached by imports only."""

SetUp = Callable[[sqlite3.Connection, object], None]


class SqlitePool:
    """Opens, lends and keeps connections; writers and readers have their own."""

    def __init__(self, path: str, dialect: Dialect, set_up: SetUp) -> None:
        """Connect to the file *path*; *set_up* sets the pragmas of a new connection."""
        self._path = path
        self._set_up = set_up
        self._idle: dict[bool, list[SqliteConnection]] = {True: [], False: []}
        self._commits = 0
        self._tidying: asyncio.Future[None] | None = None
        threads = ThreadPoolExecutor(_THREADS, "sqlite")
        self.shared = Shared(Statements(dialect), threads, self._committed)

    async def take(self, *, writing: bool) -> SqliteConnection:
        """Return a connection that has not begun; raises SQLAlchemy's errors."""
        if idle := self._idle[writing]:
            return idle.pop()
        # Opening may wait for another process that switches a new file to write-ahead logging.
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(self.shared.threads, self._open, writing)
        return SqliteConnection(await opening, self.shared, writes=writing)

    def give_back(self, connection: SqliteConnection) -> None:
        """Keep *connection* for the next one, unless it is broken or there are enough."""
        connection.end()
        idle = self._idle[connection.writes]
        if connection.broken or len(idle) >= _IDLE:
            connection.raw.close()
        else:
            idle.append(connection)

    def close(self) -> None:
        """Close what is idle; waits for what is under way in threads."""
        for idle in self._idle.values():
            while idle:
                idle.pop().raw.close()
        self.shared.threads.shutdown()
        self.shared.threads = ThreadPoolExecutor(_THREADS, "sqlite")

    def _open(self, writing: bool) -> sqlite3.Connection:  # noqa: FBT001  called by position in a thread
        try:
            raw = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, cached_statements=400
            )
            self._set_up(raw, None)
            raw.execute(f"PRAGMA wal_autocheckpoint={_LONGEST_LOG}")
            # A reader may wait for a log that is being restored; a writer's waiting is done in a thread.
            raw.execute("PRAGMA busy_timeout=0" if writing else "PRAGMA query_only=1")
        except sqlite3.Error as error:
            raise named(error, "") from error
        return raw

    def _committed(self) -> None:
        """Count a commit; now and then carry the log into the database."""
        self._commits += 1
        if self._commits % _COMMITS_BETWEEN == 0 and (self._tidying is None or self._tidying.done()):
            loop = asyncio.get_running_loop()
            self._tidying = loop.run_in_executor(self.shared.threads, self._tidy)

    def _tidy(self) -> None:
        """Carry over what no reader needs any more; whatever stands in the way is gone the next time."""
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(self._path)) as raw:
            raw.execute("PRAGMA synchronous=FULL")
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
