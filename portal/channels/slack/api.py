"""The calls of Slack's Web API that rekey needs, and which of its errors pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.channels.calls import Calls
from portal.channels.config import Secret
from portal.channels.port import ChannelAwayError, ChannelRefusedError

_SIGN_IN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_expired", "token_revoked", "missing_scope"}
    | {"no_permission", "org_login_required", "access_denied", "not_allowed_token_type", "ekm_access_denied"}
)
"""An operator can mend these, so that nothing is lost."""
_LATER = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"}
    | {"request_timeout", "team_added_to_org", "accesslimited", "message_limit_exceeded"}
)


@dataclass(frozen=True, slots=True)
class SlackApi:
    """Speaks to one workspace; the token is read anew at each call."""

    base_url: str
    token: Secret
    calls: Calls

    async def ask(
        self,
        method: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Call *method*; methods that read take a *query*, those that write a *body*.

        Raises:
            ChannelAwayError: to be tried again, once an operator has mended the token where that is it.
            ChannelRefusedError: it never will work; the reason is Slack's own word for it.
        """
        token = self.token()
        if not (token.isascii() and token.isprintable() and token):
            raise ChannelAwayError("sign_in")
        answer = await self.calls.ask(
            "POST" if query is None else "GET",
            f"{self.base_url}/{method}",
            {"Authorization": f"Bearer {token}", "Accept": "application/json"},
            (body or {}) if query is None else None,
            query,
        )
        if answer.data.get("ok") is True:
            return answer.data
        error = answer.text("error")
        if error in _SIGN_IN:
            raise ChannelAwayError("permission" if error == "missing_scope" else "sign_in")
        if error in _LATER or not error:
            raise ChannelAwayError(error or "not_understood")
        raise ChannelRefusedError(error if error.replace("_", "").isalnum() else "refused")
