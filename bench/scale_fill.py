"""Fills a database with many accounts and cases by a few statements, the same ones on both databases."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import argon2
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

DOMAIN = "scale.example"
_EPOCH_MICROSECONDS = 1_000_000
_SLICE = 25_000
"""Rows of one statement: rekey's engine gives up on one that takes a minute."""
_PIECE = 1 << 20
_PREWARM = (
    "SELECT sum(pg_prewarm(oid, 'read')) FROM pg_class"
    " WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
)
_ADMINISTRATOR = 17
"""The one administrator: a change is told to every one of them, and mails are not what is to be compared."""

_ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "accounts",
        (
            "id, address, domain, display_name, role, status, status_changed_at, language,"
            " contacts_version, two_methods_required"
        ),
        (
            "'a' || n, 'person' || n || '@{domain}', '{domain}', 'Zed Qux',"
            " CASE WHEN n = {administrator} THEN 'administrator' ELSE 'employee' END, 'active',"
            " {at}, 'en', 1, {no}"
        ),
    ),
    (
        "contacts",
        "id, account_id, position, kind, value, language",
        "'a' || n || '.phone', 'a' || n, 0, 'phone', '+86139' || (10000000 + n), 'en'",
    ),
    (
        "mailboxes",
        "account_id, address, password, version, blocked, changed_at",
        "'a' || n, 'person' || n || '@{domain}', '{hash}', 1, {no}, {at}",
    ),
    ("password_history", "account_id, version, password, set_at", "'a' || n, 1, '{hash}', {at}"),
    (
        "conversations",
        "id, token_hash, channel, language, created_at, last_seen_at, mode, client_key",
        "'v' || n, 'token' || n, 'web', 'en', {at}, {at}, 'bot', 'client' || n",
    ),
    (
        "lines",
        "conversation_id, kind, message_id, payload, at, answered_at",
        "'v' || n, 'said', 'm' || n, '{{\"text\":\"hello\"}}', {at}, {at}",
    ),
    (
        "cases",
        (
            "id, reference, conversation_id, joined, state, created_at, updated_at, address, account_id,"
            " proofs, proof_contacts, failed_methods, completed_at, version"
        ),
        (
            "'c' || n, 'RC-' || n, 'v' || n, 0,"
            " CASE WHEN n % 100 = 0 THEN 'challenged' ELSE 'completed' END, {at}, {at},"
            " 'person' || n || '@{domain}', 'a' || n, '[\"sms\"]', '[]', '[]', {at}, 3"
        ),
    ),
    (
        "challenges",
        (
            "id, case_id, ordinal, method, address_key, secret_hash, decoy, issued_at, expires_at,"
            " tries_left, state"
        ),
        "'h' || n, 'c' || n, 0, 'sms', 'key' || n, 'secret' || n, {no}, {at}, {at}, 5, 'used'",
    ),
    (
        "sends",
        "key, domain_key, at, paid",
        "'sent' || n, 'domain' || n, {old}, {no}",
    ),
    (
        "audit_heads",
        "chain, length, mac, last_at, anchored",
        "'c' || n, 1, 'mac' || n, {at}, 1",
    ),
    (
        "audit_events",
        "chain, position, name, at, data, mac",
        "'c' || n, 0, 'case_opened', {at}, '{{}}', 'mac' || n",
    ),
)


def employee(number: int) -> int:
    """Return the *number*-th person, from 0, without the administrator, who would need two proofs."""
    return number + (number >= _ADMINISTRATOR)


async def fill(engine: AsyncEngine, count: int, now: datetime) -> None:
    """Store *count* accounts of one domain, each with a case that has ended, a challenge and its traces."""
    async with engine.begin() as connection:
        await connection.run_sync(_fill, count, now)
    await _settle(engine)


async def _settle(engine: AsyncEngine) -> None:
    """Leave nothing of the filling to be done later, while something is measured, and all of it in memory.

    A PostgreSQL server that lives on would vacuum by itself; on SQLite nobody ever asks for statistics. What
    was written long ago may be on the disk only, where each page takes ten times what SQLite does with it.
    """
    async with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            await connection.exec_driver_sql("COMMIT")  # the engine begins with the lock
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            _read_through(Path(str(engine.url.database)))
            return
        settled = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table, _columns, _values in _ROWS:
            await settled.execute(text(f"VACUUM (ANALYZE) {table}"))
        await settled.execute(text("CHECKPOINT"))
        with contextlib.suppress(DBAPIError):  # not every server has the extension
            await settled.execute(text("CREATE EXTENSION pg_prewarm"))
            await settled.execute(text(_PREWARM))


def _read_through(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(_PIECE):
            pass


def _fill(connection: Connection, count: int, now: datetime) -> None:
    lite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql(_domain(count, lite=lite))
    for statement in _statements(count, now, lite=lite):
        connection.exec_driver_sql(statement)


def _domain(count: int, *, lite: bool) -> str:
    no = "0" if lite else "false"
    return (
        "INSERT INTO domains (name, edition, company, uscc, language, demo, accounts)"  # noqa: S608  no input
        f" VALUES ('{DOMAIN}', 'standard', 'Scale', '91330100MA2DEMA01A', 'en', {no}, {count})"
    )


def _statements(count: int, now: datetime, *, lite: bool) -> Iterator[str]:
    hashed = argon2.PasswordHasher(1, 8, 1).hash("Old-Passw0rd-1")
    words = {
        "domain": DOMAIN,
        "administrator": _ADMINISTRATOR,
        "hash": hashed,
        "no": "0" if lite else "false",
    }
    words |= {"at": _moment(now, 0, lite=lite), "old": _moment(now, 86_400, lite=lite)}
    for table, columns, values in _ROWS:
        rows = values.format_map(words)
        for first in range(0, count, _SLICE):
            numbers = _numbers(first, min(first + _SLICE, count) - 1, lite=lite)
            yield f"WITH {numbers} INSERT INTO {table} ({columns}) SELECT {rows} FROM g"  # noqa: S608


def _numbers(first: int, last: int, *, lite: bool) -> str:
    if lite:
        return f"RECURSIVE g(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM g WHERE n < {last})"  # noqa: S608
    return f"g AS (SELECT generate_series({first}, {last}) AS n)"


def _moment(now: datetime, before: int, *, lite: bool) -> str:
    """Return SQL for moments within the hour that ended *before* seconds ago."""
    if lite:
        micros = int((now.timestamp() - before) * _EPOCH_MICROSECONDS)
        return f"{micros} - (n % 3600) * {_EPOCH_MICROSECONDS}"
    return f"TIMESTAMPTZ '{now.isoformat()}' - (n % 3600 + {before}) * INTERVAL '1 second'"
