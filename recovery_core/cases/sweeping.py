"""Once a minute: what time has ended is written down, so that no clock can undo it (R13, R20, R21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery_core.audit import AuditName
from recovery_core.cases import remotely
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.opening import end
from recovery_core.cases.parts import Parts
from recovery_core.notices import telling

_BATCH = 200
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what is kept (R21)."""

    transcripts: timedelta = timedelta(days=30)
    cases: timedelta = timedelta(days=90)
    """After their end, with challenges, forms, vetoes and decided tickets."""
    audit: timedelta = timedelta(days=400)
    counters: timedelta = timedelta(days=30)


class Sweep:
    """Remembers the last time it ran, so that it sees a clock that went back."""

    def __init__(self, parts: Parts, keeping: Keeping) -> None:
        self._parts = parts
        self._keeping = keeping
        self._last: datetime | None = None

    async def run_once(self) -> None:
        """Write every expiry, send digests, anchor the audit trail, drop what was kept long enough."""
        await self._watch_clock()
        await self._expire_cases()
        await self._read_again()
        now = self._parts.clock.now()
        async with self._parts.work() as work:
            await work.challenges.expire(now)
            await telling.send_digests(work, now - _DAY, now)
            await work.audit.anchor(now)
            await work.commit()
        await self._forget(now)

    async def _watch_clock(self) -> None:
        now = self._parts.clock.now()
        if self._last is not None and now < self._last - self._parts.numbers.clock_tolerance:
            self._parts.alerts.raise_alert("clock_back")
            async with self._parts.work() as work:
                await work.audit.append("operator", AuditName.CLOCK_WENT_BACK, now)
                await work.commit()
        self._last = now

    async def _expire_cases(self) -> None:
        now, numbers = self._parts.clock.now(), self._parts.numbers
        async with self._parts.work() as work:
            unproven, escalated = now - numbers.idle_expiry, now - numbers.escalated_expiry
            ids = await work.cases.idle_since(unproven, escalated, _BATCH)
        for case_id in ids:
            await self._expire(case_id)

    async def _read_again(self) -> None:
        """Ask a remote directory once more for what it never answered."""
        before = self._parts.clock.now() - remotely.READ_AGAIN_AFTER
        async with self._parts.work.reading() as work:
            ids = await work.cases.completing(before, _BATCH)
        for case_id in ids:
            await remotely.read_again(self._parts, case_id)

    async def _expire(self, case_id: str) -> None:
        async with self._parts.work() as work:
            case = await work.cases.lock(case_id)
            if case is None or case.ended or not self._idle(case):
                return
            await end(work, self._parts, case, State.EXPIRED, AuditName.CASE_EXPIRED)
            await announce(work, self._parts, case.conversation_id, Event.CASE_EXPIRED)
            await work.commit()

    def _idle(self, case: Case) -> bool:
        """Judge again under the lock: somebody may have come back meanwhile."""
        numbers = self._parts.numbers
        life = numbers.escalated_expiry if case.state is State.ESCALATED else numbers.idle_expiry
        return case.state is not State.COMPLETING and self._parts.clock.now() > case.updated_at + life

    async def _forget(self, now: datetime) -> None:
        async with self._parts.work() as work:
            await work.conversations.forget_before(now - self._keeping.transcripts)
            await work.cases.forget_ended(now - self._keeping.cases, _BATCH)
            await work.outbox.forget_before(now - self._keeping.transcripts)
            await work.sends.forget_before(now - self._keeping.counters)
            await work.audit.forget_before(now - self._keeping.audit)
            await work.commit()
