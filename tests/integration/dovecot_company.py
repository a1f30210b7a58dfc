"""A company whose mail a real Dovecot serves, with rekey's store behind it."""

from __future__ import annotations

import asyncio
import getpass
import itertools
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from recovery_core.accounts.account import Domain, Edition, Status
from recovery_core.accounts.new_account import NewAccount
from recovery_core.adapters.argon2 import ARGON2_PROFILES, Argon2Hasher
from recovery_core.adapters.sql.migrate import upgrade
from recovery_core.adapters.sql.unit_of_work import SqlUnitOfWork
from recovery_core.clock import SystemClock
from tests.integration.dovecot_server import Dovecot, filled, running, shown
from tests.needs import need
from tests.stores import drop_postgres, make_postgres, postgres_answers, sqlite_url, work_on

OLD, NEW = "Demo-Passw0rd!", "Fresh-Passw0rd?"
NOW = SystemClock().now()


def hashed(password: str, profile: str = "default") -> str:
    """Return the Argon2id string that rekey writes for *password*."""
    hasher = Argon2Hasher(ARGON2_PROFILES[profile], workers=1)
    try:
        return asyncio.run(hasher.hash(password))
    finally:
        hasher.close()


OLD_HASH = hashed(OLD)


@dataclass(slots=True)
class Company:
    """A domain whose mail Dovecot serves, and rekey's store behind it."""

    url: str
    dovecot: Dovecot
    role: str = ""
    """The role of Dovecot on PostgreSQL."""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def do(self, step: Callable[[SqlUnitOfWork], Awaitable[object]]) -> object:
        """Run *step* in a unit of work and commit it."""

        async def run() -> object:
            work = work_on(self.url)
            try:
                async with work() as unit:
                    answer = await step(unit)
                    await unit.commit()
                    return answer
            finally:
                await work.engine.dispose()

        return asyncio.run(run())

    def add(self, name: str, encoded: str | None = OLD_HASH, status: Status = Status.ACTIVE) -> NewAccount:
        """Add an account of its own for one test."""
        number = next(self.numbers)
        account = NewAccount(
            f"id-{number}", f"{name}{number}@example.com", name, status=status, password_hash=encoded
        )
        self.do(lambda unit: unit.accounts_writer.add_accounts([account], NOW))
        return account

    def set_password(self, account: NewAccount, password: str) -> object:
        """Change the password as a recovery does."""
        encoded = hashed(password)
        return self.do(lambda unit: unit.directory.set_password(account.id, encoded, f"op-{account.id}", NOW))


def add_domain(url: str) -> None:
    """Bring the database at *url* up to date and put the domain into it."""

    async def run() -> None:
        await upgrade(url)
        work = work_on(url)
        async with work() as unit:
            domain = Domain("example.com", Edition.STANDARD, "示例科技有限公司", "91330100MA2DEMA01A")
            await unit.accounts_writer.add_domain(domain)
            await unit.commit()
        await work.engine.dispose()

    asyncio.run(run())


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Company]:
    """Serve from a SQLite file."""
    path = folder / "rekey.db"
    add_domain(sqlite_url(path))
    files = {
        "rekey-sql.conf.ext": filled(shown("sqlite.conf.ext"), {"/var/lib/rekey/rekey.db": str(path)}),
        "91-rekey-sqlite.conf": filled(
            shown("91-rekey-sqlite.conf"), {"user = rekey": f"user = {getpass.getuser()}"}
        ),
    }
    with running(files) as dovecot:
        yield Company(sqlite_url(path), dovecot)


@contextmanager
def on_postgres() -> Iterator[Company]:
    """Serve from PostgreSQL, with a role that may read the view and nothing else."""
    need(asyncio.run(postgres_answers()), "a PostgreSQL server at REKEY_TEST_POSTGRES")
    url, role = asyncio.run(make_postgres()), f"dovecot_{secrets.token_hex(6)}"
    try:
        add_domain(url)
        execute(url, filled(shown("role.sql"), {"ROLE dovecot": f"ROLE {role}", "TO dovecot": f"TO {role}"}))
        parts = make_url(url)
        connect = {
            "db.example.com port=5432": f"{parts.host} port={parts.port or 5432}",
            "dbname=rekey": f"dbname={parts.database}",
            "user=dovecot": f"user={role}",
        }
        with running({"rekey-sql.conf.ext": filled(shown("pgsql.conf.ext"), connect)}) as dovecot:
            yield Company(url, dovecot, role)
    finally:
        with ExitStack() as last:
            last.callback(asyncio.run, drop_postgres(url))
            execute(url, f"DROP OWNED BY {role}; DROP ROLE {role}")


def execute(url: str, statements: str) -> None:
    """Execute *statements*, separated by semicolons, in one transaction."""

    async def run() -> None:
        engine = work_on(url).engine
        try:
            async with engine.begin() as connection:
                for statement in filter(str.strip, statements.split(";")):
                    await connection.execute(text(statement))
        finally:
            await engine.dispose()

    asyncio.run(run())


def readable(company: Company, relation: str) -> bool:
    """Tell whether Dovecot's role may read *relation*."""
    try:
        execute(company.url, f"SET LOCAL ROLE {company.role}; TABLE {relation}")
    except ProgrammingError:
        return False
    return True
