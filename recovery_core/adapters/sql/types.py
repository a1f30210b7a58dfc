"""The column types that both databases share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite (sortable).

    A naive datetime is refused with ValueError: guessing its zone would move every limit.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[object]:
        """Return the type that really stores the value."""
        stored = BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(cast("TypeEngine[object]", stored))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | datetime | None:
        """Return what is stored for *value*."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive_datetime")
        if dialect.name == "sqlite":
            return (value - _EPOCH) // _MICROSECOND
        return value.astimezone(UTC)

    def process_result_value(self, value: int | datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the aware moment that was stored."""
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return None if value is None else _EPOCH + timedelta(microseconds=value)


ID = String(96)
"""Opaque ids: a token of 256 bits is 43 characters, a first contact's id is its account's with a suffix."""
HASH = String(64)
"""Keyed hashes (43 characters) and audit macs."""
ADDRESS = String(320)
"""The longest address of RFC 5321: 64 for the local part, 255 for the domain and the @."""
DOMAIN = String(255)
WORD = String(32)
"""Values of the core's StrEnums."""
LANGUAGE = String(8)
ENCODED = String(255)
"""Password hashes: argon2-cffi's strings are about 97 characters, SHA512-CRYPT's up to 123."""
NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""Keys counted by the database; SQLite counts only columns declared INTEGER PRIMARY KEY."""
SMALL_JSON = JSON(none_as_null=True)
"""``json`` and not ``jsonb`` on PostgreSQL: it takes any text that JSON can escape, U+0000 included."""
