"""JSON on its way into columns and back."""

from __future__ import annotations

import json
from typing import Any

import orjson

_AS_JSON = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def dumps(value: object) -> str:
    """Return *value* as JSON; half of a surrogate pair is escaped as ``json`` does, which orjson refuses.

    Raises TypeError for what JSON does not know, a moment for example. NaN becomes null.
    """
    try:
        return orjson.dumps(value, option=_AS_JSON).decode()
    except TypeError:
        return json.dumps(value)


def loads(text: str | bytes) -> Any:  # noqa: ANN401  JSON is anything
    """Return what :func:`dumps` was given."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
