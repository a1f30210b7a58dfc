"""Outbox, vetoes, digests and the audit trail in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from recovery_core.audit import GENESIS, AuditChain, AuditEvent, AuditName, broken_at, link
from recovery_core.notices.delivery import Delivery, OutboxItem
from recovery_core.notices.veto import Veto
from tests.fakes_store_data import Data, Posted


class Outbox:
    """The OutboxStore; "sealed" bytes are the packed ones."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def put(self, delivery: Delivery, at: datetime) -> None:
        """Store the delivery, once per id."""
        self._data.outbox.setdefault(delivery.id, Posted(delivery, at, len(delivery.packed())))

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[OutboxItem]:
        """Return due items; drop expired ones."""
        taken = []
        for id_, row in list(self._waiting().items()):
            expires = row.delivery.expires_at
            if expires is not None and expires <= now:
                self._end(id_, "dropped")
            elif row.at <= now and len(taken) < limit:
                self._data.outbox[id_] = replace(row, at=until)
                packed, channel = row.delivery.packed(), row.delivery.channel
                taken.append(OutboxItem(id_, channel, packed, row.delivery.decoy, row.attempts, expires))
        return taken

    async def sent(self, item_id: str, at: datetime) -> None:  # noqa: ARG002
        """Mark it sent."""
        self._end(item_id, "sent")

    async def later(self, item_id: str, due: datetime) -> None:
        """Postpone it."""
        row = self._data.outbox[item_id]
        self._data.outbox[item_id] = replace(row, at=due, attempts=row.attempts + 1)

    async def give_up(self, item_id: str, at: datetime) -> None:  # noqa: ARG002
        """Mark it failed."""
        self._end(item_id, "failed")

    async def drop(self, topic: str, at: datetime) -> int:  # noqa: ARG002
        """Drop what waits of *topic*."""
        own = [id_ for id_, row in self._waiting().items() if row.delivery.topic == topic]
        for id_ in own:
            self._end(id_, "dropped")
        return len(own)

    async def forget_before(self, moment: datetime) -> int:
        """Delete what ended before."""
        rows = self._data.outbox
        old = [id_ for id_, row in rows.items() if row.state != "waiting" and row.at < moment]
        for id_ in old:
            del rows[id_]
        return len(old)

    def _waiting(self) -> dict[str, Posted]:
        return {id_: row for id_, row in self._data.outbox.items() if row.state == "waiting"}

    def _end(self, item_id: str, state: str) -> None:
        self._data.outbox[item_id] = replace(self._data.outbox[item_id], state=state)


class Vetoes:
    """The VetoStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, veto: Veto) -> None:
        """Store a new veto."""
        self._data.vetoes[veto.id] = veto

    async def by_token_hash(self, token_hash: str) -> Veto | None:
        """Return the veto with that token."""
        return next((v for v in self._data.vetoes.values() if v.token_hash == token_hash), None)

    async def use(self, veto_id: str, at: datetime) -> bool:
        """Use it, once and in time."""
        veto = self._data.vetoes[veto_id]
        if veto.used_at is not None or veto.expires_at <= at:
            return False
        self._data.vetoes[veto_id] = replace(veto, used_at=at)
        return True

    async def used_by_contact_since(self, contact_id: str, since: datetime) -> int:
        """Count the used ones of the contact."""
        return sum(
            v.contact_id == contact_id and v.used_at is not None and v.used_at >= since
            for v in self._data.vetoes.values()
        )

    async def end_of_contacts(self, account_id: str, kept: Sequence[str], at: datetime) -> int:
        """End the open ones of removed contacts."""
        gone = [
            v
            for v in self._data.vetoes.values()
            if v.account_id == account_id and v.contact_id not in kept and v.used_at is None
        ]
        for veto in gone:
            self._data.vetoes[veto.id] = replace(veto, expires_at=at)
        return len(gone)


class Digests:
    """The DigestStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, domain: str, line: Mapping[str, str], at: datetime) -> None:
        """Keep one line."""
        self._data.digests[domain] = (*self._data.digests.get(domain, ()), (at, dict(line)))

    async def due(self, before: datetime) -> Sequence[str]:
        """Return domains with a line older than *before*."""
        return sorted(d for d, lines in self._data.digests.items() if min(at for at, _ in lines) < before)

    async def take(self, domain: str) -> Sequence[Mapping[str, str]]:
        """Return and drop the lines."""
        return [line for _, line in self._data.digests.pop(domain, ())]


class Audit:
    """The AuditStore, with the real links."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def append(
        self, chain: str, name: AuditName, at: datetime, data: Mapping[str, str | int] | None = None
    ) -> None:
        """Add the next link."""
        events, said = self._data.chains[chain], dict(data or {})
        previous, position = (events[-1].mac if events else GENESIS), len(events)
        mac = link(self._data.keyed, previous, chain, position, name, at, said)
        self._data.chains[chain] = (*events, AuditEvent(chain, position, name, at, said, mac))

    async def events(
        self, chain: str, *, name: AuditName | None = None, since: datetime | None = None
    ) -> Sequence[AuditEvent]:
        """Return the chain."""
        return [
            event
            for event in self._data.chains.get(chain, ())
            if name in {None, event.name} and (since is None or event.at >= since)
        ]

    async def page(self, chain: str, before: int | None, limit: int) -> Sequence[AuditEvent]:
        """Return the newest links."""
        return self._data.chains.get(chain, ())[:before][::-1][:limit]

    async def chains(self, before: tuple[datetime, str] | None, limit: int) -> Sequence[AuditChain]:
        """Return chains by their last link."""
        chains = [AuditChain(name, len(e), e[-1].at) for name, e in self._data.chains.items() if e]
        ordered = sorted(chains, key=lambda chain: (chain.last_at, chain.name), reverse=True)
        return [c for c in ordered if before is None or (c.last_at, c.name) < before][:limit]

    async def anchor(self, at: datetime) -> int:  # noqa: ARG002
        """Remember head and length of what grew."""
        grown = {
            chain: (len(events), events[-1].mac)
            for chain, events in self._data.chains.items()
            if events and self._data.anchors.get(chain, (0, ""))[0] < len(events)
        }
        self._data.anchors.update(grown)
        return len(grown)

    async def problems(self) -> Sequence[str]:
        """Check links, and the tails against the anchors."""
        found = []
        for chain, events in self._data.chains.items():
            if broken_at(self._data.keyed, events) is not None:
                found.append(f"broken {chain}")
            length, head = self._data.anchors.get(chain, (0, GENESIS))
            if len(events) < length or (length and events[length - 1].mac != head):
                found.append(f"cut {chain}")
        return found

    async def forget_before(self, moment: datetime) -> int:
        """Drop whole old chains."""
        old = [chain for chain, events in self._data.chains.items() if events and events[-1].at < moment]
        for chain in old:
            del self._data.chains[chain]
            self._data.anchors.pop(chain, None)
        return len(old)
