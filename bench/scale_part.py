"""Core operations with a million accounts and cases beside a thousand, in process, on both databases."""

from __future__ import annotations

import os
import secrets
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from bench.figures import Results, Row, milliseconds, p50, p95
from bench.places import fresh
from bench.scale_fill import DOMAIN, employee, fill
from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.migrate import upgrade
from recovery_core.cases import challenging, completing, forms, hearing, opening
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language
from recovery_core.entropy import SystemEntropy
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from rekey.bootstrap import House, build
from rekey.settings import load_settings

POSTGRES = os.environ.get("BENCH_POSTGRES", "postgresql+asyncpg://root@127.0.0.1:5432/test")
"""A database of the server on which the benchmark makes and drops databases of its own."""
FEW = 1_000
PASSES = 10
LEAST = 40
"""Samples of a pass; the p95 of fewer is their largest, or next to it."""
_GOAL = 1.2
_SWEEP_EVERY = 3
_STRIDE = 7_919
"""A prime: consecutive rounds touch accounts far from each other."""


@dataclass(slots=True)
class Rigged(SystemEntropy):
    """The system's chance, which tells the benchmark the last code it drew."""

    last: str = ""

    def digits(self, count: int) -> str:
        """Return and remember *count* digits."""
        self.last = SystemEntropy.digits(self, count)
        return self.last


@dataclass(slots=True)
class Filled:
    """One filled database with the core on top, and what each operation took (seconds)."""

    house: House
    entropy: Rigged
    rows: int
    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def time(self, name: str, operation: Awaitable[object]) -> None:
        """Await *operation* and note how long it took under *name*."""
        begun = time.perf_counter()
        await operation
        self.taken[name].append(time.perf_counter() - begun)


async def measure(rows: int, rounds: int) -> Results:
    """Return how each operation grows, on each database; *rounds* recoveries are made in each."""
    found = Results()
    folder = fresh("scale")
    for name, place in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        if name == "PostgreSQL" and not await _answers():
            found.notes.append("PostgreSQL did not answer; scale was measured on SQLite alone.")
            continue
        async with AsyncExitStack() as stack:
            few = await stack.enter_async_context(_filled(_folder(folder, name, "few"), place, FEW))
            many = await stack.enter_async_context(_filled(_folder(folder, name, "many"), place, rows))
            await _rounds(few, many, rounds)
            found.rows += _compared(name, few, many)
    return found


def _folder(parent: Path, *names: str) -> Path:
    folder = parent / "-".join(names)
    folder.mkdir()
    return folder


async def _rounds(few: Filled, many: Filled, rounds: int) -> None:
    """Alternate between both, so that whatever else the machine does meets both alike."""
    warm_up = max(5, rounds // 10)
    for number in range(warm_up + rounds):
        if number == warm_up:
            few.taken.clear()
            many.taken.clear()
        for filled in (few, many) if number % 2 else (many, few):
            await _recovery(filled, number)
            if number % _SWEEP_EVERY == 0:
                await filled.time("sweep", filled.house.sweep.run_once())


def _compared(name: str, few: Filled, many: Filled) -> list[Row]:
    found = []
    for operation, taken in many.taken.items():
        base = few.taken[operation]
        what = f"{operation}, p95 on {name}: {many.rows:,} accounts beside {few.rows:,}"
        found.append(Row("scale", what, _both(taken), _both(base), growth(taken, base), "x", _GOAL))
    return found


def _both(taken: Sequence[float]) -> str:
    """Return p95 with the median beside it: disturbances of the machine show in the first alone."""
    return f"{milliseconds(p95(taken))} (p50 {milliseconds(p50(taken))})"


def growth(many: Sequence[float], few: Sequence[float], passes: int = PASSES) -> float:
    """Return the middle, over at most *passes* of the rounds, of how many times larger the p95 of *many* is.

    One disturbance of the machine spoils one pass and not the result.
    """
    passes = max(1, min(passes, len(many) // LEAST))
    size = max(1, len(many) // passes)
    starts = range(0, size * min(passes, len(many)), size)
    return p50([p95(many[at : at + size]) / p95(few[at : at + size]) for at in starts])


async def _recovery(filled: Filled, number: int) -> None:
    """Go through a recovery of some account, timing each operation of the core."""
    parts, client = filled.house.parts, f"client-{secrets.token_hex(8)}"
    # Letters only: drawn digits would now and then be the number in the address, which is refused.
    drawn = "".join(secrets.choice("klmwz") for _ in range(8))
    conversation, new = _conversation(filled, client), f"Quiet-Harbour-{drawn}"
    address = f"person{employee(number * _STRIDE % (filled.rows - 1))}@{DOMAIN}"
    hear = partial(hearing.hear, parts, conversation, client_key=client)
    await filled.time("begin a conversation", _begin(parts, conversation))
    await filled.time("hear a line", hear(secrets.token_hex(8), "I forgot my password"))
    await filled.time("name an address", opening.start(parts, conversation.id, (address,)))
    await filled.time("start a challenge", challenging.challenge(parts, conversation.id, Method.SMS))
    await filled.time("look for unanswered lines", _look(parts, conversation))
    await filled.time("try a code", hear(secrets.token_hex(8), filled.entropy.last))
    form = await _mint(parts, conversation)
    await filled.time("set a password", completing.set_password(parts, form, conversation.id, new, new))


async def _begin(parts: Parts, conversation: Conversation) -> None:
    async with parts.work() as work:
        await work.conversations.add(conversation)
        await work.commit()


async def _look(parts: Parts, conversation: Conversation) -> None:
    async with parts.work.reading() as work:
        await work.conversations.by_token_hash(conversation.token_hash)
        await work.conversations.unanswered(100)


async def _mint(parts: Parts, conversation: Conversation) -> str:
    async with parts.work() as work:
        token = await forms.mint(work, parts, conversation.id, FormPurpose.PASSWORD)
        await work.commit()
    if token is None:
        raise AssertionError("no form after a right code")
    return forms.form_id_of(parts, token)


def _conversation(filled: Filled, client: str) -> Conversation:
    now, id_ = filled.house.parts.clock.now(), secrets.token_urlsafe(16)
    return Conversation(id_, secrets.token_urlsafe(32), "web", Language.EN, now, now, client_key=client)


@asynccontextmanager
async def _filled(
    folder: Path, place: Callable[[Path], AsyncIterator[str]], rows: int
) -> AsyncIterator[Filled]:
    async with asynccontextmanager(place)(folder) as url:
        await upgrade(url)
        settings = load_settings(
            data_dir=folder,
            database_url=url,
            argon2_profile="cheapest",  # else hashing would hide how the store grows
            sms_daily_max=10**9,
            sms_domain_floor=10**9,
            log_level="error",
        )
        entropy = Rigged()
        async with build(settings, entropy=entropy) as house:
            begun, engine = time.perf_counter(), make_engine(url)
            await fill(engine, rows, house.parts.clock.now())
            await engine.dispose()
            print(f"{rows:,} accounts and cases stored in {time.perf_counter() - begun:.0f} s", flush=True)
            yield Filled(house, entropy, rows)


async def _sqlite(folder: Path) -> AsyncIterator[str]:
    yield f"sqlite+aiosqlite:///{folder / 'rekey.db'}"


async def _postgres(_folder: Path) -> AsyncIterator[str]:
    name = f"rekey_bench_{secrets.token_hex(6)}"
    await _order(f'CREATE DATABASE "{name}"')
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        await _order(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _answers() -> bool:
    try:
        await _order("SELECT 1")
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True


async def _order(statement: str) -> None:
    plain = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
