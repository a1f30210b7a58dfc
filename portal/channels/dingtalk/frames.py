"""Reads the frames of a Stream connection, and the robot's messages in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from portal.channels.port import Event, Kind, NotReadableError
from portal.channels.reading import Json, moment, optional, parsed, part, said, word

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
"""What we subscribe to: everything that people say to the robot."""
SUBSCRIPTIONS = ({"type": "CALLBACK", "topic": ROBOT_TOPIC},)
_PRIVATE = "1"
"""``conversationType`` of a chat between one person and the robot; "2" is a group."""
_OK = 200
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of the platform on the connection."""

    type: str
    topic: str
    message_id: str
    """What an acknowledgement names; a redelivery may have another one."""
    headers: Json = field(repr=False)
    data: str = field(repr=False)

    @property
    def is_disconnect(self) -> bool:
        """Tell whether the platform is about to close the connection, in order that we open another."""
        return self.type == "SYSTEM" and self.topic == "disconnect"

    @property
    def is_message(self) -> bool:
        """Tell whether somebody said something to the robot."""
        return self.type == "CALLBACK" and self.topic == ROBOT_TOPIC

    def acknowledgement(self) -> str:
        """Return the answer after which the platform does not send the frame again."""
        headers, data, code = {"contentType": "application/json", "messageId": self.message_id}, "", _OK
        if self.type == "SYSTEM":
            data = self.data  # a ping is answered with what it brought
        elif self.type == "EVENT":
            data = json.dumps({"status": "SUCCESS", "message": "OK"})
        else:
            data = json.dumps({"response": None})
            code = _OK if self.is_message else _NOT_FOUND
        return json.dumps({"code": code, "headers": headers, "message": "OK", "data": data})


def frame(raw: str) -> Frame:
    """Return the frame in *raw*; raises NotReadableError."""
    found = parsed(raw)
    headers, data = part(found, "headers"), found.get("data")
    return Frame(
        type=word(found, "type"),
        topic=word(headers, "topic"),
        message_id=word(headers, "messageId"),
        headers=headers,
        data=data if isinstance(data, str) else "",
    )


def event(of: Frame, corp_id: str) -> Event | None:
    """Return what a person said; None for who has no staff id or is of another organisation than *corp_id*.

    Only ``senderStaffId`` says who it is: the directory gave it. ``senderNick`` is what the person likes to
    be called, and ``sessionWebhook`` is an address that the message brings along: neither is read.

    Raises:
        NotReadableError: it is not a robot's message.
    """
    message = parsed(of.data)
    staff, tenant = optional(message, "senderStaffId"), optional(message, "senderCorpId") or corp_id
    if staff is None or not tenant or (corp_id and tenant != corp_id):
        return None
    is_private = word(message, "conversationType") == _PRIVATE
    kind, text = _content(message) if is_private else (Kind.GROUP, None)
    return Event(
        id=word(message, "msgId"),
        tenant=tenant,
        account=staff,
        room=word(message, "conversationId"),
        kind=kind,
        text=text,
        at=moment(message.get("createAt")),
    )


def _content(message: Json) -> tuple[Kind, str | None]:
    if message.get("msgtype") != "text":
        return Kind.OTHER, None
    try:
        return Kind.TEXT, said(part(message, "text"), "content")
    except NotReadableError:
        return Kind.OTHER, None
