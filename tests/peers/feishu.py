"""Feishu, *simulated*: an organisation whose events are encrypted with PyCryptodome, and its open API.

lark-oapi can open envelopes and check signatures, not make them: ``test_feishu.py`` has it judge these.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from portal.channels.port import Incoming
from tests.peers.simulated import Call, Simulated

APP, TENANT = "cli_rekey", "tenant-1"
_IV = bytes(range(16))


class Feishu(Simulated):
    """One organisation with one app; tokens are ``t-1``, ``t-2`` and so on."""

    def __init__(self) -> None:
        """Make an organisation in which nobody is yet."""
        super().__init__()
        self.encrypt_key, self.verification_token, self.app_secret = (
            "encrypt key",
            "verification token",
            "s-1",
        )
        self.users: dict[str, dict[str, Any]] = {}
        self.tokens = 0
        self.may_read_directory = True

    def person(self, open_id: str, number: str, mail: str, **status: bool) -> None:
        """Add somebody; *mail* is the company's mailbox."""
        own = {"email": "postmaster@example.com", "nickname": "postmaster"}
        known = {"open_id": open_id, "employee_no": number, "enterprise_email": mail, "status": status}
        self.users[open_id] = {**known, **own}

    def event(self, kind: str, inner: Mapping[str, Any], event_id: str = "ev-1", **header: object) -> bytes:
        """Return the JSON that tells *inner*."""
        head = {
            "event_id": event_id,
            "event_type": kind,
            "create_time": "1772442000000",
            "token": self.verification_token,
            "app_id": APP,
            "tenant_key": TENANT,
        }
        return json.dumps({"schema": "2.0", "header": {**head, **header}, "event": inner}).encode()

    def sealed(self, plain: bytes) -> bytes:
        """Return the body with *plain* in an envelope."""
        key = hashlib.sha256(self.encrypt_key.encode()).digest()
        data = AES.new(key, AES.MODE_CBC, _IV).encrypt(pad(plain, AES.block_size))
        return json.dumps({"encrypt": base64.b64encode(_IV + data).decode()}).encode()

    def signed(self, body: bytes, at: datetime, sent: datetime | None = None, nonce: str = "n-1") -> Incoming:
        """Return the request that arrives at *at* and was signed at *sent*."""
        stamp = str(int((sent or at).timestamp()))
        proof = hashlib.sha256(f"{stamp}{nonce}{self.encrypt_key}".encode() + body).hexdigest()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-lark-request-timestamp": stamp,
            "x-lark-request-nonce": nonce,
            "x-lark-signature": proof,
        }
        return Incoming("POST", headers, {}, body, at)

    def rotate(self, secret: str) -> None:
        """Take *secret* alone from now on, and no token of before."""
        self.app_secret = secret
        self.expire()

    def expire(self) -> None:
        """Take no token of before."""
        self.tokens += 1

    def counts(self, call: Call) -> bool:
        """Leave signing in alone."""
        return not call.path.endswith("/internal")

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Do what a path of the open API does."""
        path = call.path.removeprefix("/open-apis/")
        if path == "auth/v3/tenant_access_token/internal":
            return self._token(call)
        if self.locked or call.bearer != f"t-{self.tokens}":
            return web.json_response({"code": 99991663, "msg": "Invalid access token"}, status=400)
        if path == "bot/v3/info":
            return {"code": 0, "bot": {"activate_status": 2, "app_name": "rekey", "open_id": "ou_bot"}}
        if path.startswith("contact/v3/users/"):
            return self._user(path.rpartition("/")[2])
        if path == "im/v1/messages":
            self.took.append(call)
            return {"code": 0, "data": {"message_id": "om_1"}}
        return web.json_response({"code": 404}, status=404)

    def _token(self, call: Call) -> Mapping[str, Any]:
        if self.locked or call.body != {"app_id": APP, "app_secret": self.app_secret}:
            return {"code": 10014, "msg": "app secret invalid"}
        self.tokens += 1
        return {"code": 0, "tenant_access_token": f"t-{self.tokens}", "expire": 7200}

    def _user(self, open_id: str) -> Mapping[str, Any] | web.Response:
        if not self.may_read_directory:
            return web.json_response({"code": 99991672, "msg": "Access denied"}, status=400)
        if open_id not in self.users:
            return web.json_response({"code": 41012, "msg": "user id invalid error"}, status=400)
        return {"code": 0, "data": {"user": self.users[open_id]}}
