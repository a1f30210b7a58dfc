"""What a platform gives to the contract tests: acts of a person as the platform tells them, and what it got.

Add a platform in three steps: a file ``tests/integration/channels/<name>_platform.py`` with a class that has
the members of :class:`Platform`; an async context manager that starts the simulated (or real) peer and yields
it; one line in ``platforms.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from portal.channels.port import Channel, Event, Incoming, Target
from tests.fakes import FakeClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where the clock of every platform's channel stands when a test begins."""


class What(StrEnum):
    """What a person, or a program, does on the platform."""

    TEXT = "text"
    BUTTON = "button"
    PICTURE = "picture"
    GROUP = "group"
    """A text to the bot where others read along."""
    EDIT = "edit"
    DELETE = "delete"
    BOT = "bot"
    """A text that a bot wrote, rekey's own or another one."""
    HELLO = "hello"
    """The chat with the bot is opened, or the bot installed."""


@dataclass(frozen=True)
class Act:
    """One act; the same id is the same event, delivered again."""

    what: What = What.TEXT
    text: str = "I forgot my password"
    id: str = "event-1"
    account: str = "E1001"
    """Stable id of the person; the platform puts it into its own form if it needs another one."""
    button: str = "opaque-button-id"
    at: datetime = NOW


@dataclass(frozen=True)
class Told:
    """One message that the platform got from rekey, in the platform's own terms, taken apart."""

    text: str
    """Everything that a person can read of it."""
    buttons: Sequence[str] = ()
    """The opaque ids that come back when a button is pressed."""
    link: str | None = None
    id: str | None = None
    """The message's id where the platform is told one."""
    raw: str = field(default="", repr=False)
    """The request's body as it came, for tests that look for what must not be there."""


class Trouble(StrEnum):
    """How the platform misbehaves towards what rekey sends."""

    NONE = "none"
    AWAY = "away"
    """5xx, or the connection is refused."""
    BUSY = "busy"
    """429 with the platform's way to say "in 7 seconds"; skip the seconds where it has none."""
    REFUSED = "refused"
    """The platform says for good that this person cannot be written to."""
    WRONG_KEY = "wrong_key"
    """rekey's own credentials are refused."""


class Platform(Protocol):
    """One platform under test."""

    name: str
    channel: Channel
    clock: FakeClock
    """The clock that the channel was built with; it stands at NOW."""
    target: Target
    """Where a reply to :class:`Act`'s default account goes."""

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Let the platform tell *act* genuinely; return the events the channel made of it.

        By :meth:`request` and ``receive`` for a Listening channel, through the socket for a Connecting one.
        None where the platform knows no such act.
        """
        ...

    def request(self, act: Act) -> Incoming | None:
        """Return the genuine request of *act*, signed at the clock's time; None for a Connecting channel."""
        ...

    def told(self) -> Sequence[Told]:
        """Return what the platform got from rekey, oldest first, doubles that it drops itself left out."""
        ...

    def trouble(self, kind: Trouble) -> None:
        """Misbehave from now on."""
        ...
