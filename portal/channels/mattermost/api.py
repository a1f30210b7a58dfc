"""The few calls of Mattermost's REST interface (API v4) that rekey needs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.channels.calls import Answer, Calls, insist
from portal.channels.config import Secret
from portal.channels.port import ChannelAwayError, ChannelRefusedError, Person
from portal.channels.reading import Json, optional

_VOUCHED = frozenset({"ldap", "saml", "office365", "google", "gitlab", "openid"})
"""Sign-in services that tell the server the address; people cannot change it there."""
_REMEMBERED = 1000
_DIRECT = "D"
_PART = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(slots=True)
class MattermostApi:
    """Speaks to one server; every method raises ChannelAwayError when it cannot be asked now."""

    base_url: str
    token: Secret
    calls: Calls
    _me: str = field(default="", init=False)
    _locales: OrderedDict[str, str | None] = field(default_factory=OrderedDict, init=False)

    async def me(self) -> str:
        """Return the bot's own user id; raises ChannelRefusedError if there is none."""
        if not self._me:
            self._me = insist(await self._ask("GET", "users/me"), "me").text("id")
        return self._me

    async def post(self, body: Mapping[str, Any]) -> None:
        """Write a post; raises ChannelRefusedError if the channel does not take it."""
        insist(await self._ask("POST", "posts", body), "post")

    async def type(self, room: str) -> None:
        """Show that the bot writes; raises ChannelRefusedError."""
        insist(await self._ask("POST", f"users/{await self.me()}/typing", {"channel_id": room}), "typing")

    async def missed(self, since: int) -> list[Json]:
        """Return the posts of all direct channels since *since* (milliseconds), oldest first."""
        rows = insist(await self._ask("GET", "users/me/channels"), "channels").rows
        found: list[Json] = []
        for row in rows:
            if isinstance(row, dict) and row.get("type") == _DIRECT and _number(row, "last_post_at") >= since:
                found += await self._posts(str(row.get("id")), since)
        return sorted(found, key=lambda post: _number(post, "create_at"))

    async def locale(self, user: str) -> str | None:
        """Return the language that *user* chose; None if it cannot be asked now: it is worth no failure."""
        if user not in self._locales:
            try:
                found = await self._user(user)
            except (ChannelAwayError, ChannelRefusedError):
                return None
            self._locales[user] = optional(found, "locale")
            if len(self._locales) > _REMEMBERED:
                self._locales.popitem(last=False)
        return self._locales[user]

    async def person(self, user: str) -> Person | None:
        """Return the address that the server or its sign-in service verified; None for nobody and bots."""
        try:
            found = await self._user(user)
        except ChannelRefusedError:
            return None
        if found.get("is_bot") or found.get("delete_at"):
            return None
        vouched = found.get("email_verified") is True or found.get("auth_service") in _VOUCHED
        return Person(mail=optional(found, "email") if vouched else None)

    async def shows_addresses(self) -> bool:
        """Tell whether the server lets the bot see people's addresses."""
        answer = await self._ask("GET", "config/client", query={"format": "old"})
        return answer.good and answer.text("ShowEmailAddress") == "true"

    async def _user(self, user: str) -> Json:
        if not user or not set(user) <= _PART:  # it becomes a part of an address
            raise ChannelRefusedError("user")
        return insist(await self._ask("GET", f"users/{user}"), "user").data

    async def _posts(self, room: str, since: int) -> list[Json]:
        if not room or not set(room) <= _PART:
            return []
        answer = await self._ask("GET", f"channels/{room}/posts", query={"since": str(since)})
        posts = answer.data.get("posts")
        rows = posts.values() if isinstance(posts, dict) else ()
        return [row for row in rows if isinstance(row, dict) and _number(row, "create_at") >= since]

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return await self.calls.ask(method, f"{self.base_url}/api/v4/{path}", headers, body, query)


def _number(row: Json, key: str) -> int:
    found = row.get(key)
    return found if isinstance(found, int) else 0
