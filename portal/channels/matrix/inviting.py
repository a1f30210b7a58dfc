"""Accepts invitations and reads what was said before rekey was in the room.

Many clients make a chat only when its first line is written, and send that line straight after the
invitation. The homeserver pushes nothing of a room that the service is not in yet (tried with Synapse), so
that line is read back. The transaction with the invitation is answered only afterwards: if it cannot be done
now, the homeserver sends it again. (To ask for open invitations by ``/sync`` is no way: Synapse answers that
with 500 to an application service.)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from portal.channels.matrix.api import MatrixApi
from portal.channels.matrix.events import RoomEvent, since_invitation
from portal.channels.port import ChannelAwayError, ChannelRefusedError

_TRIES = 5
"""A room that cannot be joined so often is given up: it must not hold up everybody else's transactions."""
_REMEMBERED = 1000


class Invitations:
    """Joins rooms for the bot."""

    def __init__(self, api: MatrixApi) -> None:
        self._api = api
        self._registered = False
        self._failed: OrderedDict[str, int] = OrderedDict()

    async def accept(self, room: str) -> Sequence[RoomEvent]:
        """Join *room*; return the invitation and what was said after it, oldest first, or nothing if refused.

        Raises:
            ChannelAwayError: the invitation should be sent again.
        """
        try:
            if not self._registered:
                await self._api.register()
                self._registered = True
            await self._api.join(room)
            found = since_invitation(await self._api.recent(room), self._api.bot)
        except ChannelRefusedError:  # the invitation was taken back
            return ()
        except ChannelAwayError:
            if self._count(room) < _TRIES:
                raise
            return ()
        self._failed.pop(room, None)
        return found

    def _count(self, room: str) -> int:
        self._failed[room] = self._failed.get(room, 0) + 1
        if len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)
        return self._failed.get(room, 0)
