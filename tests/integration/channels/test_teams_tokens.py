"""Teams: tokens that are for others, keys that change, and who else judges them.

The tokens are signed by PyJWT with keys of the simulated Bot Framework. microsoft-agents-hosting-core, which
can only check, accepts the good one; some that it accepts are refused here, for it binds no service address.
"""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from microsoft_agents.hosting.core.authorization.agent_auth_configuration import AgentAuthConfiguration
from microsoft_agents.hosting.core.authorization.jwt import JwtTokenValidator
from microsoft_agents.hosting.core.authorization.jwt.jwt_token_validator import _JwkClientCacheEntry

from portal.channels.port import (
    ChannelAwayError,
    Incoming,
    NotGenuineError,
)
from recovery_core.clock import SystemClock
from tests.integration.channels.shape import NOW
from tests.integration.channels.teams_platform import TeamsPlatform, teams
from tests.peers.simulated import Fault
from tests.peers.teams import APP, ISSUER, TENANT, key_pair

KEYS = "/openid/keys"


@pytest.fixture
async def platform() -> AsyncIterator[TeamsPlatform]:
    """Start an organisation."""
    async with teams() as started:
        yield started


async def refused(platform: TeamsPlatform, incoming: Incoming) -> str:
    """Return why *incoming* is not genuine."""
    with pytest.raises(NotGenuineError) as caught:
        await platform.channel.receive(incoming)
    return caught.value.reason


def request(platform: TeamsPlatform, token: str | None = None, **changes: object) -> Incoming:
    """Return a request with *token* and an activity changed by *changes*."""
    return platform.peer.signed(platform.peer.activity(**changes), platform.clock.now(), token)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"serviceurl": "https://smba.trafficmanager.net/emea/"}, "service_url"),
        ({"serviceurl": None}, "service_url"),
        ({"serviceurl": ["x"]}, "service_url"),
        ({"iss": "https://sts.windows.net/x/"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": None}, "signature"),
        ({"aud": "99999999-2222-3333-4444-555555555555"}, "audience"),
        ({"aud": [APP, "x"]}, "audience"),
        ({"aud": None}, "signature"),
        ({"exp": None}, "signature"),
        ({"exp": "soon"}, "timestamp"),
        ({"exp": True}, "timestamp"),
        ({"nbf": "x"}, "timestamp"),
    ],
)
async def test_a_token_for_somebody_else_is_refused(
    platform: TeamsPlatform, claims: dict[str, Any], reason: str
) -> None:
    """Another service address, issuer, audience or no time: a right signature does not help."""
    assert await refused(platform, request(platform, platform.peer.token(NOW, **claims))) == reason


async def test_the_algorithm_is_ours_to_choose(platform: TeamsPlatform) -> None:
    """Neither none nor HS256 with the public key as the secret is taken, whatever the header says."""
    claims = {"iss": ISSUER, "aud": APP, "serviceurl": platform.peer.service_url, "exp": 2_000_000_000}
    public = key_pair(1).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    none = jwt.encode(claims, None, algorithm="none", headers={"kid": "key-1"})
    assert await refused(platform, request(platform, none + "AA")) == "algorithm"
    assert await refused(platform, request(platform, none)) in ("algorithm", "missing", "signature")
    mixed = _hs256(claims, pem)
    assert await refused(platform, request(platform, mixed)) == "algorithm"
    other = jwt.encode(claims, key_pair(1), algorithm="RS512", headers={"kid": "key-1"})
    assert await refused(platform, request(platform, other)) == "algorithm"


async def test_keys_of_others_are_refused(platform: TeamsPlatform) -> None:
    """A key that is not published, one that is not endorsed for Teams, and a name without its key."""
    peer = platform.peer
    assert await refused(platform, request(platform, peer.token(NOW, {"kid": "key-9"}))) == "key"
    peer.keys["key-1"] = (1, ["msteams"])
    peer.keys["key-2"] = (2, ["webchat"])
    platform.clock.move(timedelta(hours=13))
    at, peer.signing = platform.clock.now(), "key-2"
    assert await refused(platform, request(platform, peer.token(at))) == "endorsement"
    assert await refused(platform, request(platform, peer.token(at, {"kid": "key-1"}))) == "signature"


async def test_the_limits_of_a_token(platform: TeamsPlatform) -> None:
    """Five minutes after its end it is still good, a second later not; the same before its beginning."""
    token = platform.peer.token(NOW)
    for skew in (timedelta(hours=1, minutes=5), -timedelta(minutes=5)):
        incoming = dataclasses.replace(request(platform, token), at=NOW + skew)
        assert (await platform.channel.receive(incoming)).events
    for skew in (timedelta(hours=1, minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)):
        incoming = dataclasses.replace(request(platform, token), at=NOW + skew)
        assert await refused(platform, incoming) == "stale"


