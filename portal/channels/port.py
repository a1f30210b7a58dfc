"""What every messenger can do for rekey, whatever it is called.

A platform's file turns what arrives into :class:`Event` and what rekey says into the platform's own messages.
It decides nothing: the inbox stores events, a worker runs turns, and replies leave by :meth:`Channel.send`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Kind(StrEnum):
    """What somebody did in a messenger."""

    TEXT = "text"
    BUTTON = "button"
    OTHER = "other"
    """A voice message, picture, file, sticker or place: answered kindly, never stored."""
    SEALED = "sealed"
    """A message that is encrypted from end to end, which rekey cannot read: answered with how to go on."""
    GROUP = "group"
    """The bot was spoken to where others read along: answered with "write to me privately", never stored."""
    EXPOSED = "exposed"
    """The person opened the chat to others: links that were said there die, nothing is stored."""
    HELLO = "hello"
    """The person opened the chat with the bot, or installed it, and said nothing yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that one person did, as the platform told it and after the platform's proof was checked."""

    id: str
    """The platform's id of the event, the same in every redelivery."""
    tenant: str
    """The company, workspace or corporation id; ids of people are unique only within it."""
    account: str
    """The stable id of the person in the tenant (staff id, open id, user id), never a nick name."""
    room: str
    """The chat in which it happened and in which the answer belongs."""
    kind: Kind
    text: str | None = field(default=None, repr=False)
    """What was written, for :attr:`Kind.TEXT`."""
    button: str | None = None
    """The opaque id of the pressed button, for :attr:`Kind.BUTTON`."""
    locale: str | None = None
    """The platform's language of the person (BCP 47 or the platform's own form), if it tells."""
    at: datetime | None = None
    """When it happened by the platform's clock, aware and in UTC; orders what arrives out of order."""
    address: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What only this platform needs to answer, such as a service URL; verified by the platform's file."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes."""

    tenant: str
    account: str
    room: str
    address: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: an opaque id that is known on the server alone, a stable name, and its title."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a secure form; it opens in the browser and never as a card with fields."""

    url: str = field(repr=False)
    title: str


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that rekey says. ``id`` is the same in every try, for platforms that drop doubles by it."""

    id: str
    text: str = field(repr=False)
    buttons: Sequence[Choice] = ()
    link: Link | None = None
    public: bool = False
    """Whether it may be said where others read along: it holds nothing of anybody's recovery."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the platform takes; what it does not take is said in text."""

    max_text: int
    """Characters of one message; longer ones are split before :meth:`Channel.send`."""
    max_buttons: int
    """Buttons of one message; 0 where there are none, and choices are then numbered lines of text."""
    typing: bool = False
    buttons_say_numbers: bool = False
    """Whether a pressed button comes back as a text, its number; then a typed number counts as well."""
    same_id_once: bool = False
    """Whether the platform drops a second sending with the same id (a Matrix transaction, for example)."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request from outside, as it came; header names in lower case."""

    method: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime
    """When it arrived, aware, UTC, by rekey's clock."""
    path: str = ""
    """What follows ``/channels/<name>`` (Matrix puts the transaction id there)."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a verified request held, and the answer that the platform expects once the events are stored."""

    events: Sequence[Event] = ()
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"


class NotGenuineError(Exception):
    """The proof is missing, wrong, old or for somebody else; ``reason`` is for metrics alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotReadableError(Exception):
    """The proof is right and the content is not what the platform documents."""


class ChannelAwayError(Exception):
    """The platform cannot be reached, is overloaded or wants us to wait: the message is sent again later."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds, where the platform names them."""


class ChannelRefusedError(Exception):
    """The platform will not take this message, whenever it is sent (person left, bot removed, too old)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotPrivateError(ChannelRefusedError):
    """Others read the chat, or are about to: only what is public may be said there."""

    def __init__(self) -> None:
        super().__init__("not_private")


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of ``rekey channels check``: the key of the sentence in the catalogue and its variables."""

    good: bool
    key: str
    variables: Mapping[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """One platform of one company."""

    name: str
    capabilities: Capabilities

    async def send(self, to: Target, message: Message) -> None:
        """Say *message*, once as far as the platform allows.

        Raises:
            ChannelAwayError: it should be tried again.
            NotPrivateError: others read there, and the message is not public.
            ChannelRefusedError: it never will work.
        """
        ...

    async def typing(self, to: Target) -> None:
        """Show that an answer is coming, where the platform can; never raises for a platform that cannot."""
        ...

    async def who(self, tenant: str, account: str) -> Person | None:
        """Ask the platform's directory who the account is; None for unknown.

        Raises:
            ChannelAwayError: the directory cannot be asked now.
        """
        ...

    async def check(self) -> Sequence[Finding]:
        """Try credentials and connectivity; never raises."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """What the platform's own directory says of an account, without names that people choose themselves."""

    staff_number: str | None = None
    mail: str | None = field(default=None, repr=False)
    """The address that the directory vouches for, not one that the person typed."""


@runtime_checkable
class Listening(Protocol):
    """A channel that is called by the platform over HTTP."""

    async def receive(self, incoming: Incoming) -> Received:
        """Check the proof in constant time, its freshness and its first use, and read the events.

        Raises:
            NotGenuineError: answered 401 with nothing said.
            NotReadableError: answered 400.
        """
        ...


@runtime_checkable
class ProvenByHeader(Protocol):
    """A listening channel whose proof does not cover the body, so that no stranger's body need be read."""

    def admit(self, headers: Mapping[str, str]) -> None:
        """Check the proof in constant time; raises NotGenuineError."""
        ...


Hear = Callable[[Sequence[Event]], Awaitable[None]]
"""Stores events; returns when they are durable, so that the platform may be told that they arrived."""


@runtime_checkable
class Connecting(Protocol):
    """A channel that keeps a connection to the platform open."""

    async def listen(self, hear: Hear) -> None:
        """Connect, hand over events and come back after every loss, until cancelled."""
        ...
