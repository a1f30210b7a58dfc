"""The keys that the Bot Framework signs with, and the channels each of them may speak for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from portal.channels.calls import Calls
from portal.channels.port import ChannelAwayError

FRESH = timedelta(hours=12)
"""After this age the keys are fetched anew; the old ones go on while that fails."""
LONGEST = timedelta(hours=24)
"""Older keys are believed no more (Bot Framework authentication: refresh at least every 24 hours)."""
BETWEEN = timedelta(minutes=5)
"""Between two tries, so that tokens with invented key ids make nobody fetch."""
_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Key:
    """One public key."""

    public: RSAPublicKey
    endorsements: frozenset[str]
    """The channels it is endorsed for; the Bot Framework signs for Teams with those that name ``msteams``."""


class Keys:
    """Fetches the keys by the OpenID metadata and keeps them for a day at most."""

    def __init__(self, openid_url: str, calls: Calls) -> None:
        """Fetch from *openid_url* when they are needed first."""
        self._openid_url, self._calls = openid_url, calls
        self._lock = asyncio.Lock()
        self._keys: Mapping[str, Key] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None

    async def find(self, name: str, at: datetime) -> Key | None:
        """Return the key called *name*, None if there is none at *at*.

        Raises:
            ChannelAwayError: there are no keys that may be believed, and none can be had now.
        """
        if name in self._keys and self._age(at) <= FRESH:
            return self._keys[name]  # without waiting for somebody else's unknown key
        async with self._lock:
            if self._age(at) > FRESH or (name not in self._keys and self._may_try(at)):
                await self._renew(at)
            return self._keys.get(name)

    async def fetch(self) -> Mapping[str, Key]:
        """Return the keys as they are published now; raises ChannelAwayError."""
        metadata = await self._calls.ask("GET", self._openid_url, {})
        address = metadata.text("jwks_uri")
        if not metadata.good or not _is_safe(address, self._openid_url):
            raise ChannelAwayError("metadata")
        published = (await self._calls.ask("GET", address, {})).data.get("keys")
        found = {}
        for row in published if isinstance(published, list) else ():
            if isinstance(row, dict) and isinstance(row.get("kid"), str) and (key := _key(row)) is not None:
                found[row["kid"]] = key
        if not found:
            raise ChannelAwayError("keys")
        return found

    async def _renew(self, at: datetime) -> None:
        if self._age(at) <= LONGEST and not self._may_try(at):
            return
        self._tried = at
        try:
            self._keys, self._fetched = await self.fetch(), at
        except ChannelAwayError:
            if self._age(at) > LONGEST:
                self._keys, self._fetched = {}, None
                raise

    def _age(self, at: datetime) -> timedelta:
        return timedelta.max if self._fetched is None else at - self._fetched

    def _may_try(self, at: datetime) -> bool:
        return self._tried is None or at - self._tried >= BETWEEN


def _is_safe(address: str, beside: str) -> bool:
    """Tell whether *address* is read over TLS; without TLS only where the metadata itself is (in tests)."""
    return address.startswith(("https://", "http://" if beside.startswith("http://") else "https://"))


def _key(row: Mapping[str, Any]) -> Key | None:
    try:
        public = jwt.PyJWK.from_dict(dict(row), algorithm="RS256").key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < _RSA_BITS:
        return None
    endorsed = row.get("endorsements")
    names = endorsed if isinstance(endorsed, list) else ()
    return Key(public, frozenset(name for name in names if isinstance(name, str)))
