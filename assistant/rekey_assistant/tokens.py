"""Check the signed requests of the portal."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import jwt
import orjson

AUDIENCE = "rekey-gateway"
LIFETIME = 60
_CLAIMS = ["iat", "exp", "jti", "sub", "aud", "bh"]
_SHORTEST_KEY = 32
_HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
"""``{"alg":"HS256","typ":"JWT"}``, as PyJWT writes it, and the dot after it."""


class Refused(Exception):  # noqa: N818  the outcome of a check
    """The signature, the times or the body do not fit."""


class Replayed(Exception):  # noqa: N818  the outcome of a check
    """The token was used before."""


class TokenCheck:
    """Accepts each token once, within its lifetime, for the body it names."""

    def __init__(self, key: str, now: Callable[[], float] | None = None) -> None:
        """Check with *key*; *now* tells the time in seconds since the epoch.

        Raises:
            ValueError: the key is shorter than 32 characters.

        """
        if len(key) < _SHORTEST_KEY:
            raise ValueError("gateway_key_too_short")
        # The assistant has no Clock port: it decides nothing but whether a token is fresh.
        self._key, self._now = key, now or time.time  # noqa: TID251
        self._secret = key.encode()
        self._used: OrderedDict[str, float] = OrderedDict()

    def check(self, header: str, body: bytes) -> str:
        """Return the conversation that the token was made for.

        Raises:
            Refused: no token, a wrong signature, expired, living longer than 60 s, or made for another body.
            Replayed: the token was accepted before.

        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Refused
        try:
            claims = self._usual(token) or self._decoded(token)
            issued, expires = float(claims["iat"]), float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused from error
        now = self._now()
        if not issued - LIFETIME <= now < expires or expires - issued > LIFETIME:
            raise Refused
        if not hmac.compare_digest(str(claims["bh"]).encode(), hashlib.sha256(body).hexdigest().encode()):
            raise Refused
        self._use(str(claims["jti"]), expires, now)
        return str(claims["sub"])

    def _decoded(self, token: str) -> dict[str, Any]:
        return dict(
            jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False},
            )
        )

    def _usual(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a token just as the portal makes it, None for any other: PyJWT judges that.

        PyJWT takes half a millisecond to consider what a token might be; this one is always the same.
        """
        signed, _, signature = token.rpartition(".")
        payload = signed[len(_HEADER) :]
        plain = token.isascii() and payload.replace("-", "").replace("_", "").isalnum()
        if not plain or not signed.startswith(_HEADER):
            return None
        expected = urlsafe_b64encode(hmac.digest(self._secret, signed.encode(), "sha256")).rstrip(b"=")
        if not hmac.compare_digest(expected, signature.encode()):
            return None
        try:
            claims = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except ValueError:
            return None
        usual = type(claims) is dict and claims.keys() == set(_CLAIMS) and claims["aud"] == AUDIENCE
        texts = usual and all(type(claims[name]) is str for name in ("sub", "jti"))
        return claims if texts else None

    def _use(self, token_id: str, expires: float, now: float) -> None:
        while self._used and next(iter(self._used.values())) <= now:
            self._used.popitem(last=False)
        if token_id in self._used:
            raise Replayed
        self._used[token_id] = expires
