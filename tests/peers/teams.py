"""Teams, *simulated*: the Bot Framework's keys and tokens (PyJWT), a connector, Entra's sign-in and Graph.

microsoft-agents can check tokens, not make them: ``test_teams_tokens.py`` has it judge these.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.channels.port import Incoming
from tests.peers.simulated import Call, Simulated

APP = "11111111-2222-3333-4444-555555555555"
TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
BOT = f"28:{APP}"
ISSUER = "https://api.botframework.com"


@cache
def key_pair(number: int) -> rsa.RSAPrivateKey:
    """Return a key, the same for the whole run: making one takes a while."""
    assert number >= 0
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Teams(Simulated):
    """One organisation with one bot; access tokens are ``t-1``, ``t-2`` and so on."""

    def __init__(self) -> None:
        """Make an organisation in which nobody is yet."""
        super().__init__()
        self.keys: dict[str, tuple[int, list[str]]] = {"key-1": (1, ["msteams", "skype"])}
        """Key id, number of the key pair, endorsements."""
        self.odd_keys: list[object] = []
        """Rows that stand on the key page too."""
        self.signing = "key-1"
        self.secret = "s-1"
        self.users: dict[str, dict[str, Any]] = {}
        self.tokens = 0
        self.good: set[str] = set()
        """Access tokens that are taken."""
        self.may_read_directory = True

    @property
    def service_url(self) -> str:
        """The address of the connector."""
        return f"{self.url}/emea/"

    def person(self, object_id: str, mail: str, number: str, **more: object) -> None:
        """Add somebody to the directory."""
        known = {"mail": mail, "employeeId": number, "accountEnabled": True, "userType": "Member"}
        self.users[object_id] = {**known, **more}

    def activity(self, **more: object) -> dict[str, Any]:
        """Return a message of a person to the bot, changed by *more*."""
        known = {
            "type": "message",
            "id": "1485983408511",
            "timestamp": "2026-03-02T09:00:00.123Z",
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": "29:1E1001", "name": "postmaster", "aadObjectId": object_id("E1001")},
            "conversation": {"conversationType": "personal", "id": "a:chat-E1001", "tenantId": TENANT},
            "recipient": {"id": BOT, "name": "rekey"},
            "textFormat": "plain",
            "text": "I forgot my password",
            "locale": "zh-CN",
            "channelData": {"tenant": {"id": TENANT}},
        }
        return {**known, **more}

    def token(self, at: datetime, head: Mapping[str, Any] | None = None, **claims: object) -> str:
        """Return a token that is good for an hour from *at*, changed by *head* and *claims*."""
        now = int(at.timestamp())
        known = {"iss": ISSUER, "aud": APP, "serviceurl": self.service_url, "nbf": now, "exp": now + 3600}
        pair = key_pair(self.keys[self.signing][0])
        made = {name: value for name, value in {**known, **claims}.items() if value is not None}
        return jwt.encode(made, pair, algorithm="RS256", headers={"kid": self.signing, **(head or {})})

    def signed(self, activity: Mapping[str, Any], at: datetime, token: str | None = None) -> Incoming:
        """Return the request that arrives at *at*."""
        bearer = f"Bearer {token or self.token(at)}"
        body = json.dumps(activity).encode()
        return Incoming("POST", {"content-type": "application/json", "authorization": bearer}, {}, body, at)

    def rotate(self, secret: str) -> None:
        """Take *secret* alone from now on, and no token of before."""
        self.secret = secret
        self.expire()

    def expire(self) -> None:
        """Take no token of before."""
        self.good.clear()

    def counts(self, call: Call) -> bool:
        """Leave signing in and the keys alone."""
        return "/oauth2/" not in call.path and not call.path.startswith("/openid")

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Do what one of Microsoft's four services does."""
        if call.path == "/openid":
            return {"issuer": ISSUER, "jwks_uri": f"{self.url}/openid/keys"}
        if call.path == "/openid/keys":
            return {"keys": [*self.odd_keys, *(self.published(name) for name in self.keys)]}
        if call.path == f"/{TENANT}/oauth2/v2.0/token":
            return self._token(call)
        if self.locked or call.bearer not in self.good:
            return web.json_response({"error": {"code": "InvalidAuthenticationToken"}}, status=401)
        if call.path.startswith("/v1.0/users"):
            return self._user(call.path.removeprefix("/v1.0/users").strip("/"))
        self.took += [call] if call.body["type"] == "message" else []
        return web.json_response({"id": "1:1"}, status=201)

    def published(self, name: str) -> Mapping[str, Any]:
        """Return the public half of a key as the key page shows it."""
        number, endorsements = self.keys[name]
        numbers = key_pair(number).public_key().public_numbers()
        parts = {"n": _encoded(numbers.n), "e": _encoded(numbers.e)}
        return {"kty": "RSA", "use": "sig", "kid": name, **parts, "endorsements": endorsements}

    def _token(self, call: Call) -> Mapping[str, Any] | web.Response:
        wanted = {"grant_type": "client_credentials", "client_id": APP, "client_secret": self.secret}
        if self.locked or not wanted.items() <= call.body.items():
            return web.json_response({"error": "invalid_client"}, status=401)
        self.tokens += 1
        self.good.add(f"t-{self.tokens}")
        return {"token_type": "Bearer", "expires_in": 3600, "access_token": f"t-{self.tokens}"}

    def _user(self, object_id: str) -> Mapping[str, Any] | web.Response:
        if not self.may_read_directory:
            return web.json_response({"error": {"code": "Authorization_RequestDenied"}}, status=403)
        if not object_id:
            return {"value": []}
        if object_id not in self.users:
            return web.json_response({"error": {"code": "Request_ResourceNotFound"}}, status=404)
        return self.users[object_id]


def object_id(number: str) -> str:
    """Return the Entra object id of the person with that employee number."""
    return f"00000000-0000-0000-0000-0000000{number.encode().hex()[-5:]}"


def _encoded(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
