"""Logging that cannot repeat what a person wrote.

Rasa writes texts, slots and whole events into its logs, through structlog and through plain f-strings at
several levels. Such a line cannot be cleaned afterwards, so a line of anybody else's code says only where
it was written and which exceptions it carried; lines of this package are written with care and pass.
"""

# ruff: noqa: ANN401  Rasa and scikit-learn give no usable types here
from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_OURS = "rekey_assistant"


def _errors(exc_info: Any) -> str:
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    names: list[str] = []
    while isinstance(error, BaseException) and len(names) < 8:  # noqa: PLR2004  causes can form a ring
        names.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return f" [{' < '.join(names)}]" if names else ""


class QuietRecord(logging.LogRecord):
    """A log record that holds no words but those of this package."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Build the record, then drop message, arguments and traceback of foreign code."""
        super().__init__(*args, **kwargs)
        if self.name.split(".")[0] == _OURS:
            return
        self.msg = f"{self.module}:{self.lineno}{_errors(self.exc_info)}"
        self.args = ()
        self.exc_info = None
        self.exc_text = None
        self.stack_info = None


def configure(level: int = logging.WARNING) -> None:
    """Install the quiet logging; must run before Rasa is imported."""
    logging.setLogRecordFactory(QuietRecord)
    logging.captureWarnings(capture=True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    structlog.configure(
        processors=[_drop],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def _drop(_logger: object, _method: str, _event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    # Rasa's structured lines carry texts and slots under many names; none of them is needed in operation.
    raise structlog.DropEvent
