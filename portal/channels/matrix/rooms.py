"""Remembers which rooms are private: rekey and one person, nobody else ever, and no way in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from portal.channels.calls import TOO_LONG
from portal.channels.matrix.api import MatrixApi
from portal.channels.port import ChannelAwayError, ChannelRefusedError

_REMEMBERED = 10_000
_BY_INVITATION = "invite"
_FOR_MEMBERS = frozenset({"shared", "invited", "joined"})
"""Histories that only members read. Clients make direct chats with *shared*: who joins later reads all."""
_MEMBER = "m.room.member"
_BY_MAIL = "m.room.third_party_invite"
_RULES = ("m.room.join_rules", "m.room.history_visibility", _BY_MAIL)


class Rooms:
    """Asks the homeserver once what it hears in a room, and again after the room's state changed."""

    def __init__(self, api: MatrixApi) -> None:
        self._api = api
        self._known: OrderedDict[str, str] = OrderedDict()

    def forget(self, room: str) -> None:
        """Ask again the next time."""
        self._known.pop(room, None)

    async def is_private(self, room: str, person: str) -> bool:
        """Tell whether *room* is rekey's and *person*'s alone; one that we may not look into is not.

        Raises:
            ChannelAwayError: the homeserver cannot be asked now.
        """
        if room not in self._known:
            try:
                self._known[room] = await self._ask(room)
            except ChannelRefusedError:
                return False
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(room)
        return self._known[room] == person

    async def is_private_now(self, room: str, person: str) -> bool:
        """Ask the homeserver, whatever is remembered, and join *room* first if we are only invited.

        Raises:
            ChannelAwayError: the homeserver cannot be asked now.
            ChannelRefusedError: we may neither look into it nor join it.
        """
        try:
            return await self._ask(room) == person
        except ChannelRefusedError:
            await self._api.join(room)
        return await self._ask(room) == person

    async def _ask(self, room: str) -> str:
        """Return the only other one in *room*, nothing if it is not private."""
        try:
            return only_other(await self._api.state(room), self._api.bot) or ""
        except ChannelAwayError as away:
            if away.reason == TOO_LONG:  # asked again it would be as long, and hold up everybody else
                return ""
            raise


def opens(kind: str, state_key: str | None, sender: str) -> bool:
    """Tell whether an event of that type may let others into a private room: only its person can send one."""
    return kind in _RULES or (kind == _MEMBER and state_key != sender)


def only_other(state: Sequence[object], bot: str) -> str | None:
    """Return the only one who is in the room of that state besides *bot*, None if it is not private.

    Private means: these two are in it, nobody else ever was or was invited, by mail neither; people come in
    by invitation alone, and only members read. What is not as documented is not private.
    """
    members: dict[str, object] = {}
    rules: dict[str, object] = {}
    for row in state:
        if not isinstance(row, Mapping) or not isinstance(content := row.get("content"), Mapping):
            return None
        kind, key = row.get("type"), row.get("state_key")
        if kind == _MEMBER:
            members[str(key)] = content.get("membership")
        elif kind == _BY_MAIL and content:
            return None
        elif kind in _RULES and key == "":
            rules[str(kind)] = _rule(content)
    if rules.get("m.room.join_rules") != _BY_INVITATION:
        return None
    if rules.get("m.room.history_visibility") not in _FOR_MEMBERS:
        return None
    others = members.keys() - {bot}
    if len(others) != 1 or set(members.values()) != {"join"} or bot not in members:
        return None
    return others.pop()


def _rule(content: Mapping[str, Any]) -> str:
    """Return what the room's rule in *content* is."""
    found = content.get("join_rule", content.get("history_visibility"))
    return found if isinstance(found, str) else ""
