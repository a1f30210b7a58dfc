"""The only channel of the assistant: signed requests of the portal in, collected answers out.

``POST /webhooks/gateway/messages`` and ``/webhooks/gateway/forget`` are described in
``docs/decisions/0012-the-gateway-channel.md``. A request carries a JSON Web Token (HS256, RFC 7519) that
lives at most 60 s and names the SHA-256 of the body, so that a token can be used once and for one body only.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

import orjson
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from rekey_assistant.conversations import Conversations
from rekey_assistant.envelope import Envelope, Malformed, read_envelope
from rekey_assistant.forgetting import SUBJECT, read_before
from rekey_assistant.tokens import Refused, Replayed, TokenCheck

BODY_LIMIT = 64 * 1024
_logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
Replies = list[dict[str, Any]]


class NotReady(RuntimeError):  # noqa: N818  it says what is missing
    """The model is not loaded yet, or ``endpoints.yml`` names another tracker store than ours."""


class Collector(OutputChannel):
    """Collects whole responses, and remembers whether an action failed."""

    def __init__(self) -> None:
        """Start with nothing collected."""
        self.replies: Replies = []
        self.failed = False

    @classmethod
    def name(cls) -> str:
        """Return the name of the channel."""
        return "gateway"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep one response: its words, its buttons, its data and the id of its template."""
        buttons = [{"title": one["title"], "payload": one["payload"]} for one in message.get("buttons") or []]
        self.replies.append(
            {
                "text": message.get("text"),
                "buttons": buttons,
                "custom": message.get("custom") or None,
                "id": message.get("utter_action"),
            }
        )


class Gateway(InputChannel):
    """The input channel ``gateway``."""

    def __init__(self, key: str) -> None:
        """Check requests with *key*."""
        self._tokens = TokenCheck(key)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def name(cls) -> str:
        """Return the name that stands in the address."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Gateway:
        """Create the channel from ``credentials.yml``."""
        return cls((credentials or {}).get("key", ""))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:  # noqa: ARG002  Rasa's signature
        """Return the three routes of the channel.

        Rasa's way to hand on a message leads through its lock store; a conversation has a lock here already.
        """
        blueprint = Blueprint("gateway")

        @blueprint.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            return response.json({"status": "ok", "model": bool(agent and agent.is_ready())})

        @blueprint.route("/messages", methods=["POST"])
        async def messages(request: Request) -> HTTPResponse | None:
            return await self._checked(request, lambda subject: self._message(request, subject))

        @blueprint.route("/forget", methods=["POST"])
        async def forget_old(request: Request) -> HTTPResponse | None:
            return await self._checked(request, lambda subject: self._forget(request, subject))

        return blueprint

    async def _checked(
        self, request: Request, go_on: Callable[[str], Awaitable[HTTPResponse | None]]
    ) -> HTTPResponse | None:
        if len(request.body) > BODY_LIMIT:
            return _problem(413, "too_large")
        try:
            return await go_on(self._tokens.check(request.headers.get("authorization", ""), request.body))
        except Replayed:
            return _problem(409, "replayed")
        except Refused:
            return _problem(401, "refused")
        except Malformed:
            return _problem(400, "malformed")
        except NotReady:
            return _problem(503, "not_ready")

    async def _message(self, request: Request, subject: str) -> HTTPResponse | None:
        if subject == SUBJECT:
            raise Refused
        envelope = read_envelope(request.body, subject)
        # A repeated delivery waits for the first and finds its replies. The dictionary forgets a lock that
        # nobody holds or waits for.
        async with self._locks.setdefault(envelope.conversation, asyncio.Lock()):
            return await self._turn(request, _conversations(request), envelope)

    async def _forget(self, request: Request, subject: str) -> HTTPResponse:
        if subject != SUBJECT:
            raise Refused
        try:
            return response.json({"forgotten": _conversations(request).forget(read_before(request.body))})
        except (SQLAlchemyError, NotReady) as error:
            _logger.warning("nothing forgotten: %s at %s", type(error).__name__, _place(error))
            return _problem(503, "unavailable")

    async def _turn(
        self, request: Request, conversations: Conversations, envelope: Envelope
    ) -> HTTPResponse | None:
        """Run a turn and answer it; return the answer where there is no turn to keep."""
        conversation, message_id = envelope.conversation, envelope.message_id
        processor: MessageProcessor = request.app.ctx.agent.processor
        collector = Collector()
        try:
            known = conversations.begin(conversation, message_id)
            if known is not None:
                return _told(known)
            await processor.handle_message(envelope.user_message(collector))
            if collector.failed:
                return _problem(503, "action_failed")
            keep = conversations.end(conversation, message_id, collector.replies)
        except Exception as error:  # noqa: BLE001  whatever broke, the portal must know that nothing was saved
            _logger.warning("turn failed: %s at %s", type(error).__name__, _place(error))
            return _problem(503, "action_failed")
        finally:
            # A turn that did not reach its end leaves neither events nor replies. The portal sends the same
            # message id again later and it runs as if for the first time.
            conversations.abandon(conversation)
        return await _tell_and_keep(request, collector.replies, keep)


async def _tell_and_keep(request: Request, replies: Replies, keep: Callable[[], None]) -> None:
    """Answer, then store the turn: what is stored serves a repeated message and the next turn alone."""
    try:
        answer = await request.respond(_told(replies))
        await answer.send(end_stream=True)
    finally:
        try:
            keep()
        except Exception as error:  # noqa: BLE001  the conversation goes on as if this turn had not been
            _logger.warning("turn not kept: %s at %s", type(error).__name__, _place(error))


def _conversations(request: Request) -> Conversations:
    """Return Rasa's tracker store, which Rasa wraps into one that hides failures."""
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise NotReady
    store = getattr(getattr(agent, "tracker_store", None), "_tracker_store", None)
    if not isinstance(store, Conversations):
        raise NotReady
    return store


def _place(error: BaseException) -> str:
    """Return file and line where *error* was raised; its words may hold what the person wrote."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"


def _told(replies: Replies) -> HTTPResponse:
    return response.json({"replies": replies}, dumps=orjson.dumps)


def _problem(status: int, code: str) -> HTTPResponse:
    return response.json({"code": code}, status=status)
