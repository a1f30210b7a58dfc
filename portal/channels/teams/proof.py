"""Checks the token that comes with each activity (Bot Framework, "Authenticate requests to your bot").

The token does not cover the body: what proves the body is TLS, and the token is bound to one service address.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
from jwt.types import Options

from portal.channels.port import NotGenuineError
from portal.channels.teams.keys import Key, Keys
from portal.channels.verify import WINDOW

ISSUER = "https://api.botframework.com"
_MAX_TOKEN = 16 * 1024
_OPTIONS: Options = {
    "require": ["exp", "iss", "aud"],
    "strict_aud": True,
    "verify_exp": False,  # below, by our own clock
    "verify_nbf": False,
    "verify_iat": False,
}
_ODD = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


async def claims(
    authorization: str, at: datetime, keys: Keys, audience: str, issuer: str, channel: str
) -> Mapping[str, Any]:
    """Return the claims of the bearer token in *authorization*, each of which is then proven.

    Raises:
        NotGenuineError: no token, another algorithm than RS256, an unknown key or one not endorsed for
            *channel*, a wrong signature, issuer or audience, or a time that is over or not yet begun.
        ChannelAwayError: the keys cannot be fetched now.
    """
    token = _bearer(authorization)
    key = await keys.find(_key_name(token), at)
    if key is None:
        raise NotGenuineError("key")
    proven = _proven(token, key, audience, issuer)
    if channel not in key.endorsements:
        raise NotGenuineError("endorsement")
    _check_time(proven, at)
    return proven


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii() or len(token) > _MAX_TOKEN:
        raise NotGenuineError("missing")
    if not _is_canonical(token.rpartition(".")[2]):
        raise NotGenuineError("signature")
    return token


def _is_canonical(signature: str) -> bool:
    """Tell whether this is the one way to write the signature: decoders take others for the same bytes."""
    try:
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError:
        return False
    return base64.urlsafe_b64encode(raw).decode().rstrip("=") == signature


def _key_name(token: str) -> str:
    """Return the id of the key; the algorithm is ours to choose: a token with another is refused."""
    try:
        head = jwt.get_unverified_header(token)
    except _ODD:
        raise NotGenuineError("token") from None
    name = head.get("kid")
    if head.get("alg") != "RS256" or not isinstance(name, str):
        raise NotGenuineError("algorithm")
    return name


def _proven(token: str, key: Key, audience: str, issuer: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(
            token, key.public, algorithms=["RS256"], audience=audience, issuer=issuer, options=_OPTIONS
        )
    except jwt.InvalidAudienceError:
        raise NotGenuineError("audience") from None
    except jwt.InvalidIssuerError:
        raise NotGenuineError("issuer") from None
    except _ODD:
        raise NotGenuineError("signature") from None


def _check_time(proven: Mapping[str, Any], at: datetime) -> None:
    now, leeway = at.timestamp(), WINDOW.total_seconds()
    begins = _seconds(proven.get("nbf", 0))
    if now > _seconds(proven["exp"]) + leeway or now < begins - leeway:
        raise NotGenuineError("stale")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise NotGenuineError("timestamp")
    return value
