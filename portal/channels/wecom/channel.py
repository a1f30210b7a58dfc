"""The channel itself: proves and opens WeCom's requests, answers by its API, asks its directory."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.channels import checking, verify
from portal.channels.aes import open_wecom, wecom_key
from portal.channels.config import Config, ConfigError, Secret, Tools
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Finding,
    Incoming,
    Message,
    NotGenuineError,
    NotReadableError,
    Person,
    Received,
    Target,
)
from portal.channels.reading import optional
from portal.channels.wecom import cards
from portal.channels.wecom.api import WecomApi
from portal.channels.wecom.events import events
from portal.channels.wecom.xml import fields

BASE_URL = "https://qyapi.weixin.qq.com"
_ACTIVE = 1
_NOBODY = "rekey-check"
_UNFINISHED = 10_000


@dataclass(frozen=True, slots=True)
class WecomConfig:
    """What an operator decides; ``docs/channels/wecom.md`` explains each."""

    corp_id: str
    agent_id: int
    secret: Secret
    token: Secret
    aes_key: Secret
    base_url: str = BASE_URL


@dataclass(slots=True)
class _Unfinished:
    """How many parts of a message went out before one failed, so that trying again repeats none."""

    sent: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def note(self, message_id: str, parts: int) -> None:
        """Note that so many parts of the message are out."""
        self.sent[message_id] = parts
        if len(self.sent) > _UNFINISHED:
            self.sent.popitem(last=False)


class WecomChannel:
    """One app of one corporation."""

    name = "wecom"
    capabilities = Capabilities(max_text=cards.MAX_TEXT, max_buttons=cards.MAX_BUTTONS)

    def __init__(self, config: WecomConfig, tools: Tools) -> None:
        """Make the channel; nothing is called yet."""
        self._config, self._tools = config, tools
        self._api = WecomApi(config.base_url, config.corp_id, config.secret, tools)
        self._unfinished = _Unfinished()

    async def receive(self, incoming: Incoming) -> Received:
        """Check the signature over token, time, nonce and envelope, then whom the envelope is meant for.

        A GET is WeCom's check of our address: it wants the opened ``echostr`` back. A POST is answered with
        nothing, which ends WeCom's tries; what rekey says goes by ``message/send``. Source:
        developer.work.weixin.qq.com, "Callback configuration" and "Encryption and decryption".

        Raises:
            NotGenuineError: any of these is missing, wrong, old or another's.
            NotReadableError: it is not what WeCom documents.
            ChannelAwayError: our own key cannot be read at the moment.
        """
        verify.check_size(incoming.body)
        if incoming.method == "GET":
            envelope = verify.header(incoming.query, "echostr")
            self._prove(incoming, envelope)
            return Received(body=self._echo(envelope), content_type="text/plain")
        envelope = _envelope(incoming.body)
        self._prove(incoming, envelope)
        inner = fields(self._opened(envelope))
        if inner.get("ToUserName") != self._config.corp_id:
            raise NotGenuineError("receiver")
        if inner.get("AgentID", "") not in ("", str(self._config.agent_id)):
            raise NotGenuineError("app")
        return Received(events(inner), content_type="text/plain")

    async def send(self, to: Target, message: Message) -> None:
        """Say *message*, as one to three messages of WeCom; those that went out are not repeated.

        Raises:
            ChannelAwayError: to be tried again.
            ChannelRefusedError: it never will work.
        """
        receiver = {"touser": to.account, "agentid": self._config.agent_id}
        done = self._unfinished.sent.pop(message.id, 0)
        for number, part in enumerate(cards.parts(message)):
            if number < done:
                continue
            try:
                await self._api.send({**receiver, **part})
            except ChannelAwayError:
                self._unfinished.note(message.id, number)
                raise

    async def typing(self, to: Target) -> None:
        """Do nothing: WeCom lets no app show that it writes."""

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return the user id, which the corporation gives, and its mailbox; None for who is not active.

        ``email`` is not taken: members may set it themselves.

        Raises:
            ChannelAwayError: WeCom cannot be asked now.
        """
        if tenant != self._config.corp_id:
            return None
        try:
            user = await self._api.ask("GET", "user/get", query={"userid": account})
        except ChannelRefusedError:
            return None
        except ChannelAwayError as away:
            if away.reason == "permission":
                return None
            raise
        if user.get("status") != _ACTIVE:
            return None
        return Person(optional(user, "userid"), optional(user, "biz_mail"))

    async def check(self) -> Sequence[Finding]:
        """Get a token and look at our own app; never raises."""
        address = self._config.base_url
        try:
            agent = await self._api.ask("GET", "agent/get", query={"agentid": str(self._config.agent_id)})
        except (ChannelAwayError, ChannelRefusedError) as error:
            if error.reason == "permission":
                return [Finding(good=False, key="channel.check.address_not_trusted")]
            return checking.failed(address, error)
        if agent.get("close") not in (None, 0):
            return [*checking.signed_in(address), Finding(good=False, key="channel.check.bot_off")]
        clocks = await checking.clock(self._tools.http, address, self._tools.clock.now())
        return [*checking.signed_in(address), *clocks, await self._directory()]

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    async def _directory(self) -> Finding:
        """Ask the directory for nobody: "there is no such person" shows that we may ask."""
        try:
            await self._api.ask("GET", "user/get", query={"userid": _NOBODY})
        except ChannelAwayError:
            return checking.NOT_DIRECTORY
        except ChannelRefusedError:
            pass
        return checking.DIRECTORY

    def _prove(self, incoming: Incoming, envelope: str) -> None:
        given = verify.header(incoming.query, "msg_signature")
        stamp = verify.header(incoming.query, "timestamp")
        nonce = verify.header(incoming.query, "nonce")
        token, sent = self._config.token(), verify.sent_at(stamp)
        parts = "".join(sorted([token, stamp, nonce, envelope]))
        # SHA-1 is what WeCom signs with; the token inside keeps the input secret.
        proof = hashlib.sha1(parts.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
        verify.check_same(proof if token else "", given)
        verify.check_fresh(sent, incoming.at)

    def _echo(self, envelope: str) -> bytes:
        """Return what WeCom's check wants back: the signature of a message must not open that message."""
        opened = self._opened(envelope)
        if opened.lstrip().startswith(b"<"):
            raise NotGenuineError("echo")
        return opened

    def _opened(self, envelope: str) -> bytes:
        try:
            key = wecom_key(self._config.aes_key())
        except ValueError:
            raise ChannelAwayError("aes_key") from None  # a file that is being changed: WeCom tries again
        return open_wecom(envelope, key, self._config.corp_id)


def build(config: Config, tools: Tools) -> WecomChannel:
    """Return the channel of *config*; raises ConfigError for a setting that lacks or cannot be right."""
    agent, aes_key = config.text("agent_id"), config.secret("aes_key")
    if not (agent.isascii() and agent.isdigit()):
        raise ConfigError(config.name, "agent_id")
    try:
        wecom_key(aes_key())
    except ValueError:
        raise ConfigError(config.name, "aes_key") from None
    return WecomChannel(
        WecomConfig(
            corp_id=config.text("corp_id"),
            agent_id=int(agent),
            secret=config.secret("secret"),
            token=config.secret("token"),
            aes_key=aes_key,
            base_url=config.optional("base_url") or BASE_URL,
        ),
        tools,
    )


def _envelope(body: bytes) -> str:
    """Return the part of the body that is signed; raises NotGenuineError if there is none."""
    try:
        return verify.header(fields(body), "Encrypt")
    except NotReadableError:
        raise NotGenuineError("envelope") from None
