"""The channel itself: holds the WebSocket, catches up after losses, answers by REST, believes its buttons."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from yarl import URL

from portal.channels.calls import Calls
from portal.channels.config import Config, Secret, Tools
from portal.channels.mattermost.api import MattermostApi
from portal.channels.mattermost.buttons import Buttons
from portal.channels.mattermost.events import Told, direct, opened, posted, told
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Event,
    Finding,
    Hear,
    Incoming,
    Message,
    NotGenuineError,
    NotReadableError,
    Person,
    Received,
    Target,
)
from portal.channels.reconnecting import Pause, Persistent
from portal.channels.straight import refuse_redirects
from portal.channels.watching import Watch, texts

_CATCH_UP = timedelta(minutes=10)
"""How far back the first connection looks for what was written while rekey was down."""
_OVERLAP = timedelta(seconds=30)
"""How far before the last post a later connection looks: posts may become visible out of order."""
_FRAME_BYTES = 4 * 2**20
_HANDSHAKE_SECONDS = 15.0
_MAX_TEXT = 4000
_MAX_BUTTONS = 9
_MARKUP = re.compile(r"https?://\S+|[\\`*_\[\]<>#|~]")

_log = structlog.get_logger("rekey.channels")


@dataclass(frozen=True, slots=True)
class MattermostConfig:
    """What an operator decides; ``docs/channels/mattermost.md`` explains each."""

    base_url: str
    token: Secret
    callback_url: str = ""
    watch: Watch = Watch()  # noqa: RUF009  frozen, and so shared safely


class MattermostChannel:
    """One bot of one server (Connecting); called by it for buttons (Listening)."""

    name = "mattermost"

    def __init__(self, config: MattermostConfig, tools: Tools, pause: Pause = asyncio.sleep) -> None:
        self._config = config
        self._tools = tools
        self._tenant = URL(config.base_url).host or config.base_url
        refuse_redirects(tools.http)
        self._api = MattermostApi(config.base_url.rstrip("/"), config.token, Calls(tools.http))
        self._buttons = Buttons(config.callback_url, config.token)
        self._last: datetime | None = None
        self.capabilities = Capabilities(
            max_text=_MAX_TEXT, max_buttons=_MAX_BUTTONS if config.callback_url else 0, typing=True
        )
        self.connection = Persistent(self.name, tools.clock, tools.entropy, pause)

    async def listen(self, hear: Hear) -> None:
        """Hold a connection and hand over what people write, until cancelled."""
        await self.connection.hold(lambda: self._connect(hear))

    async def receive(self, incoming: Incoming) -> Received:
        """Believe the press of a button that rekey made for this person in this channel.

        Raises:
            NotGenuineError: it was not made by rekey, or for somebody else.
            NotReadableError: it is not a press.
        """
        if incoming.method != "POST":
            raise NotGenuineError("method")
        return Received([self._buttons.pressed(incoming, self._tenant)], body=b"{}")

    async def send(self, to: Target, message: Message) -> None:
        """Write *message*; the server drops a second one of the same id for half a minute or so.

        Raises:
            ChannelAwayError: it should be tried again.
            ChannelRefusedError: the channel does not take it.
        """
        text = escaped(message.text)
        if message.link is not None:
            text += f"\n\n[{escaped(message.link.title)}]({message.link.url})"
        body: dict[str, Any] = {
            "channel_id": to.room,
            "message": text,
            "pending_post_id": f"{await self._api.me()}:{message.id}",
        }
        if message.buttons:
            actions = self._buttons.actions(tuple(message.buttons), to)
            body["props"] = {"attachments": [{"fallback": "", "actions": actions}]}
        await self._api.post(body)

    async def typing(self, to: Target) -> None:
        """Show for some seconds that an answer is coming."""
        try:
            await self._api.type(to.room)
        except (ChannelAwayError, ChannelRefusedError):
            return

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return the verified address of a user; raises ChannelAwayError."""
        return await self._api.person(account) if tenant == self._tenant else None

    async def check(self) -> Sequence[Finding]:
        """Try the token, the WebSocket and what the bot may see; never raises."""
        where = {"host": self._tenant}
        reachable = Finding(good=True, key="channel.check.reachable", variables=where)
        try:
            await self._api.me()
            await (await self._opened()).close()
            shown = await self._api.shows_addresses()
        except (ChannelAwayError, ChannelRefusedError) as error:
            if error.reason in ("sign_in", "me"):
                return [reachable, Finding(good=False, key="channel.check.not_credentials")]
            return [Finding(good=False, key="channel.check.not_reachable", variables=where)]
        key = "channel.check.directory" if shown else "channel.check.not_directory"
        return [reachable, Finding(good=True, key="channel.check.credentials"), Finding(good=shown, key=key)]

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    async def _connect(self, hear: Hear) -> None:
        """Run one connection to its end; raises ChannelAwayError when it was not a proper one."""
        bot = await self._api.me()
        socket = await self._opened()
        try:
            self.connection.taken_in()
            await self._catch_up(hear, bot)
            await self._read(socket, hear, bot)
        finally:
            await socket.close()

    async def _opened(self) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket and sign in on it; raises ChannelAwayError."""
        url = URL(self._config.base_url.rstrip("/") + "/api/v4/websocket")
        url = url.with_scheme("wss" if url.scheme == "https" else "ws")
        hello = {"seq": 1, "action": "authentication_challenge", "data": {"token": self._config.token()}}
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                socket = await self._tools.http.ws_connect(url, autoping=False, max_msg_size=_FRAME_BYTES)
                try:
                    await socket.send_str(json.dumps(hello))
                    await self._welcomed(socket)
                except BaseException:
                    await socket.close()
                    raise
        except (aiohttp.ClientError, OSError, ValueError):
            raise ChannelAwayError("handshake") from None
        return socket

    async def _welcomed(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for raw in texts(socket, self._config.watch):
            status = _readable(raw).status
            if status == "OK":
                return
            if status == "FAIL":
                break
        raise ChannelAwayError("sign_in")

    async def _catch_up(self, hear: Hear, bot: str) -> None:
        """Hear what was written while no connection stood; the server does not tell it again by itself."""
        since = self._last - _OVERLAP if self._last else self._tools.clock.now() - _CATCH_UP
        for post in await self._api.missed(int(since.timestamp() * 1000)):
            try:
                await self._tell(direct(post, self._tenant, bot), hear)
            except NotReadableError:
                _log.warning("channel_not_readable", channel=self.name)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, hear: Hear, bot: str) -> None:
        expected: int | None = None
        async for raw in texts(socket, self._config.watch):
            found = _readable(raw)
            if found.number is not None:
                if expected is not None and found.number != expected:
                    raise ChannelAwayError("gap")  # the next connection catches up
                expected = found.number + 1
            try:
                await self._tell(_event(found, self._tenant, bot), hear)
            except NotReadableError:
                _log.warning("channel_not_readable", channel=self.name)

    async def _tell(self, event: Event | None, hear: Hear) -> None:
        """Hand over *event*; one that cannot be stored costs the connection, and the next one finds it."""
        if event is None:
            return
        await hear([replace(event, locale=await self._api.locale(event.account))])
        if event.at is not None and (self._last is None or event.at > self._last):
            self._last = event.at


def escaped(text: str) -> str:
    """Return *text* as Markdown that shows it as it is; addresses stay addresses."""
    return _MARKUP.sub(lambda found: found[0] if len(found[0]) > 1 else "\\" + found[0], text)


def _event(found: Told, tenant: str, bot: str) -> Event | None:
    if found.event == "posted":
        return posted(found, tenant, bot)
    if found.event == "direct_added":
        return opened(found, tenant, bot)
    return None


def _readable(raw: str) -> Told:
    """Return what *raw* says, or that nothing was said."""
    try:
        return told(raw)
    except NotReadableError:
        _log.warning("channel_not_readable", channel=MattermostChannel.name)
        return Told("", {}, {}, None)


def build(config: Config, tools: Tools) -> MattermostChannel:
    """Return the channel of these settings; raises ConfigError."""
    given = MattermostConfig(
        base_url=config.text("base_url"),
        token=config.secret("token"),
        callback_url=config.optional("callback_url"),
    )
    return MattermostChannel(given, tools)
