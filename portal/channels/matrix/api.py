"""The few calls of the client-server API that rekey needs, made as the application service's own user."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from portal.channels.calls import Answer, Calls, insist
from portal.channels.config import Secret
from portal.channels.matrix.events import RoomEvent, room_events
from portal.channels.port import ChannelAwayError, ChannelRefusedError, Message

_TYPING_MILLISECONDS = 20_000
_READ_BACK = "30"
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class MatrixApi:
    """Speaks to one homeserver; every method raises ChannelAwayError when it cannot be asked now."""

    base_url: str
    bot: str
    """The full user id, ``@localpart:server``."""
    token: Secret
    """The ``as_token``."""
    calls: Calls

    async def register(self) -> None:
        """Make the bot's account if it is not there; raises ChannelRefusedError if it may not be made."""
        name = self.bot[1:].partition(":")[0]
        body = {"type": "m.login.application_service", "username": name, "inhibit_login": True}
        answer = await self._ask("POST", "register", body)
        if answer.text("errcode") != "M_USER_IN_USE":
            insist(answer, "register")

    async def who_am_i(self) -> str:
        """Return the user id that our token stands for; raises ChannelRefusedError."""
        return insist(await self._ask("GET", "account/whoami"), "whoami").text("user_id")

    async def ping(self, service: str) -> Answer:
        """Have the homeserver call us (Matrix 1.7, appservice ping); any answer that it gives is returned."""
        url = f"{self.base_url}/_matrix/client/v1/appservice/{_part(service)}/ping"
        return await self.calls.once("POST", url, self._headers(), {"transaction_id": "check"})

    async def join(self, room: str) -> None:
        """Join *room*; raises ChannelRefusedError if we may not."""
        insist(await self._ask("POST", f"rooms/{_part(room)}/join", {}), "join")

    async def state(self, room: str) -> Sequence[object]:
        """Return the state events of *room*, as they came, in one answer and so of one moment.

        Raises:
            ChannelAwayError: ``too_long`` for a room of many thousands; no room is without state.
            ChannelRefusedError: we are not in it.
        """
        answer = insist(await self._ask("GET", f"rooms/{_part(room)}/state"), "state")
        if not answer.rows:
            raise ChannelAwayError("state")
        return answer.rows

    async def recent(self, room: str) -> Sequence[RoomEvent]:
        """Return the newest events that we may read in *room*, newest first."""
        query = {"dir": "b", "limit": _READ_BACK}
        answer = await self._ask("GET", f"rooms/{_part(room)}/messages", query=query)
        rows = answer.data.get("chunk")
        return room_events(rows if isinstance(rows, list) else (), room)

    async def say(self, room: str, message: Message) -> None:
        """Send *message*; a second sending with its id is dropped by the homeserver.

        Who is not in the room joins it and tries again: the invitation may have come while rekey was down.

        Raises:
            ChannelRefusedError: the room does not take it.
        """
        path = f"rooms/{_part(room)}/send/m.room.message/{_part(message.id)}"
        answer = await self._ask("PUT", path, content(message))
        if answer.status == _FORBIDDEN:
            await self.join(room)
            answer = await self._ask("PUT", path, content(message))
        insist(answer, "send")

    async def type(self, room: str) -> None:
        """Show that the bot writes."""
        body = {"typing": True, "timeout": _TYPING_MILLISECONDS}
        insist(await self._ask("PUT", f"rooms/{_part(room)}/typing/{_part(self.bot)}", body), "typing")

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        url = f"{self.base_url}/_matrix/client/v3/{path}"
        return await self.calls.ask(method, url, self._headers(), body, query)

    def _headers(self) -> dict[str, str]:
        token = self.token()
        if not token.isascii() or not token.isprintable():
            raise ChannelRefusedError("token")
        return {"Authorization": f"Bearer {token}"}


def content(message: Message) -> dict[str, str]:
    """Return *message* as an m.text event, plain and as HTML in which nothing but the link is markup."""
    plain, rich = message.text, html.escape(message.text).replace("\n", "<br>")
    for number, choice in enumerate(message.buttons, 1):
        plain += f"\n{number}. {choice.title}"
        rich += f"<br>{number}. {html.escape(choice.title)}"
    if message.link is not None:
        plain += f"\n{message.link.title}: {message.link.url}"
        rich += f'<br><a href="{html.escape(message.link.url)}">{html.escape(message.link.title)}</a>'
    return {
        "msgtype": "m.text",
        "body": plain,
        "format": "org.matrix.custom.html",
        "formatted_body": rich,
    }


def _part(word: str) -> str:
    return quote(word, safe="")
