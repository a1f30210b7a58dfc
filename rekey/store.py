"""Opens the store for one command of the command line, when its tables are there and current."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

import click

from recovery_core.adapters.argon2 import ARGON2_PROFILES, Argon2Hasher
from recovery_core.adapters.catalogue import Catalogue
from recovery_core.adapters.hash_schemes import parse
from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.adapters.vault import AesGcmVault
from recovery_core.errors import UnavailableError
from recovery_core.keyed import KeyedHash
from recovery_core.work import UnitOfWork
from rekey.database import DatabaseState, database_state
from rekey.keys import load_keys
from rekey.logs import configure
from rekey.places import Places
from rekey.settings import Settings, load_settings

T = TypeVar("T")

_NOT_READY = {
    DatabaseState.ABSENT: "There is no database yet. Make it: rekey db upgrade",
    DatabaseState.BEHIND: "The tables of the database are of another version. Run: rekey db upgrade",
    DatabaseState.UNREACHABLE: "The database does not answer. Look at REKEY_DATABASE_URL.",
}


class Store(Protocol):
    """Opens units of work; one kind of them never waits for a writer."""

    def __call__(self) -> UnitOfWork:
        """Return a unit of work that may write."""
        ...

    def reading(self) -> UnitOfWork:
        """Return a unit of work that only reads."""
        ...


@asynccontextmanager
async def open_work(settings: Settings) -> AsyncIterator[Store]:
    """Open the store of *settings*; raises click.ClickException when it cannot be used as it is."""
    words = _NOT_READY.get(await database_state(settings, Places()))
    if words is not None:
        raise click.ClickException(words)
    keys = load_keys(settings)
    engine = make_engine(settings.database)
    try:
        yield SqlWork(engine, KeyedHash(keys.audit), AesGcmVault(keys.encryption))
    finally:
        await engine.dispose()


def words() -> Callable[..., str]:
    """Return what turns a key of the catalogues, a language and variables into words."""
    return Catalogue(Places().root / "locale").text


def read_hash(encoded: str) -> str:
    """Return the bare hash; raises ValueError with a code for what cannot be compared (R19)."""
    return parse(encoded).body


def hashed(password: str) -> str:
    """Return a new hash of *password* at the cost of the settings."""
    hasher = Argon2Hasher(ARGON2_PROFILES[load_settings().argon2_profile])
    try:
        return asyncio.run(hasher.hash(password))
    finally:
        hasher.close()


def with_store(use: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """Run *use* with the store of the environment's settings and return what it returns."""
    settings = load_settings()
    # A command's answer is its output: what libraries find worth telling is not.
    configure(level="debug" if settings.log_level == "debug" else "warning", json=settings.log_json)

    async def run() -> T:
        async with open_work(settings) as work:
            return await use(work)

    try:
        return asyncio.run(run())
    except UnavailableError:
        words = "The database is busy or does not answer; nothing was changed. Try again in a minute."
        raise click.ClickException(words) from None
