"""How the messengers do: counters and gauges for ``/metrics``, and the same for the desk's overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0)


@dataclass(slots=True)
class Standing:
    """How one messenger does, since the start of this process."""

    channel: str
    last_event: datetime | None = None
    last_sent: datetime | None = None
    refused: int = 0
    """Requests whose proof was missing, wrong, old or for somebody else."""
    failures: int = 0
    """Sendings in vain since the last one that went through."""
    waiting: int = 0
    lag_seconds: float = 0.0
    """How long the oldest unanswered event has waited."""
    connected: bool | None = None
    """For a messenger that is connected to; None for one that calls."""


class Figures:
    """Counts per messenger; labels are names of platforms and fixed reasons, never a person's."""

    def __init__(self, registry: CollectorRegistry, channels: tuple[str, ...]) -> None:
        self.standings = {name: Standing(name) for name in channels}
        by, r = ["channel"], registry
        self._events = Counter("rekey_channel_events", "Events that messengers told.", by, registry=r)
        self._refused = Counter(
            "rekey_channel_refused", "Requests without a good proof.", [*by, "reason"], registry=r
        )
        self._sent = Counter("rekey_channel_sent", "Messages that messengers took.", by, registry=r)
        self._failed = Counter("rekey_channel_send_failures", "Sendings in vain.", [*by, "kind"], registry=r)
        self._last = Gauge(
            "rekey_channel_last_event_timestamp_seconds", "When the last event arrived.", by, registry=r
        )
        self._up = Gauge("rekey_channel_up", "1 while messages go through.", by, registry=r)
        self._waiting = Gauge("rekey_channel_waiting", "Events that wait for their turn.", by, registry=r)
        self._lag = Gauge("rekey_channel_lag_seconds", "Age of the oldest waiting event.", by, registry=r)
        self._ack = Histogram(
            "rekey_channel_ack_seconds",
            "Time to the acknowledgement.",
            by,
            buckets=_ACK_SECONDS,
            registry=r,
        )
        for name in channels:
            self._up.labels(name).set(1)

    def heard(self, channel: str, count: int, at: datetime) -> None:
        """Count events that were stored."""
        self._events.labels(channel).inc(count)
        self._last.labels(channel).set(at.timestamp())
        self.standings[channel].last_event = at

    def acknowledged(self, channel: str, seconds: float) -> None:
        """Note how long a platform waited for its answer."""
        self._ack.labels(channel).observe(seconds)

    def refused(self, channel: str, reason: str) -> None:
        """Count a request without a good proof."""
        self._refused.labels(channel, reason).inc()
        self.standings[channel].refused += 1

    def sent(self, channel: str, at: datetime) -> None:
        """Count a message that the platform took."""
        self._sent.labels(channel).inc()
        self._up.labels(channel).set(1)
        standing = self.standings[channel]
        standing.last_sent, standing.failures = at, 0

    def failed(self, channel: str, kind: str) -> None:
        """Count a sending in vain: ``away`` is tried again, ``refused`` never."""
        self._failed.labels(channel, kind).inc()
        if kind == "away":
            self._up.labels(channel).set(0)
            self.standings[channel].failures += 1

    def connected(self, channel: str, *, on: bool) -> None:
        """Note whether the task that listens to the platform runs."""
        self.standings[channel].connected = on

    def backlog(self, channel: str, waiting: int, lag_seconds: float) -> None:
        """Note how much waits and for how long."""
        self._waiting.labels(channel).set(waiting)
        self._lag.labels(channel).set(lag_seconds)
        standing = self.standings[channel]
        standing.waiting, standing.lag_seconds = waiting, lag_seconds
