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
from weakref import WeakKeyDictionary

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


Mark = tuple[str | None, Process | None, Any]
"""What fills a question mark: a parameter's name and its converter, or without a name the value itself."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One compiled statement; shared by statements that differ in the values they hold alone."""

    compiled: SQLCompiler
    sql: str
    metadata: SimpleResultMetaData | None
    processors: Sequence[Process | None]
    kind: Kind

    def rows(self, found: Sequence[tuple[Any, ...]]) -> list[Row[Any]]:
        """Return what SQLite found as rows with names and the core's types."""
        metadata = self.metadata
        if metadata is None or not found:
            return []
        names = metadata._key_to_index
        return [Row(metadata, self.processors, names, raw) for raw in found]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One statement, looked through for one set of parameter names."""

    ready: Ready
    marks: tuple[Mark, ...] | None
    """None when a list decides how many question marks there are."""
    own: Sequence[Any] | None
    """The values that the statement holds itself."""

    def bound(self, row: Mapping[str, Any] | None) -> tuple[str, list[Any]]:
        """Return the statement's text and its values in order.

        Raises StatementError when a value cannot be stored as its column's type.
        """
        ready, marks, row = self.ready, self.marks, row or {}
        try:
            if marks is None:
                return _expanded(ready.compiled, self.own, row)
            return ready.sql, [
                value if name is None else row[name] if turn is None else turn(row[name])
                for name, turn, value in marks
            ]
        except (ValueError, TypeError, AttributeError) as error:
            raise StatementError(str(error), ready.sql, None, error, hide_parameters=True) from error


class Statements:
    """Compiles each statement of one database once."""

    def __init__(self, dialect: Dialect) -> None:
        """Compile for *dialect*."""
        self._dialect = dialect
        self._ready: dict[Any, Ready] = {}
        self._prepared: WeakKeyDictionary[Executable, dict[tuple[str, ...], Prepared]] = WeakKeyDictionary()

    def __len__(self) -> int:
        """Return how many statements that somebody keeps are prepared."""
        return len(self._prepared)

    def prepared(self, statement: Executable, row: Mapping[str, Any] | None) -> Prepared:
        """Return *statement* prepared for parameters named as in *row*.

        A statement that is built once is looked through once: even its cache key costs more than finding it.
        """
        ways, names = self._prepared.get(statement), tuple(row or ())
        found = None if ways is None else ways.get(names)
        if found is None:
            found = self._prepare(statement, names)
            self._prepared.setdefault(statement, {})[names] = found
        return found

    def _prepare(self, statement: Executable, names: tuple[str, ...]) -> Prepared:
        assert isinstance(statement, ClauseElement)  # noqa: S101  every statement is; the type does not say so
        key = statement._generate_cache_key()
        if key is None:
            ready = self._compile(statement, None, names)
        elif (known := self._ready.get((key.key, names))) is not None:
            ready = known
        else:
            if len(self._ready) >= _MOST:
                self._ready.clear()
            ready = self._ready[key.key, names] = self._compile(statement, key, names)
        own = None if key is None else key.bindparams
        if ready.compiled.post_compile_params:
            return Prepared(ready, None, own)
        return Prepared(ready, _marks(ready.compiled, own, names), own)

    def _compile(self, statement: ClauseElement, key: Any, names: tuple[str, ...]) -> Ready:  # noqa: ANN401
        compiled = statement.compile(dialect=self._dialect, cache_key=key, column_keys=list(names) or None)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101
        return Ready(compiled, compiled.string, *self._columns(statement, compiled), _kind(statement))

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


@dataclass(frozen=True, slots=True)
class _Given:
    """Stands for the value of one parameter, to see which question marks it fills."""

    name: str


def _marks(compiled: SQLCompiler, own: Sequence[Any] | None, names: Sequence[str]) -> tuple[Mark, ...]:
    given = {name: _Given(name) for name in names}
    values = compiled.construct_params(given, extracted_parameters=own, escape_names=False)
    marks: list[Mark] = []
    for name in compiled.positiontup or ():
        value = values[name]
        turn: Process | None = compiled._bind_processors.get(name)
        if isinstance(value, _Given):
            marks.append((value.name, turn, None))
        else:
            marks.append((None, None, value if turn is None else turn(value)))
    return tuple(marks)


def _expanded(
    compiled: SQLCompiler, own: Sequence[Any] | None, row: Mapping[str, Any]
) -> tuple[str, list[Any]]:
    values = compiled.construct_params(row, extracted_parameters=own, escape_names=False)
    expanded = compiled._process_parameters_for_postcompile(values)
    turns: dict[str, Process] = {**compiled._bind_processors, **expanded.processors}
    values = {**values, **expanded.additional_parameters}
    names = expanded.positiontup or ()
    return expanded.statement, [turns[n](values[n]) if n in turns else values[n] for n in names]
