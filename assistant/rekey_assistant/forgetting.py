"""What the portal sends to have old conversations forgotten (R21)."""

from __future__ import annotations

import json
import math

from rekey_assistant.envelope import Malformed

SUBJECT = "housekeeping"
"""What a token that may forget names instead of a conversation."""


def read_before(body: bytes) -> float:
    """Return the time in *body*, seconds since the epoch.

    Raises:
        Malformed: not JSON, or ``before`` is missing or no number.

    """
    try:
        before = json.loads(body)["before"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed from error
    if isinstance(before, bool) or not isinstance(before, int | float) or not math.isfinite(before):
        raise Malformed
    return float(before)
