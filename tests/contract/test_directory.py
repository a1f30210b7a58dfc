"""The embedded directory."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from recovery_core.accounts.account import Status
from recovery_core.accounts.ports import Credentials, SetOutcome
from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.contract.samples import HASH, NOW, an_account, with_accounts

BCRYPT = "$2b$12$abcdefghijklmnopqrstuuLJZ0k0"
SHA512 = "$6$salt$hash"


async def dovecot_users(work: SqlWork) -> dict[str, str]:
    """Return what Dovecot sees."""
    async with work.engine.connect() as connection:
        rows = await connection.execute(text('SELECT "user", password, home, domain FROM dovecot_users'))
        found = rows.all()
    for row in found:
        assert row.home.startswith("/var/mail/rekey/id-")
        assert row.user.endswith("@" + row.domain)
    return {row.user: row.password for row in found}


async def test_an_account_without_password_has_version_zero(work: SqlWork) -> None:
    """A mailbox that never had a password, and one that does not exist, hold nothing."""
    await with_accounts(work, an_account(password_hash=None))
    async with work.reading() as unit:
        assert await unit.directory.credentials("id-alice") == Credentials(version=0)
        assert await unit.directory.credentials("nobody") == Credentials(version=0)


async def test_the_last_three_passwords_are_kept(work: SqlWork) -> None:
    """Newest first, three of them, the current one among them; the version counts all."""
    await with_accounts(work)
    async with work() as unit:
        for number in (2, 3, 4):
            outcome = await unit.directory.set_password("id-alice", f"hash-{number}", f"op-{number}", NOW)
            assert outcome is SetOutcome.DONE
        found = await unit.directory.credentials("id-alice")
    assert found == Credentials(4, ("hash-4", "hash-3", "hash-2"))


async def test_the_first_three_are_all_history(work: SqlWork) -> None:
    """With three passwords so far the first one is still in the history."""
    await with_accounts(work)
    async with work() as unit:
        for number in (2, 3):
            await unit.directory.set_password("id-alice", f"hash-{number}", f"op-{number}", NOW)
        found = await unit.directory.credentials("id-alice")
    assert found.hashes == ("hash-3", "hash-2", HASH)


async def test_an_operation_is_done_once(work: SqlWork) -> None:
    """Repeating an operation changes nothing and says done, also after a later one."""
    await with_accounts(work, an_account(password_hash=None))
    async with work() as unit:
        for encoded, operation in (("a", "op-1"), ("a", "op-1"), ("b", "op-2"), ("a", "op-1")):
            assert await unit.directory.set_password("id-alice", encoded, operation, NOW) is SetOutcome.DONE
        assert await unit.directory.credentials("id-alice") == Credentials(2, ("b", "a"))


async def test_a_password_is_set_over_the_expected_version_only(work: SqlWork) -> None:
    """R10: what was read before another one set it is overtaken; repeating what was done is still done."""
    await with_accounts(work)
    outcomes = []
    async with work() as unit:
        for operation, expected in (("op-1", 1), ("op-2", 1), ("op-2", 3), ("op-1", 1), ("op-3", None)):
            said = await unit.directory.set_password("id-alice", operation, operation, NOW, expected=expected)
            outcomes.append(said)
        assert (await unit.directory.credentials("id-alice")).hashes[0] == "op-3"
    overtaken = SetOutcome.OVERTAKEN
    assert outcomes == [SetOutcome.DONE, overtaken, overtaken, SetOutcome.DONE, SetOutcome.DONE]


async def test_a_mailbox_that_does_not_exist_is_refused(work: SqlWork) -> None:
    """A password for nobody is refused."""
    async with work() as unit:
        assert await unit.directory.set_password("nobody", "hash", "op", NOW) is SetOutcome.REFUSED


async def test_parallel_operations_are_all_in_the_history(work: SqlWork) -> None:
    """Two operations at once take turns: neither is lost."""
    await with_accounts(work, an_account(password_hash=None))

    async def change(name: str) -> None:
        async with work() as unit:
            await unit.directory.set_password("id-alice", name, name, NOW)
            await unit.commit()

    await asyncio.gather(change("a"), change("b"), change("a"))
    async with work.reading() as unit:
        found = await unit.directory.credentials("id-alice")
    assert (found.version, set(found.hashes)) == (2, {"a", "b"})


async def test_a_block_holds_until_a_new_password(work: SqlWork) -> None:
    """R12: a blocked mailbox opens with no password; a new one lifts the block."""
    await with_accounts(work)
    async with work() as unit:
        await unit.directory.block("id-alice", NOW)
        assert await unit.directory.credentials("id-alice") == Credentials(2, (HASH,), blocked=True)
        await unit.directory.block("id-alice", NOW)
        await unit.commit()
    assert await dovecot_users(work) == {}
    async with work() as unit:
        await unit.directory.set_password("id-alice", HASH, "op", NOW)
        assert await unit.directory.credentials("id-alice") == Credentials(3, (HASH, HASH))
        await unit.commit()
    assert list(await dovecot_users(work)) == ["alice@example.com"]


@pytest.mark.parametrize(
    ("encoded", "scheme"),
    [
        (HASH, "{ARGON2ID}"),
        ("$argon2i$v=19$m=8$s$h", "{ARGON2I}"),
        (BCRYPT, "{BLF-CRYPT}"),
        ("$2y$12$abc", "{BLF-CRYPT}"),
        (SHA512, "{SHA512-CRYPT}"),
    ],
)
async def test_dovecot_reads_each_scheme_by_its_name(work: SqlWork, encoded: str, scheme: str) -> None:
    """The view puts the name that Dovecot knows before the hash."""
    await with_accounts(work, an_account(password_hash=encoded))
    assert await dovecot_users(work) == {"alice@example.com": scheme + encoded}


async def test_dovecot_sees_only_who_may_sign_in(work: SqlWork) -> None:
    """Disabled accounts, accounts without a password and unknown schemes are not in the view."""
    await with_accounts(
        work,
        an_account(),
        an_account("carol", status=Status.DISABLED),
        an_account("dave", password_hash=None),
        an_account("erin", password_hash="plain"),
        an_account("frank", password_hash="$2x$12$abc"),
    )
    assert list(await dovecot_users(work)) == ["alice@example.com"]
    async with work() as unit:
        await unit.accounts.set_status("id-alice", Status.DISABLED, NOW)
        await unit.accounts.set_status("id-carol", Status.ACTIVE, NOW)
        await unit.commit()
    assert list(await dovecot_users(work)) == ["carol@example.com"]
