"""The channel itself: holds the Stream connection, stores before it acknowledges, answers by REST."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import structlog
from yarl import URL

from portal.channels.calls import Calls
from portal.channels.config import Config, Secret, Tools
from portal.channels.dingtalk.api import DingTalkApi
from portal.channels.dingtalk.frames import Frame, event, frame
from portal.channels.dingtalk.saying import template
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    Finding,
    Hear,
    Message,
    NotReadableError,
    Person,
    Target,
)
from portal.channels.reconnecting import Pause, Persistent
from portal.channels.straight import refuse_redirects
from portal.channels.watching import Watch, ended, texts

_AT_ONCE = 200
"""Messages that are being stored at the same moment; they share transactions."""
_FRAME_BYTES = 2**20
_HANDSHAKE_SECONDS = 15.0
_MAX_TEXT = 2000
_NOBODY = "0"

_log = structlog.get_logger("rekey.channels")


@dataclass(frozen=True, slots=True)
class DingTalkConfig:
    """What an operator decides; ``docs/channels/dingtalk.md`` explains each."""

    client_id: str
    client_secret: Secret
    robot_code: str = ""
    corp_id: str = ""
    base_url: str = "https://api.dingtalk.com"
    directory_url: str = "https://oapi.dingtalk.com"
    watch: Watch = Watch()  # noqa: RUF009  frozen, and so shared safely


class DingTalkChannel:
    """One robot of one organisation (Connecting)."""

    name = "dingtalk"
    capabilities = Capabilities(max_text=_MAX_TEXT, max_buttons=9, buttons_say_numbers=True)

    def __init__(self, config: DingTalkConfig, tools: Tools, pause: Pause = asyncio.sleep) -> None:
        self._config = config
        self._http = tools.http
        refuse_redirects(tools.http)
        self._api = DingTalkApi(
            base_url=config.base_url.rstrip("/"),
            directory_url=config.directory_url.rstrip("/"),
            client_id=config.client_id,
            client_secret=config.client_secret,
            robot_code=config.robot_code or config.client_id,
            clock=tools.clock,
            calls=Calls(tools.http),
        )
        self.connection = Persistent(self.name, tools.clock, tools.entropy, pause)

    async def listen(self, hear: Hear) -> None:
        """Hold a connection and hand over what people say, until cancelled."""
        await self.connection.hold(lambda: self._connect(hear))

    async def send(self, to: Target, message: Message) -> None:
        """Say *message* to the person in their chat with the robot, wherever they wrote.

        The platform knows no id of ours, so a repeated sending may be seen twice.

        Raises:
            ChannelAwayError: it should be tried again.
            ChannelRefusedError: the person has left, or shut the robot out.
        """
        await self._api.say(to.account, *template(message))

    async def typing(self, to: Target) -> None:
        """Do nothing: a robot cannot show that it writes."""

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return job number and the organisation's mail address of a staff id; raises ChannelAwayError."""
        if self._config.corp_id and tenant != self._config.corp_id:
            return None
        return await self._api.person(account)

    async def check(self) -> Sequence[Finding]:
        """Try the credentials, a connection's ticket and the directory; never raises."""
        host = URL(self._config.base_url).host or self._config.base_url
        reachable = Finding(good=True, key="channel.check.reachable", variables={"host": host})
        self._api.forget()  # the credentials are tried, not what they once gave
        try:
            await self._api.token()
            await self._api.open()
        except ChannelAwayError as away:
            if away.reason == "sign_in":
                return [reachable, Finding(good=False, key="channel.check.not_credentials")]
            return [Finding(good=False, key="channel.check.not_reachable", variables={"host": host})]
        return [reachable, Finding(good=True, key="channel.check.credentials"), await self._asked()]

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    async def _asked(self) -> Finding:
        """Ask the directory for nobody: "there is no such person" shows that we may ask."""
        try:
            await self._api.person(_NOBODY)
        except ChannelAwayError:
            return Finding(good=False, key="channel.check.not_directory")
        return Finding(good=True, key="channel.check.directory")

    async def _connect(self, hear: Hear) -> None:
        """Run one connection to its end; raises ChannelAwayError when it was not a proper one."""
        endpoint, ticket = await self._api.open()
        socket = await self._opened(endpoint, ticket)
        storing: set[asyncio.Task[None]] = set()
        try:
            self.connection.taken_in()
            await self._read(socket, hear, storing)
        finally:
            await ended(storing)
            await socket.close()

    async def _opened(self, endpoint: str, ticket: str) -> aiohttp.ClientWebSocketResponse:
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                return await self._http.ws_connect(
                    URL(endpoint).update_query(ticket=ticket), autoping=False, max_msg_size=_FRAME_BYTES
                )
        except (aiohttp.ClientError, OSError, ValueError):  # their texts name the address, and so the ticket
            raise ChannelAwayError("handshake") from None

    async def _read(
        self, socket: aiohttp.ClientWebSocketResponse, hear: Hear, storing: set[asyncio.Task[None]]
    ) -> None:
        """Hand over frames until the connection ends; *storing* are those being worked on."""
        room = asyncio.Semaphore(_AT_ONCE)
        async for raw in texts(socket, self._config.watch):
            found = _readable(raw)
            if found is None:
                continue
            if found.is_message:
                await room.acquire()
                task = asyncio.create_task(self._message(socket, found, hear, room))
                storing.add(task)
                task.add_done_callback(storing.discard)
                continue
            await _acknowledge(socket, found)
            if found.is_disconnect:
                return

    async def _message(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        found: Frame,
        hear: Hear,
        room: asyncio.Semaphore,
    ) -> None:
        """Store what was said, then acknowledge; what could not be stored is left to be sent again."""
        try:
            said = event(found, self._config.corp_id)
            if said is not None:
                await hear([said])
        except NotReadableError:
            _log.warning("channel_not_readable", channel=self.name)
        except Exception as error:  # noqa: BLE001  one message must not cost the connection
            _log.warning("channel_not_stored", channel=self.name, reason=type(error).__name__)
            return
        finally:
            room.release()
        await _acknowledge(socket, found)


def _readable(raw: str) -> Frame | None:
    try:
        return frame(raw)
    except NotReadableError:
        _log.warning("channel_not_readable", channel=DingTalkChannel.name)
        return None


async def _acknowledge(socket: aiohttp.ClientWebSocketResponse, found: Frame) -> None:
    with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # it will be sent again, and dropped
        await socket.send_str(found.acknowledgement())


def build(config: Config, tools: Tools) -> DingTalkChannel:
    """Return the channel of these settings; raises ConfigError."""
    given = DingTalkConfig(
        client_id=config.text("client_id"),
        client_secret=config.secret("client_secret"),
        robot_code=config.optional("robot_code"),
        corp_id=config.optional("corp_id"),
        base_url=config.text("base_url"),
        directory_url=config.text("directory_url"),
    )
    return DingTalkChannel(given, tools)
