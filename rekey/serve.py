"""The portal's process: the public port, the actions' loopback port, the outbox worker and the sweep."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from aiohttp import web

from actions.webhook import actions_app
from portal.app import portal_app
from portal.chat.rasa_client import Assistant, RasaClient
from recovery_core.clock import Clock
from recovery_core.errors import RecoveryError
from recovery_core.evidence import retention
from recovery_core.people import sweeping
from rekey import demo as demo_company
from rekey.bootstrap import House, build
from rekey.logs import configure
from rekey.settings import Settings, SettingsError, variable

LOOPBACK = "127.0.0.1"
_HOUR = timedelta(hours=1)
_log = structlog.get_logger("rekey")


def run(settings: Settings, demo: bool) -> None:  # noqa: FBT001  the command line's only flag
    """Serve until SIGTERM or SIGINT; *demo* adds the demo company and its outbox (R22)."""
    configure(level=settings.log_level, json=settings.log_json)
    if settings.argon2_profile == "cheapest":
        raise SettingsError(f"{variable('argon2_profile')}: this profile protects nothing.")
    with asyncio.Runner(loop_factory=new_event_loop()) as runner:
        runner.run(_run(settings, demo=demo))


def new_event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes uvloop's event loop; None, for asyncio's own, where there is no uvloop (Windows)."""
    try:
        import uvloop  # noqa: PLC0415  not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings, *, demo: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with build(settings, demo=demo) as house:
        if demo:
            await demo_company.settle(house.parts)
        async with serving(house, settings):
            _log.info("serving", port=settings.port)
            await stop.wait()


@asynccontextmanager
async def serving(house: House, settings: Settings) -> AsyncIterator[None]:
    """Open both ports and run the worker, the turns and the sweep; ends them in order."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_background(house, settings))
        if (messengers := house.furnishing.messengers) is not None:
            await stack.enter_async_context(messengers.running())
        actions = actions_app(house.parts, house.keys.actions)
        await stack.enter_async_context(_site(actions, LOOPBACK, settings.actions))
        await stack.enter_async_context(_site(portal_app(house.furnishing), settings.host, settings.port))
        yield


@asynccontextmanager
async def _site(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=2)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _background(house: House, settings: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(house.worker.run(stop, house.filled)),
        asyncio.create_task(house.furnishing.turns.poll()),
        asyncio.create_task(_sweep(house, settings.sweep_seconds)),
        asyncio.create_task(
            _forget(house.furnishing.assistant, house.parts.clock, settings.tracker_hours * _HOUR)
        ),
    ]
    try:
        yield
    finally:
        stop.set()
        house.filled.set()
        await house.furnishing.turns.close()
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sweep(house: House, seconds: int) -> None:
    while True:
        with contextlib.suppress(RecoveryError):
            await house.sweep.run_once()
        with contextlib.suppress(RecoveryError):
            await sweeping.sweep(house.parts)
        if (documents := house.furnishing.documents) is not None:
            with contextlib.suppress(RecoveryError):
                await retention.sweep(house.parts, documents.files, documents.keeping)
        await asyncio.sleep(seconds)


async def _forget(assistant: Assistant, clock: Clock, kept: timedelta) -> None:
    """Have Rasa forget once an hour what is older than *kept* (R21)."""
    while isinstance(assistant, RasaClient):
        with contextlib.suppress(RecoveryError):
            await assistant.forget(clock.now() - kept)
        await asyncio.sleep(_HOUR.total_seconds())
