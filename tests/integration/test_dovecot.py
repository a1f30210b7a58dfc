"""Dovecot signs people in exactly as rekey decides, from the configuration that the documentation shows."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import psutil
import pytest
from passlib.hash import sha512_crypt

from recovery_core.accounts.account import Status
from recovery_core.accounts.ports import SetOutcome
from recovery_core.adapters.sessions import DoveadmSessions
from tests.integration.dovecot_company import NEW, NOW, OLD, Company, hashed, on_postgres, on_sqlite, readable
from tests.integration.dovecot_server import DOVEADM, DOVECOT, ends, lives
from tests.needs import need

NEEDED = "Dovecot (packages dovecot-imapd dovecot-sqlite dovecot-pgsql)"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Run Dovecot over each kind of database in turn."""
    need(DOVECOT and DOVEADM, NEEDED)
    if request.param == "postgresql":
        with on_postgres() as serving:
            yield serving
    else:
        with on_sqlite(tmp_path_factory.mktemp("dovecot")) as serving:
            yield serving


def test_the_right_password_opens_the_mailbox(company: Company) -> None:
    """An active account signs in with its password, in any case of its address, and with no other."""
    alice = company.add("alice")
    assert company.dovecot.login(alice.address, OLD)
    assert company.dovecot.login(alice.address.upper(), OLD)
    assert not company.dovecot.login(alice.address, NEW)
    assert not company.dovecot.login(alice.address, "")


def test_a_new_password_replaces_the_old_one_at_once(company: Company) -> None:
    """After a recovery the old password is refused and the new one accepted, without a wait for a cache."""
    alice = company.add("alice")
    assert company.dovecot.login(alice.address, OLD)
    assert company.set_password(alice, NEW) is SetOutcome.DONE
    assert not company.dovecot.login(alice.address, OLD)
    assert company.dovecot.login(alice.address, NEW)


def test_a_first_password_opens_a_mailbox_without_one(company: Company) -> None:
    """An account that was imported without a hash is shut until it has a password."""
    dave = company.add("dave", encoded=None)
    assert not company.dovecot.login(dave.address, OLD)
    assert not company.dovecot.login(dave.address, "")
    company.set_password(dave, NEW)
    assert company.dovecot.login(dave.address, NEW)


def test_a_disabled_account_is_refused_until_it_is_enabled(company: Company) -> None:
    """A disabled account does not exist for Dovecot; enabling it brings its password back."""
    carol = company.add("carol", status=Status.DISABLED)
    assert not company.dovecot.login(carol.address, OLD)
    company.do(lambda unit: unit.accounts.set_status(carol.id, Status.ACTIVE, NOW))
    assert company.dovecot.login(carol.address, OLD)


def test_a_blocked_account_is_refused_until_it_has_a_new_password(company: Company) -> None:
    """R12: after a veto neither the current nor an earlier password opens the mailbox."""
    alice = company.add("alice")
    company.do(lambda unit: unit.directory.block(alice.id, NOW))
    assert not company.dovecot.login(alice.address, OLD)
    company.set_password(alice, NEW)
    assert company.dovecot.login(alice.address, NEW)


@pytest.mark.parametrize("ident", [b"2a", b"2b"])
def test_an_imported_bcrypt_hash_signs_in(company: Company, ident: bytes) -> None:
    """R19: bcrypt is a scheme that Dovecot reads too."""
    encoded = bcrypt.hashpw(OLD.encode(), bcrypt.gensalt(5, prefix=ident)).decode()
    bob = company.add("bob", encoded)
    assert company.dovecot.login(bob.address, OLD)
    assert not company.dovecot.login(bob.address, NEW)


@pytest.mark.parametrize("rounds", [5000, 10_000])
def test_an_imported_sha512_crypt_hash_signs_in(company: Company, rounds: int) -> None:
    """R19: SHA512-CRYPT is a scheme that Dovecot reads too, with and without rounds in the hash."""
    bob = company.add("bob", sha512_crypt.using(rounds=rounds).hash(OLD))
    assert company.dovecot.login(bob.address, OLD)
    assert not company.dovecot.login(bob.address, NEW)


def test_a_hash_of_several_lanes_signs_in(company: Company) -> None:
    """The dearest profile, 64 MiB and four lanes, is within Dovecot's memory limit."""
    erin = company.add("erin", hashed(OLD, "rfc9106_64mib"))
    assert company.dovecot.login(erin.address, OLD)


def test_a_kick_ends_an_open_session(company: Company) -> None:
    """R11: a session opened with the old password lives on after the change, and ends with the kick."""
    alice, bob = company.add("alice"), company.add("bob")
    session = company.dovecot.open_session(alice.address, OLD)
    other = company.dovecot.open_session(bob.address, OLD)
    company.set_password(alice, NEW)
    assert session.noop()[0] == "OK"

    assert asyncio.run(DoveadmSessions(company.dovecot.doveadm).end(alice.address))

    assert ends(session)
    session.shutdown()
    assert other.noop()[0] == "OK"
    other.logout()


def test_quotation_marks_in_a_name_find_nobody(company: Company) -> None:
    """What is typed as a name is never read as SQL."""
    company.add("alice")
    assert not company.dovecot.login("' OR '1'='1", OLD)


def test_the_role_of_the_page_reads_the_view_alone() -> None:
    """On PostgreSQL Dovecot's role may read the view and is refused everything behind it."""
    need(DOVECOT and DOVEADM, NEEDED)
    with on_postgres() as company:
        assert company.dovecot.login(company.add("alice").address, OLD)
        assert readable(company, "dovecot_users")
        assert [
            name for name in ("mailboxes", "accounts", "contacts", "cases") if readable(company, name)
        ] == []


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """A Dovecot of the tests ends with all its processes, signed-in ones included."""
    need(DOVECOT and DOVEADM, NEEDED)
    others = psutil.Process().children(recursive=True)
    with on_sqlite(tmp_path) as company:
        session = company.dovecot.open_session(company.add("alice").address, OLD)
        family = set(psutil.Process().children(recursive=True)) - set(others)
        assert len(family) > 2
    session.shutdown()
    assert [process for process in family if lives(process)] == []


def test_the_build_knows_every_scheme_of_the_view() -> None:
    """The four schemes that the view writes are among those of this Dovecot."""
    need(DOVEADM, "Dovecot (package dovecot-core)")
    known = subprocess.run([str(DOVEADM), "pw", "-l"], check=True, capture_output=True, text=True).stdout  # noqa: S603
    assert {"ARGON2ID", "ARGON2I", "BLF-CRYPT", "SHA512-CRYPT"} <= set(known.split())
