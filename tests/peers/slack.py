"""Slack, *simulated*: a workspace that signs with slack-sdk, and the few methods that rekey calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from portal.channels.port import Incoming
from tests.peers.simulated import Call, Simulated

TEAM, BOT = "T0REKEY01", "U0REKEYBOT"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Slack(Simulated):
    """One workspace with one app."""

    def __init__(self) -> None:
        """Make a workspace in which nobody is yet."""
        super().__init__()
        self.signing_secret = "8f742231b10e8888abcd99yyyzzz85a5"
        self.token = "xoxb-1"
        self.users: dict[str, dict[str, Any]] = {}
        self.scopes = {"chat:write", "users:read", "users:read.email"}

    def person(self, user: str, mail: str, **marks: object) -> None:
        """Add somebody whose address the workspace confirmed."""
        known = {"id": user, "team_id": TEAM, "deleted": False, "is_bot": False, "is_email_confirmed": True}
        self.users[user] = {
            **known,
            "profile": {"email": mail, "display_name": "postmaster@example.com"},
            **marks,
        }

    def event(self, inner: Mapping[str, Any], event_id: str = "Ev1") -> bytes:
        """Return the body that tells *inner*."""
        me = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True}
        data = {"token": "deprecated", "team_id": TEAM, "api_app_id": "A1", "type": "event_callback"}
        return json.dumps({**data, "event": inner, "event_id": event_id, "authorizations": [me]}).encode()

    def pressed(self, user: str, room: str, value: str | None, stamp: str) -> bytes:
        """Return the form that tells a pressed button; a followed link has no value."""
        action = {"type": "button", "action_id": "choice-0", "block_id": "b", "action_ts": stamp}
        data = {
            "type": "block_actions",
            "user": {"id": user, "username": "x", "team_id": TEAM},
            "team": {"id": TEAM, "domain": "x"},
            "channel": {"id": room, "name": "directmessage"},
            "actions": [action if value is None else action | {"value": value}],
        }
        return urlencode({"payload": json.dumps(data)}).encode()

    def signed(self, body: bytes, at: datetime, sent: datetime | None = None, kind: str = JSON) -> Incoming:
        """Return the request that arrives at *at* and was signed at *sent*."""
        stamp = str(int((sent or at).timestamp()))
        signature = SignatureVerifier(self.signing_secret).generate_signature(timestamp=stamp, body=body)
        assert signature is not None
        headers = {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": signature}
        return Incoming("POST", headers, {}, body, at)

    def rotate(self, token: str) -> None:
        """Take *token* alone from now on."""
        self.token = token

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Do what a method of the Web API does."""
        if self.locked or call.bearer != self.token:
            return {"ok": False, "error": "invalid_auth"}
        match call.path:
            case "/auth.test":
                return {"ok": True, "team_id": TEAM, "user_id": BOT, "bot_id": "B1"}
            case "/users.info" if "users:read" not in self.scopes:
                return {"ok": False, "error": "missing_scope", "needed": "users:read"}
            case "/users.info":
                return self._user(call.query["user"])
            case "/chat.postMessage":
                self.took.append(call)
                return {"ok": True, "channel": call.body["channel"], "ts": "1.1"}
        return {"ok": False, "error": "unknown_method"}

    def _user(self, user: str) -> Mapping[str, Any]:
        if user == BOT:
            return {"ok": True, "user": {"id": BOT, "is_bot": True, "team_id": TEAM}}
        if user not in self.users:
            return {"ok": False, "error": "user_not_found"}
        return {"ok": True, "user": self.users[user]}
