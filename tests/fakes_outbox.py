"""An outbox in memory with a real unit of work: what is not committed never happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from recovery_core.notices.delivery import Channel, Delivery, OutboxItem, Template


@dataclass
class Row:
    """One row of the outbox."""

    sealed: bytes
    channel: Channel
    topic: str
    decoy: bool
    due: datetime
    expires_at: datetime | None
    attempts: int = 0
    state: str = "waiting"


@dataclass
class Rows:
    """What is committed; shared by all units of work."""

    rows: dict[str, Row] = field(default_factory=dict)
    failing_commits: list[Exception] = field(default_factory=list)
    commits: int = 0

    def __call__(self) -> FakeUnit:
        """Open a unit of work."""
        return FakeUnit(self)

    def states(self) -> dict[str, str]:
        """Return the state of each item."""
        return {id_: row.state for id_, row in self.rows.items()}


class FakeUnit:
    """Changes a copy and swaps it in when told to commit."""

    def __init__(self, committed: Rows) -> None:
        """Begin with what is committed."""
        self._committed = committed
        self.outbox = FakeOutbox(deepcopy(committed.rows))

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget what was not committed."""

    async def commit(self) -> None:
        """Make the rows this unit touched the committed ones."""
        if self._committed.failing_commits:
            raise self._committed.failing_commits.pop(0)
        self._committed.commits += 1
        for id_ in self.outbox.touched:
            self._committed.rows[id_] = self.outbox.rows[id_]


class FakeVault:
    """Marks plain bytes with their context, and refuses another context."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """Prefix the context."""
        return context.encode() + b"\0" + plain

    def open(self, sealed: bytes, context: str) -> bytes:
        """Check and remove the context; raises ValueError."""
        found, _, plain = sealed.partition(b"\0")
        if found.decode() != context:
            raise ValueError
        return plain


class FakeOutbox:
    """The OutboxStore of one unit of work."""

    def __init__(self, rows: dict[str, Row]) -> None:
        """Work on *rows*."""
        self.rows = rows
        self.touched: set[str] = set()

    async def put(self, delivery: Delivery, at: datetime) -> None:
        """Store the delivery; the same id twice is stored once."""
        if delivery.id in self.rows:
            return
        sealed = FakeVault().seal(delivery.packed(), delivery.id)
        self.rows[delivery.id] = Row(
            sealed, delivery.channel, delivery.topic, delivery.decoy, at, delivery.expires_at
        )
        self.touched.add(delivery.id)

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[OutboxItem]:
        """Return due items and set their due time to *until*; drop expired ones."""
        taken = []
        for id_, row in self.rows.items():
            if row.state != "waiting" or row.due > now or len(taken) == limit:
                continue
            self.touched.add(id_)
            if row.expires_at is not None and now >= row.expires_at:
                row.state, row.sealed = "dropped", b""
                continue
            row.due = until
            taken.append(OutboxItem(id_, row.channel, row.sealed, row.decoy, row.attempts, row.expires_at))
        return taken

    async def sent(self, item_id: str, at: datetime) -> None:  # noqa: ARG002
        """Mark and blank."""
        self._end(item_id, "sent")

    async def later(self, item_id: str, due: datetime) -> None:
        """Postpone to *due*."""
        row = self.rows[item_id]
        row.due, row.attempts = due, row.attempts + 1
        self.touched.add(item_id)

    async def give_up(self, item_id: str, at: datetime) -> None:  # noqa: ARG002
        """Mark as failed and blank."""
        self._end(item_id, "failed")

    def _end(self, item_id: str, state: str) -> None:
        row = self.rows[item_id]
        row.state, row.sealed = state, b""
        self.touched.add(item_id)


class FakeAlerts:
    """Remembers alerts."""

    def __init__(self) -> None:
        """Remember none yet."""
        self.codes: list[str] = []

    def raise_alert(self, code: str) -> None:
        """Remember *code*."""
        self.codes.append(code)


class FakeWords:
    """Spells a template and its variables out."""

    def __init__(self) -> None:
        """Count renderings."""
        self.rendered = 0

    def render(
        self, channel: Channel, template: Template, variables: Mapping[str, str], language: str
    ) -> tuple[str, str]:
        """Return a subject and the variables as JSON; a template without variables cannot be rendered."""
        self.rendered += 1
        if "broken" in variables:
            raise KeyError("broken")
        return f"{channel}:{template}", json.dumps([language, dict(variables)])


class FakeSender:
    """Remembers what it sent; *meanwhile* runs in the middle of sending and may raise."""

    def __init__(self, channel: Channel) -> None:
        """Send everything at once."""
        self.channel = channel
        self.sent: list[tuple[str, str, str]] = []
        self.tried: list[str] = []
        self.meanwhile: Callable[[str], None] = lambda _: None

    async def send(
        self,
        item_id: str,
        to: str,
        subject: str,  # noqa: ARG002
        text: str,
        variables: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """Send, or raise what *meanwhile* raises."""
        self.tried.append(item_id)
        self.meanwhile(item_id)
        self.sent.append((item_id, to, text))
