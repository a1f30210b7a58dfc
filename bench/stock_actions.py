"""The stock assistant's action server: the same actions over HTTP, answering the same responses at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.places import ROOT

_SAYS: Mapping[str, tuple[str, ...]] = {
    "action_start_recovery": ("ask_address",),
    "action_give_address": ("offer_methods",),
    "action_challenge": ("code_sent",),
    "action_password_rules": ("password_rules", "remind_method"),
    "action_lost_phone": ("lost_phone",),
    "action_not_understood": ("fallback",),
}
_SMALL_TALK = {"greet", "goodbye", "thanks", "help"}
_VARIABLE = re.compile(r"\{([a-z_]+)\}")


def variables(domain: Path = ROOT / "domain.yml") -> dict[str, str]:
    """Return a value for every variable of the responses; Rasa logs a traceback for each one missing."""
    return dict.fromkeys(_VARIABLE.findall(domain.read_text(encoding="utf-8")), "5")


_VARIABLES = variables()


async def _answer(request: web.Request) -> web.Response:
    call = await request.json()
    intent = ((call["tracker"].get("latest_message") or {}).get("intent") or {}).get("name")
    said = _SAYS.get(call["next_action"], ("fallback",))
    if call["next_action"] == "action_small_talk":
        said = (intent if intent in _SMALL_TALK else "help",)
    return web.json_response({"events": [], "responses": [_response(name) for name in said]})


def _response(name: str) -> dict[str, Any]:
    return {"response": f"utter_{name}", **_VARIABLES}


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """Serve the actions on a free loopback port until the block ends; yield their address."""
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/webhook", _answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        await runner.cleanup()
