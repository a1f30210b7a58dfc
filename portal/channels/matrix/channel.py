"""The channel itself: proves the homeserver, turns its transactions into events, and answers."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from portal.channels.calls import Calls
from portal.channels.config import Config, Secret, Tools
from portal.channels.matrix.api import MatrixApi
from portal.channels.matrix.checking import findings
from portal.channels.matrix.events import (
    RoomEvent,
    is_invitation,
    server_of,
    spoken,
    transaction,
)
from portal.channels.matrix.inviting import Invitations
from portal.channels.matrix.people import NOBODY, People, people_of
from portal.channels.matrix.rooms import Rooms, opens
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Event,
    Finding,
    Incoming,
    Kind,
    Message,
    NotGenuineError,
    NotPrivateError,
    Person,
    Received,
    Target,
)

_APP = ("_matrix", "app", "v1")
_MAX_TEXT = 8000
"""Characters: an event may have 65,536 bytes, and a text stands in it twice, with escapes."""
_UNKNOWN = Received(status=404, body=b'{"errcode":"M_UNRECOGNIZED","error":"unknown"}')
_NOT_FOUND = Received(status=404, body=b'{"errcode":"M_NOT_FOUND","error":"not found"}')
_DONE = Received(body=b"{}")


@dataclass(frozen=True, slots=True)
class MatrixConfig:
    """What an operator decides; ``docs/channels/matrix.md`` explains each."""

    base_url: str
    server_name: str
    hs_token: Secret
    as_token: Secret
    localpart: str = "rekey"
    service_id: str = "rekey"
    people: People = NOBODY
    support_room: str = ""
    """A room of the support team, in which nobody is answered."""

    @property
    def bot(self) -> str:
        """The bot's user id."""
        return f"@{self.localpart}:{self.server_name}"


