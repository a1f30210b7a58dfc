"""The channel itself: proves the homeserver, turns transactions into events, accepts invitations, answers."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from portal.channels.calls import Calls
from portal.channels.config import Config, Secret, Tools
from portal.channels.matrix.api import MatrixApi
from portal.channels.matrix.checking import findings
from portal.channels.matrix.events import (
    RoomEvent,
    is_invitation,
    membership,
    server_of,
    since_invitation,
    spoken,
    transaction,
)
from portal.channels.matrix.people import NOBODY, People, people_of
from portal.channels.matrix.rooms import Rooms
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Event,
    Finding,
    Hear,
    Incoming,
    Kind,
    Message,
    NotGenuineError,
    Person,
    Received,
    Target,
)
from portal.channels.reconnecting import Pause, Persistent

_APP = ("_matrix", "app", "v1")
_MAX_TEXT = 8000
"""Characters: an event may have 65,536 bytes, and a text stands in it twice, with escapes."""
_WAITING_INVITATIONS = 1000
_UNKNOWN = Received(status=404, body=b'{"errcode":"M_UNRECOGNIZED","error":"unknown"}')
_NOT_FOUND = Received(status=404, body=b'{"errcode":"M_NOT_FOUND","error":"not found"}')
_LATER = Received(status=503, body=b'{"errcode":"M_UNKNOWN","error":"later"}')
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
    """The service of one homeserver: called by it (Listening), and accepting invitations (Connecting)."""

    name = "matrix"
    capabilities = Capabilities(max_text=_MAX_TEXT, max_buttons=0, typing=True, same_id_once=True)

    def __init__(self, config: MatrixConfig, tools: Tools, pause: Pause = asyncio.sleep) -> None:
        self._config = config
        self._api = MatrixApi(config.base_url.rstrip("/"), config.bot, config.as_token, Calls(tools.http))
        self._rooms = Rooms(self._api)
        self._invited: asyncio.Queue[str] = asyncio.Queue(_WAITING_INVITATIONS)
        self.connection = Persistent(self.name, tools.clock, tools.entropy, pause)

    async def receive(self, incoming: Incoming) -> Received:
        """Check the homeserver's token (constant time) and read its transaction.

        Raises:
            NotGenuineError: the token is missing or wrong.
            NotReadableError: the transaction is none.
        """
        self._prove(incoming.headers.get("authorization", ""))
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

    async def listen(self, hear: Hear) -> None:
        """Accept invitations until cancelled, also those that came while nobody listened."""
        await self.connection.hold(lambda: self._accept_all(hear))

    async def send(self, to: Target, message: Message) -> None:
        """Say *message* in the room; its id makes the homeserver drop a second sending.

        Raises:
            ChannelAwayError: it should be tried again.
            ChannelRefusedError: the room does not take it.
        """
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

    def _prove(self, header: str) -> None:
        scheme, _, given = header.partition(" ")
        expected = self._config.hs_token()
        if not given:
            raise NotGenuineError("no_token")
        right = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
        if not expected or scheme.lower() != "bearer" or not right:
            raise NotGenuineError("wrong_token")

    async def _transaction(self, events: Sequence[RoomEvent]) -> Received:
        for event in events:
            self._notice(event)
        try:
            found = [await self._event(event) for event in events]
        except ChannelAwayError:  # we cannot tell who reads along: the homeserver shall send it again
            return _LATER
        return Received(tuple(event for event in found if event is not None), body=b"{}")

    def _notice(self, event: RoomEvent) -> None:
        """Remember that somebody came or went, and who invites us."""
        if membership(event) is None:
            return
        self._rooms.forget(event.room)
        if is_invitation(event, self._config.bot) and self._is_ours(event.sender):
            self._expect(event.room)

    def _expect(self, room: str) -> None:
        if not self._invited.full():  # what is left out is found when the connection begins anew
            self._invited.put_nowait(room)

    async def _event(self, event: RoomEvent) -> Event | None:
        """Return what the port knows of *event*; raises ChannelAwayError."""
        what = spoken(event, self._config.bot)
        if what is None or not self._is_ours(event.sender) or event.room == self._config.support_room:
            return None
        if await self._rooms.is_private(event.room):
            reason = {"refused": "encrypted"} if what.encrypted else {}
            return self._told(event, what.kind, what.text, reason)
        return self._told(event, Kind.GROUP) if what.names_bot else None

    def _told(
        self, event: RoomEvent, kind: Kind, text: str | None = None, address: dict[str, str] | None = None
    ) -> Event:
        return Event(
            id=event.id,
            tenant=self._config.server_name,
            account=event.sender,
            room=event.room,
            kind=kind,
            text=text,
            at=event.at,
            address=address or {},
        )

    def _is_ours(self, user: str) -> bool:
        """Tell whether *user* is of the company's own server: strangers' servers get no answer."""
        return server_of(user) == self._config.server_name

    async def _accept_all(self, hear: Hear) -> None:
        await self._api.register()
        for room in await self._api.invitations():
            self._expect(room)
        self.connection.taken_in()
        while True:
            room = await self._invited.get()
            try:
                await self._accept(room, hear)
            except Exception:
                self._expect(room)
                raise

    async def _accept(self, room: str, hear: Hear) -> None:
        """Join *room* and hear what was said before we were in, which the homeserver does not push to us."""
        try:
            await self._api.join(room)
        except ChannelRefusedError:  # the invitation was taken back
            return
        if room == self._config.support_room:
            return
        happened = since_invitation(await self._api.recent(room), self._config.bot)
        events = [await self._event(event) for event in happened]
        heard = [event for event in events if event is not None]
        await hear(heard or await self._hello(room, happened))

    async def _hello(self, room: str, happened: Sequence[RoomEvent]) -> list[Event]:
        """Return that somebody opened a chat with us, or added us to a group."""
        kind = Kind.HELLO if await self._rooms.is_private(room) else Kind.GROUP
        invited = [event for event in happened if is_invitation(event, self._config.bot)]
        return [self._told(event, kind) for event in invited if self._is_ours(event.sender)]


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
