"""The channel itself: proves and opens Feishu's requests, answers by its API, asks its directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from portal.channels import checking, verify
from portal.channels.aes import open_feishu
from portal.channels.config import Config, Secret, Tools
from portal.channels.feishu import cards
from portal.channels.feishu.api import FeishuApi
from portal.channels.feishu.events import events
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
from portal.channels.reading import Json, optional, parsed, part, said

BASE_URL = "https://open.feishu.cn"
_GONE = ("is_resigned", "is_frozen", "is_exited", "is_unjoin")
_ACTIVE = 2
"""``activate_status`` of a bot that may speak."""


@dataclass(frozen=True, slots=True)
class FeishuConfig:
    """What an operator decides; ``docs/channels/feishu.md`` explains each."""

    app_id: str
    app_secret: Secret
    encrypt_key: Secret
    verification_token: Secret
    base_url: str = BASE_URL
    tenant: str = ""
    """The only tenant that is listened to (its ``tenant_key``); empty: whoever installed the app."""


class FeishuChannel:
    """One app with a bot."""

    name = "feishu"
    capabilities = Capabilities(max_text=cards.MAX_TEXT, max_buttons=cards.MAX_BUTTONS, same_id_once=True)

    def __init__(self, config: FeishuConfig, tools: Tools) -> None:
        """Make the channel; nothing is called yet."""
        self._config, self._tools = config, tools
        self._api = FeishuApi(config.base_url, config.app_id, config.app_secret, tools)

    async def receive(self, incoming: Incoming) -> Received:
        """Check the signature over time, nonce and body, open the envelope, compare token, app and tenant.

        Source: open.feishu.cn, "Receive events" (signature and encryption). A request that verifies the
        address comes without a signature; it is answered only with the right key and token.

        Raises:
            NotGenuineError: any of these is missing, wrong, old or another's.
            NotReadableError: it is not what Feishu documents.
        """
        verify.check_size(incoming.body)
        if "x-lark-signature" not in incoming.headers:
            return self._verification(incoming.body)
        self._prove(incoming)
        data = self._opened(incoming.body)
        if data.get("type") == "url_verification":
            return self._challenged(data)
        self._check_sender(part(data, "header"))
        return Received(events(data), body=b"{}")

    async def send(self, to: Target, message: Message) -> None:
        """Say *message*; Feishu drops a second sending of its id within an hour.

        Raises:
            ChannelAwayError: to be tried again.
            ChannelRefusedError: it never will work.
        """
        await self._api.send(cards.body(to.room, message))

    async def typing(self, to: Target) -> None:
        """Do nothing: Feishu lets no app show that it writes."""

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return employee number and company mailbox; None for who left, and without the permission to look.

        ``email`` is not taken: people may set it themselves.

        Raises:
            ChannelAwayError: Feishu cannot be asked now.
        """
        del tenant  # an open id is of this app alone
        try:
            user = await self._api.user(account)
        except ChannelRefusedError:
            return None
        except ChannelAwayError as away:
            if away.reason == "permission":
                return None
            raise
        status = user.get("status")
        gone = isinstance(status, dict) and any(status.get(mark) for mark in _GONE)
        if gone or user.get("open_id") != account:
            return None
        return Person(optional(user, "employee_no"), optional(user, "enterprise_email"))

    async def check(self) -> Sequence[Finding]:
        """Get a token and look at our own bot; never raises."""
        address = self._config.base_url
        try:
            bot = await self._api.bot()
        except (ChannelAwayError, ChannelRefusedError) as error:
            return checking.failed(address, error)
        if bot.get("activate_status") != _ACTIVE:
            return [*checking.signed_in(address), Finding(good=False, key="channel.check.bot_off")]
        clocks = await checking.clock(self._tools.http, address, self._tools.clock.now())
        return [*checking.signed_in(address), *clocks, await self._directory(str(bot.get("open_id", "")))]

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    def _prove(self, incoming: Incoming) -> None:
        stamp = verify.header(incoming.headers, "x-lark-request-timestamp")
        nonce = verify.header(incoming.headers, "x-lark-request-nonce")
        given = verify.header(incoming.headers, "x-lark-signature")
        key, sent = self._config.encrypt_key(), verify.sent_at(stamp)
        proof = hashlib.sha256((stamp + nonce + key).encode(errors="surrogatepass") + incoming.body)
        verify.check_same(proof.hexdigest() if key else "", given)
        verify.check_fresh(sent, incoming.at)

    def _verification(self, body: bytes) -> Received:
        """Answer a request without a signature, which can only be the check of our address.

        Every failure is the same one: telling a wrong padding from a wrong text would open envelopes.
        """
        try:
            return self._challenged(self._opened(body))
        except (NotGenuineError, NotReadableError):
            raise NotGenuineError("missing") from None

    def _challenged(self, data: Json) -> Received:
        verify.check_same("url_verification", _text(data, "type"), "type")
        verify.check_same(self._config.verification_token(), _text(data, "token"), "token")
        return Received(body=json.dumps({"challenge": said(data, "challenge")}).encode())

    def _opened(self, body: bytes) -> Json:
        envelope = _text(parsed(body), "encrypt")
        if not envelope:
            raise NotGenuineError("not_encrypted")
        return parsed(open_feishu(envelope, self._config.encrypt_key()))

    def _check_sender(self, head: Json) -> None:
        verify.check_same(self._config.verification_token(), _text(head, "token"), "token")
        if head.get("app_id") != self._config.app_id:
            raise NotGenuineError("app")
        if self._config.tenant and head.get("tenant_key") != self._config.tenant:
            raise NotGenuineError("tenant")

    async def _directory(self, open_id: str) -> Finding:
        """Look up the bot itself, which no directory lists: any answer but a lack of permission is good."""
        try:
            await self._api.user(open_id)
        except ChannelAwayError:
            return checking.NOT_DIRECTORY
        except ChannelRefusedError:
            pass
        return checking.DIRECTORY


def build(config: Config, tools: Tools) -> FeishuChannel:
    """Return the channel of *config*; raises ConfigError for a setting that lacks."""
    return FeishuChannel(
        FeishuConfig(
            app_id=config.text("app_id"),
            app_secret=config.secret("app_secret"),
            encrypt_key=config.secret("encrypt_key"),
            verification_token=config.secret("verification_token"),
            base_url=config.optional("base_url") or BASE_URL,
            tenant=config.optional("tenant"),
        ),
        tools,
    )


def _text(data: Json, key: str) -> str:
    found = data.get(key)
    return found if isinstance(found, str) else ""