class MatrixChannel:
    """The service of one homeserver, which calls it (Listening)."""

    name = "matrix"
    max_body = 8 * 2**20
    """Bytes: a transaction may hold a hundred events of 64 KiB, and a refused one comes again for ever."""
    capabilities = Capabilities(max_text=_MAX_TEXT, max_buttons=0, typing=True, same_id_once=True)

    def __init__(self, config: MatrixConfig, tools: Tools) -> None:
        self._config = config
        self._api = MatrixApi(config.base_url.rstrip("/"), config.bot, config.as_token, Calls(tools.http))
        self._rooms = Rooms(self._api)
        self._invitations = Invitations(self._api)
        room, server = config.support_room, config.server_name
        self.support = Target(server, config.bot, room) if room else None
        """Where the support team is told who waits."""

    async def receive(self, incoming: Incoming) -> Received:
        """Check the homeserver's token (constant time) and read its transaction.

        Raises:
            NotGenuineError: the token is missing or wrong.
            NotReadableError: the transaction is none.
            ChannelAwayError: the homeserver does not say who is in a room; it shall send it all again.
        """
        self.admit(incoming.headers)
        match incoming.method, tuple(incoming.path.strip("/").split("/")):
            case "PUT", (*app, "transactions", _) if tuple(app) == _APP:
                return await self._transaction(transaction(incoming.body))
            case "POST", (*app, "ping") if tuple(app) == _APP:
                return _DONE
            case "GET", (*app, "users", user) if tuple(app) == _APP:
                return _DONE if unquote(user) == self._config.bot else _NOT_FOUND
            case "GET", (*app, "rooms", _) if tuple(app) == _APP:
                return _NOT_FOUND
        return _UNKNOWN

    async def send(self, to: Target, message: Message) -> None:
        """Say *message* in the room; its id makes the homeserver drop a second sending.

        Raises:
            ChannelAwayError: it should be tried again.
            NotPrivateError: somebody else than ``to.account`` reads there, or was there, or can come in.
            ChannelRefusedError: the room does not take it.
        """
        if not message.public and not await self._rooms.is_private_now(to.room, to.account):
            raise NotPrivateError
        await self._api.say(to.room, message)

    async def typing(self, to: Target) -> None:
        """Show for up to 20 seconds that an answer is coming."""
        try:
            await self._api.type(to.room)
        except (ChannelAwayError, ChannelRefusedError):
            return

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return what the rule of the settings makes of an account of the own homeserver; asks nobody."""
        if tenant != self._config.server_name or server_of(account) != tenant:
            return None
        return self._config.people.person(account[1:].partition(":")[0])

    async def check(self) -> Sequence[Finding]:
        """Try both tokens and both directions; never raises."""
        return await findings(self._api, self._config.service_id)

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    def admit(self, headers: Mapping[str, str]) -> None:
        """Check the homeserver's token (constant time); raises NotGenuineError."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        expected = self._config.hs_token()
        if not given:
            raise NotGenuineError("no_token")
        right = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
        if scheme.lower() != "bearer" or not right:
            raise NotGenuineError("wrong_token")

    async def _transaction(self, events: Sequence[RoomEvent]) -> Received:
        """Read *events* in their order; raises ChannelAwayError for what we cannot tell now."""
        found: list[Event] = []
        for event in events:
            if event.state_key is None:
                found += await self._said([event])
            else:
                found += await self._changed(event)
        return Received(found, body=b"{}")

    async def _changed(self, event: RoomEvent) -> Sequence[Event]:
        """Look at the room anew; accept an invitation, or return that others may come to read."""
        self._rooms.forget(event.room)
        if not self._is_ours(event.sender) or event.sender == self._config.bot:
            return ()
        if is_invitation(event, self._config.bot):
            return await self._invited(event)
        exposes = opens(event.type, event.state_key, event.sender) and event.state_key != self._config.bot
        return [self._told(event, Kind.EXPOSED)] if exposes else ()

    async def _invited(self, event: RoomEvent) -> Sequence[Event]:
        """Accept the invitation; return what it came with, or that it came."""
        happened = await self._invitations.accept(event.room)
        if not happened or event.room == self._config.support_room:
            return ()
        self._rooms.forget(event.room)
        return await self._said(happened) or [self._told(event, await self._greeting(event))]

    async def _greeting(self, event: RoomEvent) -> Kind:
        return Kind.HELLO if await self._rooms.is_private(event.room, event.sender) else Kind.GROUP

    async def _said(self, events: Sequence[RoomEvent]) -> list[Event]:
        found = [await self._event(event) for event in events]
        return [event for event in found if event is not None]

    async def _event(self, event: RoomEvent) -> Event | None:
        """Return what the port knows of *event*; raises ChannelAwayError."""
        what = spoken(event, self._config.bot)
        if what is None or not self._is_ours(event.sender) or event.room == self._config.support_room:
            return None
        if await self._rooms.is_private(event.room, event.sender):
            return self._told(event, what.kind, what.text)
        return self._told(event, Kind.GROUP) if what.names_bot else None

    def _told(self, event: RoomEvent, kind: Kind, text: str | None = None) -> Event:
        return Event(
            id=event.id,
            tenant=self._config.server_name,
            account=event.sender,
            room=event.room,
            kind=kind,
            text=text,
            at=event.at,
        )

    def _is_ours(self, user: str) -> bool:
        """Tell whether *user* is of the company's own server: strangers' servers get no answer."""
        return server_of(user) == self._config.server_name


def build(config: Config, tools: Tools) -> MatrixChannel:
    """Return the channel of these settings; raises ConfigError."""
    given = MatrixConfig(
        base_url=config.text("base_url"),
        server_name=config.text("server_name"),
        hs_token=config.secret("hs_token"),
        as_token=config.secret("as_token"),
        localpart=config.optional("localpart") or "rekey",
        service_id=config.optional("service_id") or "rekey",
        people=people_of(config),
        support_room=config.optional("support_room"),
    )
    return MatrixChannel(given, tools)
