"""The calls of Feishu's open API that rekey needs, its access token, and which of its errors pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from portal.channels.calls import Answer, Calls
from portal.channels.config import Secret, Tools
from portal.channels.port import ChannelAwayError, ChannelRefusedError
from portal.channels.tokens import Token, Tokens

_TOKEN_REFUSED = frozenset({99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677})
_SIGN_IN = frozenset({10003, 10005, 10012, 10013, 10014, 10015, 10019, 99991543, 99991662, 99991673, 232024})
"""Wrong app id or secret, app switched off: an operator can mend these."""
_PERMISSION = frozenset({99991672, 99991679, 230006, 230027, 41050, 40004, 99992351})
_LATER = frozenset({99991400, 11232, 11233, 11247, 230020, 230049, 1500, 2200, 55000, 50001, 190005})
_TOKEN_SECONDS = 7200


class FeishuApi:
    """Speaks for one app of one tenant."""

    def __init__(self, base_url: str, app_id: str, app_secret: Secret, tools: Tools) -> None:
        """Speak to *base_url* as *app_id*."""
        self._base_url, self._app_id = base_url.rstrip("/"), app_id
        self._calls = Calls(tools.http)
        self._tokens = Tokens(tools.clock, app_secret, self._fetch)

    async def send(self, body: Mapping[str, Any]) -> None:
        """Send one message; raises ChannelAwayError and ChannelRefusedError."""
        await self.ask("POST", "im/v1/messages", body, {"receive_id_type": "chat_id"})

    async def user(self, open_id: str) -> Mapping[str, Any]:
        """Return the directory's entry; raises ChannelAwayError, or ChannelRefusedError if it is unknown."""
        path = f"contact/v3/users/{quote(open_id, safe='')}"
        found = (await self.ask("GET", path, query={"user_id_type": "open_id"})).get("data")
        user = found.get("user") if isinstance(found, dict) else None
        return user if isinstance(user, dict) else {}

    async def bot(self) -> Mapping[str, Any]:
        """Return what Feishu says of the app's bot; raises ChannelAwayError and ChannelRefusedError."""
        found = (await self.ask("GET", "bot/v3/info")).get("bot")
        return found if isinstance(found, dict) else {}

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Call with the tenant's token, and once more with a new one if that was refused.

        Raises:
            ChannelAwayError: to be tried again; reason ``permission`` if a permission lacks.
            ChannelRefusedError: it never will work.
        """
        for last in (False, True):
            token = await self._tokens.get()
            try:
                return await self._once(method, path, token, body, query)
            except ChannelAwayError as away:
                if away.reason != "sign_in" or last:
                    raise
                self._tokens.drop(token)
        raise ChannelAwayError("sign_in")

    async def _once(
        self,
        method: str,
        path: str,
        token: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str] | None,
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._calls.ask(method, f"{self._base_url}/open-apis/{path}", headers, body, query)
        _judge(answer)
        return answer.data

    async def _fetch(self, secret: str) -> Token:
        url = f"{self._base_url}/open-apis/auth/v3/tenant_access_token/internal"
        answer = await self._calls.ask("POST", url, {}, {"app_id": self._app_id, "app_secret": secret})
        try:
            _judge(answer)
        except ChannelRefusedError:
            raise ChannelAwayError("sign_in") from None
        token, seconds = answer.text("tenant_access_token"), answer.data.get("expire")
        if not (token and token.isascii() and token.isprintable()):
            raise ChannelAwayError("not_understood")
        return Token(token, seconds if isinstance(seconds, int) else _TOKEN_SECONDS)


def _judge(answer: Answer) -> None:
    """Return if Feishu did what was asked; raises ChannelAwayError and ChannelRefusedError."""
    code = answer.data.get("code")
    if answer.good and code == 0:
        return
    if not isinstance(code, int):
        raise ChannelAwayError("not_understood")
    if code in _TOKEN_REFUSED or code in _SIGN_IN:
        raise ChannelAwayError("sign_in")
    if code in _PERMISSION:
        raise ChannelAwayError("permission")
    if code in _LATER:
        raise ChannelAwayError("too_many")
    raise ChannelRefusedError("refused")
