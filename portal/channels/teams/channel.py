"""The channel itself: proves activities, answers by the connector they came from, asks Graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.channels import checking, verify
from portal.channels.calls import Calls
from portal.channels.config import Config, Secret, Tools
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Finding,
    Incoming,
    Message,
    NotGenuineError,
    Person,
    Received,
    Target,
)
from portal.channels.reading import Json, optional, parsed
from portal.channels.teams import cards
from portal.channels.teams.api import TeamsApi, origin
from portal.channels.teams.events import CHANNEL, events, tenant_of
from portal.channels.teams.keys import Keys
from portal.channels.teams.proof import ISSUER, claims

OPENID_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
LOGIN_URL = "https://login.microsoftonline.com"
GRAPH_URL = "https://graph.microsoft.com"
SERVICES = ("https://smba.trafficmanager.net", "https://*.botframework.com", "https://*.teams.microsoft.com")
"""Where Teams' connectors are; ``trafficmanager.net`` as a whole is anybody's."""


@dataclass(frozen=True, slots=True)
class TeamsConfig:
    """What an operator decides; ``docs/channels/teams.md`` explains each."""

    app_id: str
    tenant_id: str
    client_secret: Secret
    openid_url: str = OPENID_URL
    issuer: str = ISSUER
    login_url: str = LOGIN_URL
    graph_url: str = GRAPH_URL
    services: tuple[str, ...] = SERVICES


class TeamsChannel:
    """One bot of one organisation."""

    name = "teams"
    capabilities = Capabilities(max_text=cards.MAX_TEXT, max_buttons=cards.MAX_BUTTONS, typing=True)

    def __init__(self, config: TeamsConfig, tools: Tools) -> None:
        """Make the channel; nothing is called yet."""
        self._config, self._tools = config, tools
        self._keys = Keys(config.openid_url, Calls(tools.http))
        self._api = TeamsApi(
            config.login_url, config.graph_url, config.app_id, config.tenant_id, config.client_secret, tools
        )

    async def receive(self, incoming: Incoming) -> Received:
        """Check the token, that it is for this service address and channel, and that the tenant is ours.

        Raises:
            NotGenuineError: any of these is missing, wrong or old.
            NotReadableError: it is not what the Bot Framework documents.
            ChannelAwayError: the keys cannot be fetched now.
        """
        verify.check_size(incoming.body)
        bearer = verify.header(incoming.headers, "authorization")
        config = self._config
        proven = await claims(bearer, incoming.at, self._keys, config.app_id, config.issuer, CHANNEL)
        activity = parsed(incoming.body)
        if activity.get("channelId") != CHANNEL:
            raise NotGenuineError("channel")
        self._check_service(activity, proven)
        tenant = tenant_of(activity)
        verify.check_same(config.tenant_id.lower(), tenant.lower(), "tenant")
        return Received(events(activity, tenant))

    async def send(self, to: Target, message: Message) -> None:
        """Say *message*; raises ChannelAwayError and ChannelRefusedError."""
        self._check_target(to)
        await self._api.say(to, cards.activity(to, message))

    async def typing(self, to: Target) -> None:
        """Show that an answer is coming; a failure shows nothing and is no matter."""
        try:
            self._check_target(to)
            await self._api.say(to, cards.typing(to))
        except (ChannelAwayError, ChannelRefusedError):
            return

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return mail address and employee id by Graph; None for guests and disabled accounts.

        Raises:
            ChannelAwayError: Graph cannot be asked now.
        """
        if tenant.lower() != self._config.tenant_id.lower():
            return None
        try:
            user = await self._api.user(account)
        except ChannelRefusedError:
            return None
        except ChannelAwayError as away:
            if away.reason == "permission":
                return None
            raise
        if user.get("accountEnabled") is not True or user.get("userType") == "Guest":
            return None
        return Person(optional(user, "employeeId"), optional(user, "mail"))

    async def check(self) -> Sequence[Finding]:
        """Sign in, fetch the keys and read the directory; never raises."""
        login, openid = self._config.login_url, self._config.openid_url
        try:
            await self._api.sign_in()
        except ChannelAwayError as away:
            return checking.failed(login, away)
        try:
            await self._keys.fetch()
        except ChannelAwayError as away:
            return [*checking.signed_in(login), *checking.failed(openid, away)]
        clocks = await checking.clock(self._tools.http, login, self._tools.clock.now())
        return [*checking.signed_in(login), *clocks, await self._directory()]

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    def _check_service(self, activity: Json, proven: Json) -> None:
        """Refuse a token of another service address, and addresses not of Teams: our own token goes there."""
        named = optional(activity, "serviceUrl") or ""
        claimed = proven.get("serviceurl", proven.get("serviceUrl"))
        verify.check_same(claimed if isinstance(claimed, str) else "", named, "service_url")
        if not self._is_service(named):
            raise NotGenuineError("service_url")

    def _check_target(self, to: Target) -> None:
        if not self._is_service(to.address.get("service_url", "")):
            raise ChannelRefusedError("service_url")

    def _is_service(self, url: str) -> bool:
        found = origin(url)
        return bool(found) and any(_matches(found, allowed) for allowed in self._config.services)

    async def _directory(self) -> Finding:
        try:
            await self._api.directory()
        except (ChannelAwayError, ChannelRefusedError):
            return checking.NOT_DIRECTORY
        return checking.DIRECTORY


def build(config: Config, tools: Tools) -> TeamsChannel:
    """Return the channel of *config*; raises ConfigError for a setting that lacks."""
    services = tuple(
        part.strip().rstrip("/") for part in config.optional("services").split(",") if part.strip()
    )
    return TeamsChannel(
        TeamsConfig(
            app_id=config.text("app_id"),
            tenant_id=config.text("tenant_id"),
            client_secret=config.secret("client_secret"),
            openid_url=config.optional("openid_url") or OPENID_URL,
            issuer=config.optional("issuer") or ISSUER,
            login_url=config.optional("login_url") or LOGIN_URL,
            graph_url=config.optional("graph_url") or GRAPH_URL,
            services=services or SERVICES,
        ),
        tools,
    )


def _matches(found: str, allowed: str) -> bool:
    """Tell whether an origin is *allowed*, which may begin its host with ``*.``."""
    scheme, _, host = allowed.partition("://")
    if not host.startswith("*."):
        return found == allowed
    return found.startswith(f"{scheme}://") and found.endswith(host[1:])
