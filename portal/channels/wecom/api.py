"""The calls of WeCom's server API that rekey needs, its access token, and which of its errors pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.channels.calls import Answer, Calls
from portal.channels.config import Secret, Tools
from portal.channels.port import ChannelAwayError, ChannelRefusedError
from portal.channels.tokens import Token, Tokens

_TOKEN_REFUSED = frozenset({40014, 41001, 42001, 42007, 42009})
_SIGN_IN = frozenset({40001, 40013, 40056, 40091, 41002, 41004, 50001, 301002})
"""Wrong corporation, secret or agent: an operator can mend these."""
_PERMISSION = frozenset({48001, 48002, 48004, 60011, 60020, 60030})
"""60020: our address is not on the app's list of trusted ones."""
_LATER = frozenset({-1, 6000, 45007, 45009, 45033, 46003, 50002, 90002})
_TOKEN_SECONDS = 7200


class WecomApi:
    """Speaks for one app of one corporation."""

    def __init__(self, base_url: str, corp_id: str, secret: Secret, tools: Tools) -> None:
        """Speak to *base_url* as *corp_id*."""
        self._base_url, self._corp_id = base_url.rstrip("/"), corp_id
        self._calls = Calls(tools.http)
        self._tokens = Tokens(tools.clock, secret, self._fetch)

    async def send(self, body: Mapping[str, Any]) -> None:
        """Send one message; raises ChannelAwayError, and ChannelRefusedError if nobody is there to get it."""
        answer = await self.ask("POST", "message/send", body)
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise ChannelRefusedError("gone")

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Call with the token, and once more with a new one if that was refused.

        Raises:
            ChannelAwayError: to be tried again; ``permission`` if a permission or trusted address lacks.
            ChannelRefusedError: it never will work.
        """
        for last in (False, True):
            token = await self._tokens.get()
            url = f"{self._base_url}/cgi-bin/{path}"
            answer = await self._calls.ask(method, url, {}, body, {**(query or {}), "access_token": token})
            if answer.data.get("errcode") in _TOKEN_REFUSED and not last:
                self._tokens.drop(token)
                continue
            _judge(answer)
            return answer.data
        raise ChannelAwayError("sign_in")

    async def _fetch(self, secret: str) -> Token:
        query = {"corpid": self._corp_id, "corpsecret": secret}
        answer = await self._calls.ask("GET", f"{self._base_url}/cgi-bin/gettoken", {}, query=query)
        try:
            _judge(answer)
        except ChannelRefusedError:
            raise ChannelAwayError("sign_in") from None
        token, seconds = answer.text("access_token"), answer.data.get("expires_in")
        if not token:
            raise ChannelAwayError("not_understood")
        return Token(token, seconds if isinstance(seconds, int) else _TOKEN_SECONDS)


def _judge(answer: Answer) -> None:
    """Return if WeCom did what was asked; raises ChannelAwayError and ChannelRefusedError."""
    code = answer.data.get("errcode")
    if not isinstance(code, int):
        raise ChannelAwayError("not_understood")
    if code == 0:
        return
    if code in _SIGN_IN or code in _TOKEN_REFUSED:
        raise ChannelAwayError("sign_in")
    if code in _PERMISSION:
        raise ChannelAwayError("permission")
    if code in _LATER:
        raise ChannelAwayError("too_many")
    raise ChannelRefusedError("refused")
