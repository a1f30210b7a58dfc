"""Buttons whose press only the server to which they were given can report, for one person in one channel."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from portal.channels.config import Secret
from portal.channels.port import Choice, Event, Incoming, Kind, NotGenuineError, Target
from portal.channels.reading import optional, parsed, part, word

_PURPOSE = b"rekey mattermost button"


class Buttons:
    """Makes the actions of a message, and believes a press only with the value that it put there.

    Mattermost signs no press. The value goes from server to server and is shown to no client; it covers the
    button, the person and the channel. It is keyed with the bot's token: a rotated token ends old buttons.
    """

    def __init__(self, callback_url: str, key: Secret) -> None:
        self._url = callback_url
        self._key = key

    def actions(self, choices: tuple[Choice, ...], to: Target) -> list[dict[str, Any]]:
        """Return the actions of an attachment; their ids may hold letters and digits only."""
        return [
            {
                "id": f"choice{number}",
                "type": "button",
                "name": choice.title,
                "integration": {
                    "url": self._url,
                    "context": {"button": choice.id, "proof": self._proof(choice.id, to.account, to.room)},
                },
            }
            for number, choice in enumerate(choices, 1)
        ]

    def pressed(self, incoming: Incoming, tenant: str) -> Event:
        """Return the press that the server reports.

        Raises:
            NotGenuineError: its value is missing, or was made for another button, person or channel.
            NotReadableError: it is not a press.
        """
        body = parsed(incoming.body)
        account, room, context = word(body, "user_id"), word(body, "channel_id"), part(body, "context")
        button, proof = word(context, "button"), optional(context, "proof")
        if proof is None:
            raise NotGenuineError("no_proof")
        if not hmac.compare_digest(proof.encode(), self._proof(button, account, room).encode()):
            raise NotGenuineError("wrong_proof")
        return Event(
            id=f"press-{self._one_press(body, button)}",
            tenant=tenant,
            account=account,
            room=room,
            kind=Kind.BUTTON,
            button=button,
            at=incoming.at,
        )

    def _proof(self, button: str, account: str, room: str) -> str:
        key = hmac.digest(self._key().encode(), _PURPOSE, hashlib.sha256)
        return hmac.digest(key, f"{button}\n{account}\n{room}".encode(), hashlib.sha256).hex()

    def _one_press(self, body: Mapping[str, Any], button: str) -> str:
        """Return what differs between two presses: the trigger's id, which the server makes for each."""
        trigger = body.get("trigger_id")
        words = (str(optional(body, "post_id")), button, trigger if isinstance(trigger, str) else "")
        return hashlib.sha256("\n".join(words).encode("utf-8", "replace")).hexdigest()
