"""One running rekey for all tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.dovecot_server import DOVEADM, DOVECOT
from tests.needs import need
from tests.rasa_process import PYTHON
from tests.stores import postgres_answers
from tests.whole.person import Person
from tests.whole.system import System, on_postgres, on_sqlite

_MAIL_SERVER = "Dovecot (packages dovecot-imapd dovecot-sqlite dovecot-pgsql)"
_RASA = "the assistant's environment (make prepares it)"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Return rekey on SQLite, started once."""
    need(DOVECOT and DOVEADM, _MAIL_SERVER)
    need(PYTHON.exists(), _RASA)
    with on_sqlite(tmp_path_factory.mktemp("whole")) as started:
        yield started


@pytest.fixture(scope="session")
def system_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Return rekey on PostgreSQL, started once."""
    need(DOVECOT and DOVEADM, _MAIL_SERVER)
    need(PYTHON.exists(), _RASA)
    need(asyncio.run(postgres_answers()), "a PostgreSQL server at REKEY_TEST_POSTGRES")
    with on_postgres(tmp_path_factory.mktemp("whole-postgres")) as started:
        yield started


@pytest.fixture
def person(system: System) -> Person:
    """Return somebody who has just opened the chat in English."""
    somebody = system.person()
    assert somebody.begin("en").status == 201
    return somebody
