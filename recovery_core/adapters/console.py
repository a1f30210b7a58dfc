"""The demo's outbox: keeps messages in memory for the page that shows them, and sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from recovery_core.clock import Clock
from recovery_core.notices.delivery import Channel

KEPT = 200
"""The last messages that are kept."""


class ConsoleMessage(TypedDict):
    """One message as ``/demo/outbox.json`` shows it; absent fields are None."""

    id: str
    at: str
    channel: str
    to: str
    subject: str | None
    text: str
    code: str | None
    link: str | None


class ConsoleOutbox:
    """What the demo company would have received; nothing of it is ever written to disk or log."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: dict[str, ConsoleMessage] = {}

    def sender(self, channel: Channel) -> ConsoleSender:
        """Return the sender that puts messages of *channel* here."""
        return ConsoleSender(channel, self)

    def messages(self) -> list[ConsoleMessage]:
        """Return the last :data:`KEPT` messages, oldest first."""
        return [message.copy() for message in self._messages.values()]

    def keep(
        self, channel: Channel, item_id: str, to: str, subject: str, text: str, variables: Mapping[str, str]
    ) -> None:
        """Keep one message; the same id twice is kept once."""
        if item_id in self._messages:
            return
        self._messages[item_id] = ConsoleMessage(
            id=item_id,
            at=self._clock.now().isoformat(),
            channel=channel.value,
            to=to,
            subject=subject or None,
            text=text,
            code=variables.get("code"),
            link=variables.get("link") or variables.get("veto_link"),
        )
        if len(self._messages) > KEPT:
            del self._messages[next(iter(self._messages))]


class ConsoleSender:
    """Puts the messages of one channel into a :class:`ConsoleOutbox`."""

    def __init__(self, channel: Channel, outbox: ConsoleOutbox) -> None:
        self.channel = channel
        self._outbox = outbox

    async def send(
        self, item_id: str, to: str, subject: str, text: str, variables: Mapping[str, str]
    ) -> None:
        """Keep the message; never fails."""
        self._outbox.keep(self.channel, item_id, to, subject, text, variables)
