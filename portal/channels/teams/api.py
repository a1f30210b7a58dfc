"""The calls of the connector and of Graph that rekey needs, with one token for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from portal.channels.calls import Answer, Calls
from portal.channels.config import Secret, Tools
from portal.channels.port import ChannelAwayError, ChannelRefusedError, Target
from portal.channels.tokens import Token, Tokens

CONNECTOR_SCOPE = "https://api.botframework.com/.default"
_LATER = frozenset({412})
"""Teams documents 412 as a failure that passes."""
_FORBIDDEN = 403
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)
"""No user, query, fragment, escape or backslash: connectors' addresses need none."""
_TOKEN_SECONDS = 3600


class TeamsApi:
    """Speaks for one bot of one organisation."""

    def __init__(
        self, login_url: str, graph_url: str, app_id: str, tenant_id: str, secret: Secret, tools: Tools
    ) -> None:
        """Sign in at *login_url* as *app_id* of *tenant_id*."""
        self._login_url = f"{login_url.rstrip('/')}/{quote(tenant_id, safe='')}/oauth2/v2.0/token"
        self._graph_url, self._app_id = graph_url.rstrip("/"), app_id
        self._calls = Calls(tools.http)
        self._connector = Tokens(tools.clock, secret, lambda key: self._fetch(key, CONNECTOR_SCOPE))
        scope = f"{self._graph_url}/.default"
        self._graph = Tokens(tools.clock, secret, lambda key: self._fetch(key, scope))

    async def say(self, to: Target, activity: Mapping[str, Any]) -> None:
        """Post *activity* into the chat; raises ChannelAwayError and ChannelRefusedError.

        Whoever calls has checked that the service address is one of Teams'.
        """
        base = to.address.get("service_url", "").rstrip("/")
        url = f"{base}/v3/conversations/{quote(to.room, safe='')}/activities"
        answer = await self._ask(self._connector, "POST", url, activity)
        if answer.status in _LATER:
            raise ChannelAwayError("failed")
        if not answer.good:
            raise ChannelRefusedError(f"status_{answer.status}")

    async def user(self, account: str) -> Mapping[str, Any]:
        """Return Graph's entry of an Entra object id.

        Raises:
            ChannelAwayError: to be tried again; ``permission`` if User.Read.All was not granted.
            ChannelRefusedError: there is no such person.
        """
        if not _OBJECT_ID.fullmatch(account):
            raise ChannelRefusedError("no_object_id")
        return await self._read(f"users/{account}", "mail,employeeId,accountEnabled,userType")

    async def directory(self) -> None:
        """Read one entry; raises as :meth:`user`."""
        await self._read("users", "id", {"$top": "1"})

    async def sign_in(self) -> None:
        """Get a token for the connector; raises ChannelAwayError."""
        await self._connector.get()

    async def _read(self, path: str, fields: str, more: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        url = f"{self._graph_url}/v1.0/{path}"
        answer = await self._ask(self._graph, "GET", url, None, {"$select": fields, **(more or {})})
        if answer.status == _FORBIDDEN:
            raise ChannelAwayError("permission")
        if not answer.good:
            raise ChannelRefusedError("unknown")
        return answer.data

    async def _ask(
        self,
        tokens: Tokens,
        method: str,
        url: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call with the token, and once more with a new one if that was refused."""
        for last in (False, True):
            token = await tokens.get()
            try:
                return await self._calls.ask(method, url, {"Authorization": f"Bearer {token}"}, body, query)
            except ChannelAwayError as away:
                if away.reason != "sign_in" or last:
                    raise
                tokens.drop(token)
        raise ChannelAwayError("sign_in")

    async def _fetch(self, secret: str, scope: str) -> Token:
        """Sign in by the client's secret (RFC 6749 4.4)."""
        form = {"grant_type": "client_credentials", "client_id": self._app_id, "scope": scope}
        answer = await self._calls.ask("POST", self._login_url, {}, form={**form, "client_secret": secret})
        token, seconds = answer.text("access_token"), answer.data.get("expires_in")
        if not answer.good:
            raise ChannelAwayError("sign_in")
        if not (token and token.isascii() and token.isprintable()):
            raise ChannelAwayError("not_understood")
        return Token(token, seconds if isinstance(seconds, int) else _TOKEN_SECONDS)


def origin(url: str) -> str:
    """Return scheme, host and port of *url*; empty for all that two readers might read differently."""
    if not _ADDRESS.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}"
