"""The actions' own loopback port: Rasa calls it with its key, nobody else can."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from typing import Any

import orjson
import structlog
from aiohttp import web
from rasa_sdk.executor import ActionExecutor

from actions.registry import all_actions
from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError

KEY_HEADER = "X-Rekey-Actions-Key"
MAX_BODY = 4 * 1024 * 1024
"""Bytes; Rasa sends the whole tracker with every call."""
_REMEMBERED = 2000

_log = structlog.get_logger("actions")


class CallError(RecoveryError):
    """Base of what is wrong with a call itself; ``status`` is that of HTTP."""

    status = 400


class MalformedCallError(CallError):
    """Raised for a call that is not rasa-sdk's protocol."""

    code = "malformed"


class UnknownActionError(CallError):
    """Raised for the name of an action that does not exist."""

    code = "unknown_action"
    status = 404


class Webhook:
    """Runs actions; the same action for the same message answers the same and runs nothing twice."""

    def __init__(self, parts: Parts, key: bytes) -> None:
        self._key = key.hex().encode()
        self._executor = ActionExecutor()
        for action in all_actions(parts):
            self._executor.register_action(action)
        self._results: OrderedDict[tuple[str, str, str], asyncio.Future[dict[str, Any]]] = OrderedDict()

    async def handle(self, request: web.Request) -> web.Response:
        """POST /webhook in rasa-sdk's protocol; 401 without the key, 400 malformed, 503 when we cannot."""
        given = request.headers.get(KEY_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), self._key):
            return web.json_response({"code": "bad_key"}, status=401)
        try:
            ran = await self.run(_parsed(await request.read()))
            return web.json_bytes_response(ran, dumps=orjson.dumps)
        except CallError as error:
            return web.json_response({"code": error.code}, status=error.status)
        except RecoveryError as error:
            _log.warning("actions.refused", code=error.code)
            return web.json_response({"code": error.code}, status=503)
        except web.HTTPException:
            raise
        except Exception:  # noqa: BLE001  whatever it is, Rasa must learn that the action did not run
            _log.exception("actions.broken")
            return web.json_response({"code": "broken"}, status=500)

    async def run(self, call: object) -> dict[str, Any]:
        """Run the action that *call* names, once per message; raises RecoveryError."""
        if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
            raise MalformedCallError
        name, sender = call.get("next_action"), call["tracker"].get("sender_id")
        latest = call["tracker"].get("latest_message")
        if not isinstance(name, str) or not isinstance(sender, str) or not isinstance(latest, dict):
            raise MalformedCallError
        if name not in self._executor.actions:
            raise UnknownActionError
        # The rest of the tracker is not looked at: the core alone knows what this conversation may do.
        asked = {"sender_id": sender, "latest_message": latest}
        return await self._once(str(latest.get("message_id") or ""), name, asked)

    async def _once(self, message_id: str, name: str, tracker: dict[str, Any]) -> dict[str, Any]:
        key = (tracker["sender_id"], message_id, name)
        if not message_id:
            return await self._answer(name, tracker)
        if key not in self._results:
            self._results[key] = asyncio.ensure_future(self._answer(name, tracker))
            self._results[key].add_done_callback(lambda ended: self._drop_failed(key, ended))
            while len(self._results) > _REMEMBERED:
                self._results.popitem(last=False)
        return await asyncio.shield(self._results[key])

    def _drop_failed(self, key: tuple[str, str, str], ended: asyncio.Future[dict[str, Any]]) -> None:
        if ended.cancelled() or ended.exception() is not None:
            self._results.pop(key, None)

    async def _answer(self, name: str, tracker: dict[str, Any]) -> dict[str, Any]:
        result = await self._executor.run({"next_action": name, "tracker": tracker, "domain": {}})
        body: dict[str, Any] = result.model_dump() if result else {"events": [], "responses": []}
        return body


def _parsed(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except ValueError:
        raise MalformedCallError from None


def actions_app(parts: Parts, key: bytes) -> web.Application:
    """Return the application for the actions' own port."""
    webhook = Webhook(parts, key)
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post("/webhook", webhook.handle)
    return app
