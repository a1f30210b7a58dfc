"""A company with a Matrix homeserver beside rekey, and somebody who writes to the bot there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.matrix_user import MatrixUser
from tests.peers.synapse import SERVER_NAME, Synapse, synapse
from tests.ports import free_port
from tests.whole.system import System, on_sqlite

BOT = f"@rekey:{SERVER_NAME}"
AS_TOKEN, HS_TOKEN = "as-token-of-the-whole", "hs-token-of-the-whole"
_FORM = re.compile(r"https?://\S+/secure/\S+")


@dataclass
class Talker:
    """One person in one chat with the bot."""

    user: MatrixUser
    room: str
    seen: int = 0
    """How much of what the bot said was read."""

    @classmethod
    def opens(cls, server: Synapse, name: str) -> Talker:
        """Register *name*, open a chat with the bot and wait for its greeting."""
        user = server.user(name)
        talker = cls(user, user.open_chat(BOT))
        talker.until(len)
        return talker

    def said(self) -> list[str]:
        """Return everything that the bot said here."""
        return [str(content["body"]) for content in self.user.heard(self.room, BOT)]

    def until(self, fits: Callable[[str], object]) -> str:
        """Wait for something new of the bot that fits, and return it; all up to it counts as read."""
        found: list[str] = []

        def came() -> bool:
            said = self.said()
            found[:] = [text for text in said[self.seen :] if fits(text)]
            if found:
                self.seen = self.seen + said[self.seen :].index(found[0]) + 1
            return bool(found)

        self.user.until(came)
        return found[0]

    def form(self) -> str:
        """Wait for the link to a secure page, and return it."""
        return _FORM.findall(self.until(_FORM.search))[0]

    def say(self, text: str) -> str:
        """Write *text*; return the event's id."""
        return self.user.say(self.room, text)


@dataclass
class MatrixCompany:
    """A running rekey, its homeserver and a room of the support team."""

    system: System
    server: Synapse
    supporter: MatrixUser
    support_room: str
    secrets: list[str] = field(default_factory=list)
    """What must be in no file of the homeserver."""


@contextmanager
def matrix_company(folder: Path) -> Iterator[MatrixCompany]:
    """Run both; the bot is invited to the support room once rekey is there to accept."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with synapse(f"{address}/channels/matrix", AS_TOKEN, HS_TOKEN) as server:
        supporter = server.user("support")
        room = supporter.open_chat(direct=False)
        settings = {
            "REKEY_PORT": str(port),
            "REKEY_CHANNELS": "matrix",
            "REKEY_MATRIX_BASE_URL": server.url,
            "REKEY_MATRIX_SERVER_NAME": SERVER_NAME,
            "REKEY_MATRIX_AS_TOKEN": AS_TOKEN,
            "REKEY_MATRIX_HS_TOKEN": HS_TOKEN,
            "REKEY_MATRIX_PEOPLE": "mail",
            "REKEY_MATRIX_MAIL_DOMAIN": SERVER_NAME,
            "REKEY_MATRIX_DOMAINS": SERVER_NAME,
            "REKEY_MATRIX_SUPPORT_ROOM": room,
        }
        with on_sqlite(folder, **settings) as system:
            supporter.invite(room, BOT)
            supporter.until(lambda: supporter.members(room).get(BOT) == "join")
            yield MatrixCompany(system, server, supporter, room)
