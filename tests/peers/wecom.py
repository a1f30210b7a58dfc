"""WeCom, *simulated*: a corporation whose callbacks are made by wechatpy, and its server API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xmltodict
from aiohttp import web
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from portal.channels.port import Incoming
from tests.peers.simulated import Call, Simulated

CORP, AGENT = "ww1234567890abcdef", 1000002


class Wecom(Simulated):
    """One corporation with one app; tokens are ``t-1``, ``t-2`` and so on."""

    def __init__(self) -> None:
        """Make a corporation in which nobody is yet."""
        super().__init__()
        self.token, self.secret = "callback token", "s-1"
        self.aes_key = base64.b64encode(bytes(range(100, 132))).decode().rstrip("=")
        self.users: dict[str, dict[str, Any]] = {}
        self.tokens = 0
        self.trusted = True
        """Whether our address is on the app's list."""

    def person(self, user: str, mail: str, status: int = 1) -> None:
        """Add a member; *mail* is the corporation's mailbox."""
        own = {"email": "postmaster@example.com", "alias": "postmaster"}
        self.users[user.lower()] = {"userid": user, "biz_mail": mail, "status": status, **own}

    def message(self, **fields: object) -> str:
        """Return the XML of a message or event."""
        known = {"ToUserName": CORP, "FromUserName": "E1001", "CreateTime": "1772442000", "AgentID": AGENT}
        text: str = xmltodict.unparse({"xml": {**known, **fields}}, full_document=False)
        return text

    def signed(
        self,
        text: str,
        at: datetime,
        sent: datetime | None = None,
        corp: str = CORP,
        nonce: str = "1372623149",
    ) -> Incoming:
        """Return the callback that arrives at *at* and was signed at *sent*, meant for *corp*."""
        stamp = str(int((sent or at).timestamp()))
        crypto = WeChatCrypto(self.token, self.aes_key, corp)
        made = xmltodict.parse(crypto.encrypt_message(text, nonce, stamp))["xml"]
        outer = {"ToUserName": CORP, "AgentID": AGENT, "Encrypt": made["Encrypt"]}
        body = xmltodict.unparse({"xml": outer}, full_document=False).encode()
        query = {"msg_signature": made["MsgSignature"], "timestamp": stamp, "nonce": nonce}
        return Incoming("POST", {"content-type": "text/xml"}, query, body, at)

    def echo(self, text: str, at: datetime, corp: str = CORP) -> Incoming:
        """Return the request with which WeCom checks the address."""
        crypto = WeChatCrypto(self.token, self.aes_key, corp)
        envelope = PrpCrypto(crypto.key).encrypt(text, corp).decode()
        stamp, nonce = str(int(at.timestamp())), "263014780"
        signature = _get_signature(self.token, stamp, nonce, envelope)
        query = {"msg_signature": signature, "timestamp": stamp, "nonce": nonce, "echostr": envelope}
        return Incoming("GET", {}, query, b"", at)

    def rotate(self, secret: str) -> None:
        """Take *secret* alone from now on, and no token of before."""
        self.secret = secret
        self.expire()

    def expire(self) -> None:
        """Take no token of before."""
        self.tokens += 1

    def counts(self, call: Call) -> bool:
        """Leave signing in alone."""
        return call.path != "/cgi-bin/gettoken"

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Do what a path of the server API does."""
        path = call.path.removeprefix("/cgi-bin/")
        if path == "gettoken":
            return self._token(call)
        if self.locked or call.query.get("access_token") != f"t-{self.tokens}":
            return {"errcode": 42001, "errmsg": "access_token expired"}
        if not self.trusted:
            return {"errcode": 60020, "errmsg": "not allow to access from your ip"}
        if path == "message/send":
            known = call.body["touser"].lower() in self.users
            self.took += [call] if known else []
            return {"errcode": 0, "invaliduser": "" if known else call.body["touser"], "msgid": "m"}
        return self._read(path, call.query)

    def _read(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        if path == "agent/get":
            return {"errcode": 0, "name": "rekey", "close": 0}
        found = self.users.get(query["userid"].lower())
        return {"errcode": 0, **found} if found else {"errcode": 60111, "errmsg": "userid not found"}

    def _token(self, call: Call) -> Mapping[str, Any]:
        if self.locked or call.query != {"corpid": CORP, "corpsecret": self.secret}:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.tokens += 1
        return {"errcode": 0, "access_token": f"t-{self.tokens}", "expires_in": 7200}
