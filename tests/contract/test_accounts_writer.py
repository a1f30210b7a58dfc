"""Adding and correcting accounts in bulk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.accounts.account import Role, SecurityAnswer, Status
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError, UnknownError
from tests.contract.samples import HASH, NOW, a_domain, an_account, with_accounts

PAIR = (SecurityAnswer("first_pet", "hash-1"), SecurityAnswer("birth_city", "hash-2"))
TURNED = (SecurityAnswer("birth_city", "hash-2"), SecurityAnswer("first_pet", "hash-1"))


async def test_domains_are_listed_by_name(work: SqlWork) -> None:
    """All domains come back in the order of their names."""
    async with work() as unit:
        for name in ("sub.group.example", "example.com", "premium.example"):
            await unit.accounts_writer.add_domain(a_domain(name))
        found = [domain.name for domain in await unit.accounts_writer.domains()]
    assert found == ["example.com", "premium.example", "sub.group.example"]


async def test_a_domain_is_added_once(work: SqlWork) -> None:
    """A second domain of the same name is a conflict."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain())
        with pytest.raises(ConflictError):
            await unit.accounts_writer.add_domain(a_domain())


async def test_a_domain_is_corrected_without_losing_its_size(work: SqlWork) -> None:
    """New fields of a domain are stored; how many accounts it has stays counted."""
    await with_accounts(work)
    async with work() as unit:
        await unit.accounts_writer.update_domain(a_domain(company="New Ltd"))
        domain = await unit.accounts.domain("example.com")
        assert domain is not None
        assert domain.company == "New Ltd"
        assert await unit.accounts.domain_size("example.com") == 1
        with pytest.raises(UnknownError):
            await unit.accounts_writer.update_domain(a_domain("unknown.example"))


async def test_domains_know_their_size(work: SqlWork) -> None:
    """R5: every added account is counted in its own domain."""
    await with_accounts(work, an_account(), an_account("bob"))
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain("other.example"))
        more = [an_account("carol"), an_account("dave", address="dave@other.example")]
        await unit.accounts_writer.add_accounts(more, NOW)
        assert await unit.accounts.domain_size("example.com") == 3
        assert await unit.accounts.domain_size("other.example") == 1


@pytest.mark.parametrize(
    "account",
    [
        an_account(id="other"),
        an_account(address="other@example.com"),
        an_account("bob", address="bob@unknown.example"),
    ],
    ids=["address", "id", "domain"],
)
async def test_what_is_there_is_a_conflict(work: SqlWork, account: object) -> None:
    """An address or an id that is there, or a domain that is not, is a conflict."""
    await with_accounts(work)
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.accounts_writer.add_accounts([account], NOW)  # type: ignore[list-item]


async def test_no_accounts_add_nothing(work: SqlWork) -> None:
    """An empty list is stored without a complaint."""
    async with work() as unit:
        await unit.accounts_writer.add_accounts([], NOW)
        assert await unit.accounts_writer.existing([]) == {}


async def test_existing_accounts_are_found_by_address(work: SqlWork) -> None:
    """Of many addresses those that exist come back, the others are left out."""
    await with_accounts(work, an_account(), an_account("bob", phone="+8613800138001"))
    asked = ["bob@example.com", *(f"nobody{i}@example.com" for i in range(2000))]
    async with work.reading() as unit:
        found = await unit.accounts_writer.existing(asked)
    assert list(found) == ["bob@example.com"]
    assert found["bob@example.com"].contacts[0].value == "+8613800138001"


async def test_correcting_leaves_status_contacts_and_password_alone(work: SqlWork) -> None:
    """R19: an update stores name, role, language and employee number, nothing else."""
    await with_accounts(work, an_account(phone="+8613800138000"))
    async with work() as unit:
        old = await unit.accounts.by_id("id-alice")
        assert old is not None
        corrected = replace(
            old, display_name="Alice Wang", role=Role.ADMINISTRATOR, language="en", employee_number="E1"
        )
        await unit.accounts_writer.update_accounts(
            [replace(corrected, status=Status.DISABLED, contacts=(), address="x@example.com")]
        )
        assert await unit.accounts.by_id("id-alice") == corrected
        assert (await unit.directory.credentials("id-alice")).version == 1


async def test_pairs_of_questions_are_counted(work: SqlWork) -> None:
    """R7: each ordered pair is counted in its domain, down again when it is replaced or removed."""
    await with_accounts(work, an_account(), an_account("bob"), an_account("carol"))
    async with work() as unit:
        for name, answers in (("alice", PAIR), ("bob", PAIR), ("carol", TURNED)):
            await unit.accounts_writer.set_answers(f"id-{name}", answers)
        pairs = await unit.accounts.question_pairs("example.com")
        assert pairs == [(("birth_city", "first_pet"), 1), (("first_pet", "birth_city"), 2)]
        await unit.accounts_writer.set_answers("id-bob", ())
        await unit.accounts_writer.set_answers("id-carol", PAIR)
        assert await unit.accounts.question_pairs("example.com") == [(("first_pet", "birth_city"), 2)]


@pytest.mark.parametrize("answers", [PAIR[:1], (*PAIR, PAIR[0]), (PAIR[0], PAIR[0])])
async def test_answers_are_two_different_or_none(work: SqlWork, answers: tuple[SecurityAnswer, ...]) -> None:
    """R7: one question, three, or the same one twice are refused."""
    await with_accounts(work)
    async with work() as unit:
        with pytest.raises(ValueError, match="two_different_questions"):
            await unit.accounts_writer.set_answers("id-alice", answers)


async def test_answers_need_an_account(work: SqlWork) -> None:
    """Answers of an account that does not exist are a conflict."""
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.accounts_writer.set_answers("nobody", PAIR)


async def test_current_hashes_are_read_for_many(work: SqlWork) -> None:
    """The newest hash of each account that has one comes back; others are left out."""
    await with_accounts(work, an_account(), an_account("bob"), an_account("dave", password_hash=None))
    async with work() as unit:
        await unit.directory.set_password("id-bob", "newer", "op", NOW)
        asked = ["id-alice", "id-bob", "id-dave", *(f"nobody-{n}" for n in range(2000))]
        found = await unit.accounts_writer.current_hashes(asked)
    assert found == {"id-alice": HASH, "id-bob": "newer"}


async def test_all_accounts_are_walked_in_pages(work: SqlWork) -> None:
    """Walking reaches every account once, by address, of all domains or of one."""
    names = [f"n{i:04}" for i in range(1001)]
    await with_accounts(work, *(an_account(name) for name in names))
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain("other.example"))
        await unit.accounts_writer.add_accounts([an_account("zoe", address="zoe@other.example")], NOW)
        await unit.commit()
    async with work.reading() as unit:
        ids = [account.id async for account in unit.accounts_writer.all_accounts()]
        assert ids == [*(f"id-{name}" for name in names), "id-zoe"]
        others = [account.id async for account in unit.accounts_writer.all_accounts("other.example")]
        assert others == ["id-zoe"]
