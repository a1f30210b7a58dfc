"""A real Synapse with a channel that it pushes to, and people who write there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from portal.channels.config import Secret, Tools
from portal.channels.matrix import MatrixChannel, MatrixConfig
from portal.channels.matrix.people import People
from portal.channels.port import Target
from tests.peers.matrix_user import MatrixUser
from tests.peers.mounted import Mounted
from tests.peers.synapse import SERVER_NAME, Synapse

BOT = f"@rekey:{SERVER_NAME}"
AS_TOKEN = "as-token"


@dataclass
class House:
    """Synapse, a channel that it pushes to, and what was heard."""

    server: Synapse
    mounted: Mounted
    channel: MatrixChannel
    tools: Tools

    def another(self, as_token: str = AS_TOKEN) -> MatrixChannel:
        """Return a second channel of the same bot."""
        return MatrixChannel(settings(self.server, as_token), self.tools)

    async def chat(self, name: str) -> tuple[MatrixUser, str]:
        """Register *name*, open a chat with the bot and wait until it is in."""
        user = await asyncio.to_thread(self.server.user, name)
        room = await asyncio.to_thread(user.open_chat, BOT)
        await self.joined(user, room)
        return user, room

    async def joined(self, user: MatrixUser, room: str) -> None:
        """Wait until the bot is in *room*, and has said to the channel what it found there."""
        await asyncio.to_thread(user.until, lambda: user.members(room)[BOT] == "join")
        await self.heard(room, 1)

    async def heard(self, room: str, count: int) -> None:
        """Wait until so much was heard in *room*."""
        await self.mounted.until(lambda: len(self.mounted.of(room)) >= count)


def settings(server: Synapse, as_token: str = AS_TOKEN, support_room: str = "") -> MatrixConfig:
    """Return the settings for *server*."""
    return MatrixConfig(
        base_url=server.url,
        server_name=SERVER_NAME,
        hs_token=Secret("hs-token"),
        as_token=Secret(as_token),
        people=People("mail", SERVER_NAME),
        support_room=support_room,
    )


def to(room: str, user: MatrixUser) -> Target:
    """Return where an answer in *room* goes."""
    return Target(SERVER_NAME, user.id, room)
