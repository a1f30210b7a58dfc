"""An outbox worker with everything around it, all in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import cast

from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.notices.worker import EndSessions, OutboxWorker
from recovery_core.work import Work
from tests.fakes import FakeClock
from tests.fakes_outbox import FakeAlerts, FakeSender, FakeVault, FakeWords, Rows


class FakeSessions:
    """Remembers whose sessions were ended."""

    def __init__(self) -> None:
        """Remember none yet."""
        self.ended: list[str] = []

    async def end(self, address: str) -> bool:
        """Remember *address*."""
        self.ended.append(address)
        return True


class House:
    """A worker with everything around it."""

    def __init__(self, send_seconds: float = 20.0) -> None:
        """Build the house with an empty outbox."""
        self.clock = FakeClock()
        self.rows = Rows()
        self.sms = FakeSender(Channel.SMS)
        self.mail = FakeSender(Channel.MAIL)
        self.sessions = FakeSessions()
        self.words = FakeWords()
        self.alerts = FakeAlerts()
        self.waits = 0
        self.when_waiting: Callable[[int], None] = lambda _: None
        self.worker = OutboxWorker(
            cast(Work, self.rows),
            FakeVault(),
            {
                Channel.SMS: self.sms,
                Channel.MAIL: self.mail,
                Channel.SESSIONS: EndSessions(self.sessions),
            },
            self.words,
            self.clock,
            self.alerts,
            waiter=self._wait,
            send_seconds=send_seconds,
        )

    async def _wait(self, wake: asyncio.Event, seconds: float) -> None:
        assert seconds == 1.0
        assert not wake.is_set()
        self.waits += 1
        self.when_waiting(self.waits)
        await asyncio.sleep(0)

    async def put(
        self,
        item_id: str,
        channel: Channel = Channel.SMS,
        *,
        decoy: bool = False,
        life: timedelta | None = None,
        template: Template = Template.CODE,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Commit one delivery."""
        now = self.clock.now()
        async with self.rows() as unit:
            delivery = Delivery(
                id=item_id,
                channel=channel,
                to=f"to-{item_id}",
                template=template,
                variables=variables or {"code": "832117"},
                language="en",
                topic="t",
                decoy=decoy,
                expires_at=now + life if life else None,
            )
            await unit.outbox.put(delivery, now)
            await unit.commit()

    def fail(self, error: Exception, *ids: str) -> None:
        """Let sending raise *error*, for *ids* or for all."""

        def meanwhile(item_id: str) -> None:
            if not ids or item_id in ids:
                raise error

        self.sms.meanwhile = self.mail.meanwhile = meanwhile
