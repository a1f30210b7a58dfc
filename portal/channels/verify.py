"""What the proofs of all platforms share: constant time, a window of freshness, a limit of size.

The same request again is no attack and no error: its events have the ids that they had, and the inbox stores
each once. So what is remembered is the event, for days and on disk, and not the proof.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from portal.channels.port import NotGenuineError, NotReadableError

WINDOW = timedelta(minutes=5)
"""How far a platform's clock and ours may be apart; Slack names the figure, the others name none."""
MAX_BODY = 256 * 1024
"""Bytes of one request; the largest event that a platform documents has about 150 kB (Feishu)."""
_TIME_DIGITS = 12


def check_size(body: bytes) -> None:
    """Refuse a body that no platform sends before anything is computed from it; raises NotReadableError."""
    if len(body) > MAX_BODY:
        raise NotReadableError("too_large")


def header(headers: Mapping[str, str], name: str) -> str:
    """Return the header, or the query's field, of a proof; raises NotGenuineError if there is none."""
    value = headers.get(name, "")
    if not value:
        raise NotGenuineError("missing")
    return value


def same(expected: str, given: str) -> bool:
    """Compare in constant time; text that is not ASCII is compared too, not stumbled over."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="surrogatepass"))


def check_same(expected: str, given: str, reason: str = "signature") -> None:
    """Compare in constant time; raises NotGenuineError with *reason*. An empty value never equals."""
    if not same(expected, given) or not expected:
        raise NotGenuineError(reason)


def sent_at(seconds: str) -> datetime:
    """Return the moment of a count of seconds since 1970 as platforms sign it; raises NotGenuineError."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _TIME_DIGITS):
        raise NotGenuineError("timestamp")
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        raise NotGenuineError("timestamp") from None


def check_fresh(sent: datetime, at: datetime) -> None:
    """Refuse what was signed more than :data:`WINDOW` before or after *at*; raises NotGenuineError."""
    if abs(at - sent) > WINDOW:
        raise NotGenuineError("stale")
