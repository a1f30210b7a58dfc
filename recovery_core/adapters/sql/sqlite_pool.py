"""The connections to one SQLite file, the newest given back used first, and the tidying of its log."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
        self._idle: dict[tuple[bool, bool], list[SqliteConnection]] = {}
        self._commits = 0
        self._tidying: asyncio.Future[None] | None = None
        self._unsynced, self._safe, self._doubted = 0, 0, False
        self._syncing: asyncio.Future[None] | None = None
        threads = ThreadPoolExecutor(_THREADS, "sqlite")
        self.shared = Shared(Statements(dialect), threads, self._committed)

    async def take(self, *, writing: bool, synced: bool = True) -> SqliteConnection:
        """Return a connection that has not begun; raises SQLAlchemy's errors.

        Without *synced* its commits do not wait for the disk; :meth:`settle` does.
        """
        if idle := self._idle.get((writing, synced)):
            return idle.pop()
        # Opening may wait for another process that switches a new file to write-ahead logging.
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(self.shared.threads, self._open, writing, synced)
        return SqliteConnection(await opening, self.shared, writes=writing, synced=synced)

    def give_back(self, connection: SqliteConnection) -> None:
        """Keep *connection* for the next one, unless it is broken or there are enough."""
        connection.end()
        idle = self._idle.setdefault((connection.writes, connection.synced), [])
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

    async def settle(self) -> None:
        """Return when whatever was committed before survives a loss of power; raises OSError."""
        mine = self._unsynced
        while self._safe < mine:
            if self._syncing is None:
                self._syncing = asyncio.ensure_future(self._sync(self._unsynced))
            await asyncio.shield(self._syncing)

    async def _sync(self, covered: int) -> None:
        """Sync the log, once for all who wait for it."""
        try:
            await asyncio.get_running_loop().run_in_executor(self.shared.threads, self._sync_log)
            self._safe = max(self._safe, covered)
        finally:
            self._syncing = None

    def _sync_log(self) -> None:
        if self._doubted:
            self._carry_all()
            self._doubted = False
            return
        # The log is one file in the order of the commits. No lock is held on it that closing could end.
        try:
            with contextlib.suppress(FileNotFoundError), Path(f"{self._path}-wal").open("rb+") as log:
                os.fsync(log.fileno())
        except OSError:
            self._doubted = True
            raise

    def _carry_all(self) -> None:
        """Write the whole log anew, into the database; raises OSError when that is not possible now.

        Linux takes pages that it could not write for written: a second sync of the same file would succeed
        without them.
        """
        try:
            blocked, frames, carried = self._carry("FULL")
        except sqlite3.Error as error:
            raise OSError(errno.EIO, "the log cannot be carried into the database") from error
        if blocked or carried < frames:
            raise OSError(errno.EBUSY, "the log is in use")

    def _open(self, writing: bool, synced: bool) -> sqlite3.Connection:  # noqa: FBT001  called in a thread
        try:
            raw = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, cached_statements=400
            )
            self._set_up(raw, None)
            raw.execute(f"PRAGMA wal_autocheckpoint={_LONGEST_LOG}")
            if not synced:
                raw.execute("PRAGMA synchronous=NORMAL")
            # A reader may wait for a log that is being restored; a writer's waiting is done in a thread.
            raw.execute("PRAGMA busy_timeout=0" if writing else "PRAGMA query_only=1")
        except sqlite3.Error as error:
            raise named(error, "") from error
        return raw

    def _committed(self, synced: bool) -> None:  # noqa: FBT001  called by position
        """Count a commit; now and then carry the log into the database."""
        if not synced:
            self._unsynced += 1
        elif not self._doubted:  # what is in the log before it was synced with it
            self._safe = self._unsynced
        self._commits += 1
        if self._commits % _COMMITS_BETWEEN == 0 and (self._tidying is None or self._tidying.done()):
            loop = asyncio.get_running_loop()
            self._tidying = loop.run_in_executor(self.shared.threads, self._tidy)

    def _tidy(self) -> None:
        """Carry over what no reader needs any more; whatever stands in the way is gone the next time."""
        with contextlib.suppress(sqlite3.Error):
            self._carry("PASSIVE")

    def _carry(self, mode: str) -> tuple[int, int, int]:
        """Carry the log into the database; return whether that was blocked, its pages, and those carried."""
        with contextlib.closing(sqlite3.connect(self._path, timeout=1)) as raw:
            raw.execute("PRAGMA synchronous=FULL")
            [[blocked, frames, carried]] = raw.execute(f"PRAGMA wal_checkpoint({mode})")
        return blocked, frames, carried
