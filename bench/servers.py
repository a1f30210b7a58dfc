"""The servers that are compared, each started by itself on free ports with data of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import chatting, stock_actions
from bench.people import RekeyPerson, StockPerson
from bench.places import BENCH_PYTHON, ROOT, VAR, environment
from bench.processes import descendant, free_port, started, until_answers
from bench.stock_model import STOCK, StockModel

CAPS = {"REKEY_SMS_DAILY_MAX": "1000000", "REKEY_SMS_DOMAIN_FLOOR": "1000000"}
"""The caps on what SMS may cost a day (R5), raised for many recoveries in a minute; nothing else is."""


@dataclass(frozen=True, slots=True)
class Rekey:
    """A running demo: where it is, its processes, and how long it took to its first answer."""

    site: str
    portal: psutil.Process
    rasa: psutil.Process
    first_answer: float
    data: Path


@dataclass(frozen=True, slots=True)
class Stock:
    """A running stock assistant."""

    site: str
    rasa: psutil.Process
    first_answer: float


def rekey_environment(data: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of a demo that keeps everything in *data*, with further *settings*."""
    always = {"REKEY_DATA_DIR": str(data), "REKEY_PORT": str(port), "REKEY_LOG_LEVEL": "warning"}
    return environment(**always, **CAPS, **settings)


@asynccontextmanager
async def rekey(data: Path, **settings: str) -> AsyncIterator[Rekey]:
    """Run ``rekey up --demo`` on *data*, default stores and limits, with further *settings*."""
    port = free_port()
    site, log = f"http://127.0.0.1:{port}", data / "up.log"
    order = [str(ROOT / ".venv" / "bin" / "rekey"), "up", "--demo"]
    begun = time.perf_counter()
    async with started(order, rekey_environment(data, port, **settings), log) as up:
        await until_answers(f"{site}/readyz", up, log)
        async with RekeyPerson(site) as person:
            await person.say(chatting.SENTENCES[0])
        first = time.perf_counter() - begun
        portal, rasa = descendant(up, "rekey serve"), descendant(up, "rekey_assistant.launch")
        yield Rekey(site, portal, rasa, first, data)


@asynccontextmanager
async def stock(model: StockModel) -> AsyncIterator[Stock]:
    """Run the stock assistant with its action server, as ``rasa run`` does it."""
    async with stock_actions.serving() as actions_url:
        port = free_port()
        site, log = f"http://127.0.0.1:{port}", VAR / "stock.log"
        order = [str(BENCH_PYTHON), "-m", "rasa", "run", "--model", str(model.path), "-i", "127.0.0.1"]
        order += ["-p", str(port), "--endpoints", str(STOCK / "endpoints.yml")]
        order += ["--credentials", str(STOCK / "credentials.yml")]
        begun = time.perf_counter()
        async with started(order, environment(BENCH_ACTIONS_URL=actions_url), log) as rasa:
            await until_answers(f"{site}/", rasa, log)
            await _first_answer(site)
            yield Stock(site, rasa, time.perf_counter() - begun)


async def _first_answer(site: str) -> None:
    """Rasa opens its port before its model is there; until then it answers nothing."""
    deadline = asyncio.get_running_loop().time() + 120
    while True:
        try:
            async with StockPerson(site) as person:
                await person.say(chatting.SENTENCES[0])
        except Exception:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return
