"""Logs without personal data: listed keys with plain values leave; the rest is dropped and counted."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "where", "exception", "trace", "dropped", "code",
        "count", "ms", "seconds", "port", "state", "child", "attempt", "pid", "exit", "status",
        "method", "route", "kind", "language", "channel", "job", "lane", "profile", "sender",
        "edition", "version",
    }
)  # fmt: skip
"""Keys that may be logged. A URL path is not among them (it may hold a token): log the ``route``."""

_NAME = re.compile(r"[a-z][a-z_. ]{0,79}")
"""An event or a code is a name out of letters: a digit could be somebody's phone or code."""
_PLAIN = re.compile(r"[A-Za-z0-9_.:/+{}<>\-]{1,120}")
_NAMES_ONLY = ("event", "code")
_FRAMES = 20


def configure(*, level: str = "info", json: bool = False, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's lines, filtered, to *stream* (default: stderr)."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if json else _for_reading()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, name_foreign],
        processors=[withhold_record, describe_exception, keep_allowed, render],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    if level != "debug":
        handler.addFilter(is_worth_telling)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def is_worth_telling(record: logging.LogRecord) -> bool:
    """Keep our own lines, and a library's from a warning on: its sentences are withheld anyway."""
    return isinstance(record.msg, dict) or record.levelno >= logging.WARNING


def name_foreign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace a library's sentence, which may hold anything, by the place that said it."""
    record: logging.LogRecord = event["_record"]
    event["event"] = "library"
    event["where"] = f"{_short(record.pathname)}:{record.lineno}"
    return event


def withhold_record(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the exception of the standard library's record and forget the record."""
    record = event.pop("_record", None)
    event.pop("_from_structlog", None)
    if record is not None and record.exc_info and "exc_info" not in event:
        event["exc_info"] = record.exc_info
    return event


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Describe an exception by its types and places; its message may hold a value and is left out."""
    error = _exception(event.pop("exc_info", None))
    if error is None:
        return event
    chain: list[str] = []
    trace: list[str] = []
    while error is not None:
        chain.append(type(error).__name__)
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        trace += [f"{_short(frame.filename)}:{frame.lineno}" for frame in frames]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    event["exception"] = "<".join(chain)[:120]
    event["trace"] = trace
    return event


def keep_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not allowed or whose value is not plain, and say how many were dropped."""
    kept = {key: value for key, value in event.items() if key in ALLOWED and _is_plain(key, value)}
    dropped = len(event) - len(kept)
    kept.setdefault("event", "withheld")
    if dropped:
        kept["dropped"] = dropped
    return kept


def _is_plain(key: str, value: object) -> bool:
    if key in _NAMES_ONLY:
        return isinstance(value, str) and bool(_NAME.fullmatch(value))
    if isinstance(value, list):
        return all(_is_plain("", part) for part in value)
    if isinstance(value, str):
        return bool(_PLAIN.fullmatch(value))
    return value is None or isinstance(value, int | float)


def _exception(info: object) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:]).lstrip("/")


def _for_reading() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(colors=False, sort_keys=True)
