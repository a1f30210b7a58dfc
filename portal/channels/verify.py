"""What the proofs of all platforms share: constant time, a window of freshness, one use, a limit of size."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from portal.channels.port import NotGenuineError, NotReadableError

WINDOW = timedelta(minutes=5)
"""How far a platform's clock and ours may be apart; Slack names the figure, the others name none."""
MAX_BODY = 256 * 1024
"""Bytes of one request; the largest event that a platform documents has about 150 kB (Feishu)."""
_REMEMBERED = 100_000
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


class Replays:
    """Remembers the proofs that were accepted, as long as they stay fresh, and each of them is good once.

    Only genuine requests enter, so that a stranger cannot push others out. When more arrive in ten minutes
    than there is room for, the oldest go: the inbox still takes no event twice.
    """

    def __init__(self, most: int = _REMEMBERED) -> None:
        """Remember *most* proofs at once, 32 bytes each and the dictionary's own."""
        self._most = most
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()

    def take(self, at: datetime, *proof: str | bytes) -> bytes:
        """Note the use of *proof* at *at*; return a name for :meth:`undo`; raises NotGenuineError."""
        name = _digest(proof)
        self._drop_old(at)
        if name in self._seen:
            raise NotGenuineError("replayed")
        self._seen[name] = at
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return name

    def undo(self, name: bytes) -> None:
        """Forget a use that led to nothing."""
        self._seen.pop(name, None)

    def __len__(self) -> int:
        """Return how many proofs are remembered."""
        return len(self._seen)

    def _drop_old(self, at: datetime) -> None:
        # A proof may come WINDOW before its own time and be good until WINDOW after it.
        while self._seen:
            name, used = next(iter(self._seen.items()))
            if at - used <= 2 * WINDOW:
                return
            del self._seen[name]


def _digest(parts: tuple[str | bytes, ...]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()
