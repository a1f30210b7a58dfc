"""Starts rekey with the command that a newcomer uses, over either database, with a real mail server."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import secrets
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil
from sqlalchemy import make_url

from recovery_core.adapters.sql.migrate import upgrade
from tests.integration.dovecot_company import execute
from tests.integration.dovecot_server import Dovecot, filled, running, shown
from tests.ports import free_port
from tests.stores import drop_postgres, make_postgres, sqlite_url
from tests.whole.person import Person

START_SECONDS = 240.0
"""The first start on a machine trains the assistant."""


@dataclass
class System:
    """A running rekey with its demo company."""

    site: str
    folder: Path
    database_url: str
    dovecot: Dovecot
    process: subprocess.Popen[bytes]

    def person(self) -> Person:
        """Return somebody with a fresh browser."""
        return Person(self.site)

    def child(self, word: str) -> psutil.Process:
        """Return the child process whose command line holds *word* (``serve`` or ``launch``)."""
        end = monotonic() + 60
        while monotonic() < end:
            for process in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if any(word in part for part in process.cmdline()):
                        return process
            sleep(0.1)
        raise AssertionError(f"no child {word}")

    def kill(self, word: str) -> None:
        """Kill a child as a crash does, and wait until the supervisor has started another."""
        victim = self.child(word)
        victim.kill()
        victim.wait(10)

    def until_ready(self, seconds: float = 90.0) -> None:
        """Wait until ``/readyz`` says 200."""
        end = monotonic() + seconds
        while monotonic() < end:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"{self.site}readyz", timeout=5).status == 200:  # noqa: S310
                    return
            sleep(0.2)
        logs = "\n".join(p.read_text(encoding="utf-8")[-2000:] for p in (self.folder / "logs").glob("*.log"))
        raise AssertionError(f"not ready: {logs}")


@contextmanager
def on_sqlite(folder: Path, **settings: str) -> Iterator[System]:
    """Run rekey on its default database, a file in the data folder; *settings* are further variables."""
    path = folder / "rekey.db"
    asyncio.run(upgrade(sqlite_url(path)))
    files = {
        "rekey-sql.conf.ext": filled(shown("sqlite.conf.ext"), {"/var/lib/rekey/rekey.db": str(path)}),
        "91-rekey-sqlite.conf": filled(
            shown("91-rekey-sqlite.conf"), {"user = rekey": f"user = {getpass.getuser()}"}
        ),
    }
    with running(files) as dovecot, _up(folder, sqlite_url(path), dovecot, settings) as system:
        yield system


@contextmanager
def on_postgres(folder: Path) -> Iterator[System]:
    """Run rekey on PostgreSQL; Dovecot has a role that reads the view and nothing else."""
    url, role = asyncio.run(make_postgres()), f"dovecot_{secrets.token_hex(6)}"
    try:
        asyncio.run(upgrade(url))
        execute(url, filled(shown("role.sql"), {"ROLE dovecot": f"ROLE {role}", "TO dovecot": f"TO {role}"}))
        parts = make_url(url)
        connect = {
            "db.example.com port=5432": f"{parts.host} port={parts.port or 5432}",
            "dbname=rekey": f"dbname={parts.database}",
            "user=dovecot": f"user={role}",
        }
        files = {"rekey-sql.conf.ext": filled(shown("pgsql.conf.ext"), connect)}
        with running(files) as dovecot, _up(folder, url, dovecot, {}) as system:
            yield system
    finally:
        with contextlib.ExitStack() as last:
            last.callback(asyncio.run, drop_postgres(url))
            execute(url, f"DROP OWNED BY {role}; DROP ROLE {role}")


@contextmanager
def _up(folder: Path, database_url: str, dovecot: Dovecot, settings: Mapping[str, str]) -> Iterator[System]:
    port = settings.get("REKEY_PORT") or str(free_port())
    own = {
        "REKEY_DATA_DIR": str(folder),
        "REKEY_PORT": port,
        "REKEY_RASA_PORT": str(free_port()),
        "REKEY_ACTIONS_PORT": str(free_port()),
        "REKEY_DATABASE_URL": database_url,
        "REKEY_DOVEADM_COMMAND": " ".join(dovecot.doveadm),
        "REKEY_CLIENT_ALLOWLIST": "127.0.0.1/32",
        **settings,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("REKEY_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "rekey", "up", "--demo"],
        env={**inherited, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    system = System(f"http://127.0.0.1:{port}/", folder, database_url, dovecot, process)
    try:
        system.until_ready(START_SECONDS)
        yield system
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
