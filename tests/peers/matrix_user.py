"""Somebody with a Matrix client: knows the client-server API and nothing of rekey."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

WAIT_SECONDS = 60.0
_SETTLED = ("m.room.message", "m.room.encrypted")


@dataclass
class MatrixUser:
    """One signed-in account."""

    url: str
    id: str
    token: str = field(repr=False)
    _numbers: itertools.count[int] = field(default_factory=itertools.count, repr=False)

    @classmethod
    def register(cls, url: str, name: str, shared: str) -> MatrixUser:
        """Register *name* with the secret that the homeserver shares with its operator."""
        password = "Demo-Passw0rd!"
        nonce = _ask(f"{url}/_synapse/admin/v1/register")["nonce"]
        signed = f"{nonce}\0{name}\0{password}\0notadmin".encode()
        mac = hmac.new(shared.encode(), signed, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac}
        answer = _ask(f"{url}/_synapse/admin/v1/register", "POST", body)
        return cls(url, answer["user_id"], answer["access_token"])

    def open_chat(
        self, *others: str, direct: bool = True, encrypted: bool = False, preset: str = "trusted_private_chat"
    ) -> str:
        """Make a room and invite *others*; return its id."""
        state = [{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
        body = {
            "preset": preset,
            "is_direct": direct,
            "invite": list(others),
            "initial_state": state if encrypted else [],
        }
        return str(self.call("POST", "createRoom", body)["room_id"])

    def say(self, room: str, text: str, **content: object) -> str:
        """Say *text*; return the event's id."""
        return self.put(room, "m.room.message", {"msgtype": "m.text", "body": text, **content})

    def put(self, room: str, kind: str, content: dict[str, Any]) -> str:
        """Put an event of any type into *room*; return its id."""
        path = f"rooms/{_part(room)}/send/{kind}/t{next(self._numbers)}"
        return str(self.call("PUT", path, content)["event_id"])

    def invite(self, room: str, other: str) -> None:
        """Invite *other* to *room*."""
        self.call("POST", f"rooms/{_part(room)}/invite", {"user_id": other})

    def join(self, room: str) -> None:
        """Join *room*."""
        self.call("POST", f"rooms/{_part(room)}/join", {})

    def heard(self, room: str, speaker: str) -> list[dict[str, Any]]:
        """Return the contents of what *speaker* said in *room*, oldest first."""
        rows = self.call("GET", f"rooms/{_part(room)}/messages?dir=b&limit=100")["chunk"]
        said = [row for row in rows if row["type"] in _SETTLED and row["sender"] == speaker]
        return [row["content"] for row in said[::-1]]

    def members(self, room: str) -> dict[str, str]:
        """Return who is in *room* and how (join, invite, leave)."""
        rows = self.call("GET", f"rooms/{_part(room)}/members")["chunk"]
        return {row["state_key"]: row["content"]["membership"] for row in rows}

    def until(self, fact: Callable[[], object]) -> None:
        """Wait until *fact* holds."""
        end = monotonic() + WAIT_SECONDS
        while not fact():
            assert monotonic() < end, "it did not happen"
            sleep(0.05)

    def until_heard(self, room: str, speaker: str, count: int) -> list[dict[str, Any]]:
        """Wait until *speaker* has said *count* things in *room* and return them all."""
        self.until(lambda: len(self.heard(room, speaker)) >= count)
        return self.heard(room, speaker)

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the client-server API; a refusal raises HTTPError."""
        return _ask(f"{self.url}/_matrix/client/v3/{path}", method, body, self.token)


def _ask(url: str, method: str = "GET", body: object = None, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310  loopback
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        found: dict[str, Any] = json.load(response)
    return found


def _part(word: str) -> str:
    return urllib.parse.quote(word, safe="")
