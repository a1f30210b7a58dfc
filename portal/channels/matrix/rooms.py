"""Remembers which rooms are private: rekey and one person, and nobody who reads along or is about to."""

from __future__ import annotations

from collections import OrderedDict

from portal.channels.matrix.api import MatrixApi
from portal.channels.port import ChannelRefusedError

_REMEMBERED = 10_000
_PRIVATE = 2


class Rooms:
    """Asks the homeserver once, and again after somebody came or went."""

    def __init__(self, api: MatrixApi) -> None:
        self._api = api
        self._private: OrderedDict[str, bool] = OrderedDict()

    def forget(self, room: str) -> None:
        """Ask again the next time."""
        self._private.pop(room, None)

    async def is_private(self, room: str) -> bool:
        """Tell whether at most two are in *room* or invited; a room that we may not look into is not private.

        Raises:
            ChannelAwayError: the homeserver cannot be asked now.
        """
        known = self._private.get(room)
        if known is not None:
            self._private.move_to_end(room)
            return known
        try:
            private = len(set(await self._api.members(room))) <= _PRIVATE
        except ChannelRefusedError:
            return False
        self._private[room] = private
        if len(self._private) > _REMEMBERED:
            self._private.popitem(last=False)
        return private
