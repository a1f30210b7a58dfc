"""Start everything: train, make keys, start Rasa and the portal, keep them alive, stop them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

import aiohttp

from rekey.children import Child, HopelessError, Spec, last_lines
from rekey.keys import Keys, load_keys
from rekey.places import Places, rasa_environment
from rekey.progress import Progress
from rekey.settings import Settings, variable
from rekey.training import train

READY_SECONDS = 180.0
_POLL_SECONDS = 0.25

Banner = Callable[[Settings], list[str]]


class StartError(Exception):
    """Raised when rekey cannot start; the message says why and where to look."""


def up(settings: Settings, places: Places, progress: Progress, *, demo: bool, banner: Banner) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        StartError: a child cannot run, or nothing is ready after three minutes.
        TrainingError: there was no fresh model and training failed.

    """
    asyncio.run(_up(settings, places, progress, demo=demo, banner=banner))


async def _up(settings: Settings, places: Places, progress: Progress, *, demo: bool, banner: Banner) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    work = asyncio.create_task(_serve(settings, places, progress, demo=demo, banner=banner))
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _serve(
    settings: Settings, places: Places, progress: Progress, *, demo: bool, banner: Banner
) -> None:
    if not places.model_is_fresh():
        with progress.step("Training the assistant"):
            await train(settings, places)
    settings = with_ports(settings)
    specs = [portal_spec(settings, demo=demo)]
    if not settings.rasa_url:
        specs.insert(0, rasa_spec(settings, places, load_keys(settings)))
    lines = ("", f"rekey is ready: {settings.site}", *banner(settings), "", "Ctrl-C stops it.")
    await supervise(specs, f"{address(settings)}/readyz", progress, lines)


async def supervise(specs: Sequence[Spec], ready_url: str, progress: Progress, lines: Sequence[str]) -> None:
    """Keep every child of *specs* alive until cancelled, and say *lines* once *ready_url* answers.

    Raises:
        StartError: a child cannot run, or *ready_url* did not answer in time.

    """
    children = [Child(spec) for spec in specs]
    lives = [asyncio.create_task(child.keep_alive()) for child in children]
    try:
        with progress.step("Starting " + " and ".join(spec.name for spec in specs)):
            await _first(lives, until_ready(ready_url), specs)
        progress.say(*lines)
        await _first(lives, asyncio.Event().wait(), specs)
    finally:
        with progress.step("Stopping"):
            await asyncio.shield(stop(children, lives))


async def _first(
    lives: list[asyncio.Task[None]], goal: Coroutine[None, None, object], specs: Sequence[Spec]
) -> None:
    """Wait for *goal*; a child that cannot live, or the goal's own failure, is raised."""
    aim = asyncio.create_task(goal)
    try:
        done, _ = await asyncio.wait({aim, *lives}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except HopelessError as error:
        raise StartError(_ending(f"The {error.spec.name} process cannot run.", error.spec)) from None
    except TimeoutError:
        endings = [_ending(f"Not ready in time: {spec.name}.", spec) for spec in specs]
        raise StartError("\n\n".join(endings)) from None
    finally:
        aim.cancel()


async def stop(children: list[Child], lives: list[asyncio.Task[None]]) -> None:
    """End every child at the same time, then whatever was waiting to start one again."""
    await asyncio.gather(*(child.stop() for child in children))
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)


async def until_ready(url: str, seconds: float = READY_SECONDS) -> None:
    """Ask *url* until it answers 200.

    Raises:
        TimeoutError: it did not within *seconds*.

    """
    async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status == 200:  # noqa: PLR2004 - HTTP's own number
                        return
            await asyncio.sleep(_POLL_SECONDS)


def with_ports(settings: Settings) -> Settings:
    """Return *settings* with free loopback ports for Rasa and the actions where none was chosen."""
    with contextlib.ExitStack() as held:  # both at once, so that they differ
        probes = [held.enter_context(socket.socket()) for _ in range(2)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        rasa, actions = (probe.getsockname()[1] for probe in probes)
    return settings.model_copy(
        update={"rasa_port": settings.rasa_port or rasa, "actions_port": settings.actions_port or actions}
    )


def rasa_spec(settings: Settings, places: Places, keys: Keys) -> Spec:
    """Return how to start Rasa: it gets two keys, two addresses and nothing else of ours."""
    env = rasa_environment(
        os.environ,
        {
            "REKEY_GATEWAY_KEY": keys.gateway.hex(),
            "REKEY_ACTIONS_KEY": keys.actions.hex(),
            "REKEY_ACTIONS_URL": f"http://127.0.0.1:{settings.actions}/webhook",
            "REKEY_TRACKER_URL": settings.tracker,
        },
    )
    command = (str(places.rasa_python), "-m", "rekey_assistant.launch")
    options = ("--port", str(settings.rasa_port), "--model", f"{places.models}/")
    return Spec("rasa", command + options, env, settings.log_dir.absolute() / "rasa.log", places.root)


def portal_spec(settings: Settings, *, demo: bool) -> Spec:
    """Return how to start the portal: it gets our environment and the ports that were picked."""
    picked = {
        variable("data_dir"): str(settings.data_dir.absolute()),
        variable("rasa_port"): str(settings.rasa_port),
        variable("actions_port"): str(settings.actions_port),
    }
    command = (sys.executable, "-m", "rekey", "serve", *(("--demo-child",) if demo else ()))
    log = settings.log_dir.absolute() / "portal.log"
    return Spec("portal", command, {**os.environ, **picked}, log, Path.cwd())


def address(settings: Settings) -> str:
    """Return where this machine reaches the portal, whichever addresses it listens on."""
    local = settings.model_copy(update={"public_url": ""})
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the words for everywhere
    return local.model_copy(update={"host": everywhere.get(local.host, local.host)}).site


def _ending(words: str, spec: Spec) -> str:
    return "\n".join([words, *last_lines(spec.log), f"See {spec.log}"])
