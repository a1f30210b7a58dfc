"""Statements made ready for SQLite: compiled once, then bound and read without SQLAlchemy's engine between.

SQLAlchemy compiles them; what is saved is its execution (a context, a cursor and a result for every
statement, and a greenlet around them), which costs ten times what SQLite needs for a row found by its key.
"""

# ruff: noqa: SLF001  the parts of a compiled statement have no public names; the contract tests read them all

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import Delete, Dialect, Row
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement, TextClause
from sqlalchemy.sql.selectable import SelectBase

_MOST = 1_000
"""Statements remembered; the house has some three hundred, so this is met only by a mistake."""

Process = Any
"""A converter: a function of one value (SQLAlchemy's own type for it is private)."""


class Kind(Enum):
    """How long a statement may take, and whether that can be found out by trying."""

    QUESTION = auto()
    """Changes nothing, so it may be interrupted and asked again."""
    QUICK = auto()
    """Changes rows found by their key or a small index."""
    SLOW = auto()
    """A deletion that is not known to take few rows: it follows references, too."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One compiled statement."""

    compiled: SQLCompiler
    sql: str
    binds: tuple[tuple[str, Process | None], ...] | None
    """Names and converters in the order of the question marks; None when a list decides their number."""
    extracted: Any
    """The parameters of the statement that was compiled, to be matched with those of its likes."""
    metadata: SimpleResultMetaData | None
    processors: Sequence[Process | None]
    kind: Kind

    def rows(self, found: Sequence[tuple[Any, ...]]) -> list[Row[Any]]:
        """Return what SQLite found as rows with names and the core's types."""
        metadata = self.metadata
        if metadata is None:
            return []
        names = metadata._key_to_index
        return [Row(metadata, self.processors, names, raw) for raw in found]


class Statements:
    """Compiles each statement of one database once."""

    def __init__(self, dialect: Dialect) -> None:
        """Compile for *dialect*."""
        self._dialect = dialect
        self._ready: dict[Any, Ready] = {}

    def ready(
        self, statement: Executable, row: Mapping[str, Any] | None
    ) -> tuple[Ready, Sequence[Any] | None]:
        """Return *statement* compiled for parameters named as in *row*, and what it holds itself."""
        assert isinstance(statement, ClauseElement)  # noqa: S101  every statement is; the type does not say so
        key = statement._generate_cache_key()
        names = tuple(row or ())
        if key is None:
            return self._compile(statement, None, names), None
        found = self._ready.get((key.key, names))
        if found is None:
            if len(self._ready) >= _MOST:
                self._ready.clear()
            found = self._ready[key.key, names] = self._compile(statement, key, names)
        return found, key.bindparams

    def _compile(self, statement: ClauseElement, key: Any, names: tuple[str, ...]) -> Ready:  # noqa: ANN401
        compiled = statement.compile(dialect=self._dialect, cache_key=key, column_keys=list(names) or None)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101
        return Ready(
            compiled,
            compiled.string,
            None if compiled.post_compile_params else _binds(compiled.positiontup or (), compiled),
            key,
            *self._columns(statement, compiled),
            _kind(statement),
        )

    def _columns(
        self, statement: ClauseElement, compiled: SQLCompiler
    ) -> tuple[SimpleResultMetaData | None, Sequence[Process | None]]:
        if isinstance(statement, TextClause):
            return SimpleResultMetaData(["value"]), (None,)
        columns = compiled._result_columns
        if not columns:
            return None, ()
        processors = tuple(c.type._cached_result_processor(self._dialect, None) for c in columns)
        return SimpleResultMetaData([c.keyname for c in columns]), processors


def _kind(statement: ClauseElement) -> Kind:
    if isinstance(statement, Delete) and not statement.get_execution_options().get("rekey_few"):
        return Kind.SLOW
    return Kind.QUESTION if isinstance(statement, SelectBase) else Kind.QUICK


def bound(ready: Ready, own: Sequence[Any] | None, row: Mapping[str, Any] | None) -> tuple[str, list[Any]]:
    """Return the statement's text and its values in order.

    Raises StatementError when a value cannot be stored as its column's type.
    """
    values = ready.compiled.construct_params(row, extracted_parameters=own, escape_names=False)
    sql, binds = ready.sql, ready.binds
    if binds is None:
        expanded = ready.compiled._process_parameters_for_postcompile(values)
        sql = expanded.statement
        binds = _binds(expanded.positiontup or (), ready.compiled, expanded.processors)
        values = {**values, **expanded.additional_parameters}
    try:
        return sql, [values[name] if turn is None else turn(values[name]) for name, turn in binds]
    except (ValueError, TypeError, AttributeError) as error:
        raise StatementError(str(error), sql, None, error, hide_parameters=True) from error


def _binds(
    names: Sequence[str], compiled: SQLCompiler, more: Mapping[str, Any] | None = None
) -> tuple[tuple[str, Process | None], ...]:
    turns = {**compiled._bind_processors, **(more or {})}
    return tuple((name, turns.get(name)) for name in names)