async def test_one_token_serves_many_activities(platform: TeamsPlatform) -> None:
    """As the Bot Framework uses it; the same activity again is the same event."""
    token = platform.peer.token(NOW)
    ids = []
    for number in (0, 1, 2, 1):
        received = await platform.channel.receive(request(platform, token, id=str(number)))
        ids += [event.id for event in received.events]
    assert (len(ids), len(set(ids)), ids[3]) == (4, 3, ids[1])


async def test_a_rotated_key_is_fetched(platform: TeamsPlatform) -> None:
    """An unknown key makes us look again, at most every five minutes."""
    peer = platform.peer
    await platform.channel.receive(request(platform))
    peer.keys["key-2"] = (2, ["msteams"])
    peer.signing = "key-2"
    assert await refused(platform, request(platform)) == "key"
    platform.clock.move(timedelta(minutes=5))
    assert (await platform.channel.receive(request(platform))).events
    assert len(peer.asked(KEYS)) == 2


async def test_invented_key_ids_make_nobody_fetch(platform: TeamsPlatform) -> None:
    """A hundred tokens with keys that nobody has lead to one look."""
    for number in range(100):
        token = platform.peer.token(NOW, {"kid": f"invented-{number}"})
        assert await refused(platform, request(platform, token)) == "key"
    assert len(platform.peer.asked(KEYS)) == 1


async def test_keys_are_renewed_in_a_day(platform: TeamsPlatform) -> None:
    """After twelve hours they are fetched anew; while that fails the old ones are good until the 24th."""
    peer = platform.peer
    await platform.channel.receive(request(platform))
    platform.clock.move(timedelta(hours=12))
    await platform.channel.receive(request(platform))
    assert len(peer.asked(KEYS)) == 1
    peer.standing = Fault(503)
    platform.clock.move(timedelta(hours=12))
    await platform.channel.receive(request(platform))
    platform.clock.move(timedelta(minutes=5))
    with pytest.raises(ChannelAwayError):
        await platform.channel.receive(request(platform))
    peer.standing = None
    platform.clock.move(timedelta(minutes=5))
    assert (await platform.channel.receive(request(platform))).events


async def test_without_keys_the_platform_is_told_to_come_back(platform: TeamsPlatform) -> None:
    """Nothing is refused that might be genuine while the keys cannot be had."""
    platform.peer.standing = Fault(503)
    with pytest.raises(ChannelAwayError):
        await platform.channel.receive(request(platform))


async def test_weak_and_odd_keys_are_left_out(platform: TeamsPlatform) -> None:
    """Of the page only RSA keys of 2048 bits or more count."""
    weak = {"kty": "RSA", "kid": "weak", "n": "AQAB" * 32, "e": "AQAB", "endorsements": ["msteams"]}
    rows = [
        weak,
        {"kty": "EC", "kid": "ec"},
        {"kty": "oct", "kid": "o", "k": "aGk"},
        "x",
        {"kid": 1},
        {"kid": "y"},
    ]
    platform.peer.odd_keys += rows
    assert (await platform.channel.receive(request(platform))).events
    assert await refused(platform, request(platform, platform.peer.token(NOW, {"kid": "weak"}))) == "key"


async def test_the_package_of_microsoft_agrees(platform: TeamsPlatform) -> None:
    """Its validator takes the same token and refuses the same damage."""
    peer, now = platform.peer, SystemClock().now()
    validator = JwtTokenValidator(
        AgentAuthConfiguration(client_id=APP, tenant_id=TENANT, client_secret="x", validate_issuer=True)
    )
    uri = "https://login.botframework.com/v1/.well-known/keys"
    published = jwt.PyJWKClient(uri)
    assert published.jwk_set_cache is not None
    published.jwk_set_cache.put({"keys": [peer.published("key-1")]})  # so that it asks nobody
    known = _JwkClientCacheEntry(published, threading.Lock())
    validator._jwk_client_manager._cache[uri] = known
    token = peer.token(now)
    assert (await validator.validate_token(token)).claims["aud"] == APP
    good = dataclasses.replace(request(platform, token), at=now)
    assert (await platform.channel.receive(good)).events
    for wrong in (peer.token(now, aud="x"), peer.token(now, exp=1), token[:-8] + "AAAAAAAA"):
        with pytest.raises((jwt.PyJWTError, ValueError)):
            await validator.validate_token(wrong)
        assert await refused(platform, dataclasses.replace(request(platform, wrong), at=now))


def _hs256(claims: dict[str, Any], secret: bytes) -> str:
    """Return a token signed with a public key as a shared secret; PyJWT itself refuses to make one."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    head = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "key-1"}).encode())
    signed = f"{head}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"


async def test_a_signature_is_written_in_one_way(platform: TeamsPlatform) -> None:
    """Other spellings of the same bytes are refused, or one request could be told many times."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = platform.peer.token(NOW)
    last = alphabet.index(token[-1])
    spellings = [token[:-1] + alphabet[last + more] for more in range(1, 16)]
    for other in (*spellings, token + "=", token + "=="):
        assert await refused(platform, request(platform, other)) == "signature"
