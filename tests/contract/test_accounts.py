"""The accounts of the store."""

from __future__ import annotations

from recovery_core.accounts.account import Account, ContactKind, Role, SecurityAnswer, Status
from recovery_core.adapters.sql.engine import count_statements
from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.contract.samples import NOW, a_contact, a_domain, an_account, with_accounts


async def test_an_account_comes_back_whole(work: SqlWork) -> None:
    """An account is read with all its fields, contacts and answers in their order."""
    await with_accounts(
        work, an_account(phone="+8613800138000", backup_mailbox="a@backup.example", employee_number="E1001")
    )
    answers = (SecurityAnswer("first_pet", "hash-1"), SecurityAnswer("birth_city", "hash-2"))
    async with work() as unit:
        await unit.accounts_writer.set_answers("id-alice", answers)
        account = await unit.accounts.by_address("alice@example.com")
        assert account == await unit.accounts.by_id("id-alice")
    assert account == Account(
        id="id-alice",
        address="alice@example.com",
        display_name="Alice",
        role=Role.EMPLOYEE,
        status=Status.ACTIVE,
        language="zh",
        employee_number="E1001",
        contacts=(
            a_contact("id-alice.phone", ContactKind.PHONE, "+8613800138000"),
            a_contact("id-alice.mail"),
        ),
        answers=answers,
    )


async def test_unknown_names_give_nothing(work: SqlWork) -> None:
    """An address, id or domain that nobody has gives None, zero or an empty list."""
    async with work.reading() as unit:
        assert await unit.accounts.by_address("nobody@example.com") is None
        assert await unit.accounts.by_id("nobody") is None
        assert await unit.accounts.domain("example.com") is None
        assert await unit.accounts.domain_size("example.com") == 0
        assert await unit.accounts.administrators("example.com") == []
        assert await unit.accounts.question_pairs("example.com") == []


async def test_the_only_domain_is_named_while_it_is_the_only_one(work: SqlWork) -> None:
    """None at first, then the one, then none again: of two nobody can say which is meant."""
    for name, only in ((None, None), ("example.com", "example.com"), ("group.example", None)):
        async with work() as unit:
            if name is not None:
                await unit.accounts_writer.add_domain(a_domain(name))
            assert await unit.accounts.only_domain() == only
            await unit.commit()


async def test_known_and_unknown_addresses_cost_the_same_statements(work: SqlWork) -> None:
    """R2: reading an address takes three statements whether the account exists, is disabled or neither."""
    await with_accounts(work, an_account(phone="+8613800138000"), an_account("carol", status=Status.DISABLED))
    counts = set()
    for address in ("alice@example.com", "carol@example.com", "nobody@example.com", "nobody@nowhere.example"):
        async with work.reading() as unit:
            with count_statements(work.engine) as count:
                await unit.accounts.by_address(address)
            counts.add(count.statements)
    assert counts == {3}


async def test_a_domain_comes_back_whole(work: SqlWork) -> None:
    """A domain is read with all its fields."""
    domain = a_domain(owner_contact="owner@cloud.example", group_domain="group.example", demo=True)
    async with work() as unit:
        await unit.accounts_writer.add_domain(domain)
        assert await unit.accounts.domain("example.com") == domain


async def test_only_active_administrators_are_named(work: SqlWork) -> None:
    """Employees and disabled administrators help nobody; a super administrator does."""
    await with_accounts(
        work,
        an_account(),
        an_account("postmaster", role=Role.ADMINISTRATOR),
        an_account("gm0001", role=Role.SUPER_ADMINISTRATOR),
        an_account("gone", role=Role.ADMINISTRATOR, status=Status.DISABLED),
    )
    async with work.reading() as unit:
        found = await unit.accounts.administrators("example.com")
    assert [account.id for account in found] == ["id-gm0001", "id-postmaster"]


async def test_status_changes(work: SqlWork) -> None:
    """A disabled account reads as disabled, and as active again when it was enabled."""
    await with_accounts(work)
    async with work() as unit:
        for status in (Status.DISABLED, Status.ACTIVE):
            await unit.accounts.set_status("id-alice", status, NOW)
            account = await unit.accounts.by_id("id-alice")
            assert account is not None
            assert account.status is status


async def test_contacts_are_replaced_and_counted(work: SqlWork) -> None:
    """R10: every change of the contacts, also their removal, raises the version by one."""
    await with_accounts(work, an_account(phone="+8613800138000"))
    new = (a_contact("new-1"), a_contact("new-2", ContactKind.PHONE, "+8613800138001"))
    async with work() as unit:
        await unit.accounts.replace_contacts("id-alice", new)
        account = await unit.accounts.by_id("id-alice")
        assert account is not None
        assert (account.contacts, account.contacts_version) == (new, 2)
        await unit.accounts.replace_contacts("id-alice", ())
        account = await unit.accounts.by_id("id-alice")
        assert account is not None
        assert (account.contacts, account.contacts_version) == ((), 3)


async def test_the_marks_of_a_takeover_are_kept(work: SqlWork) -> None:
    """R12: two methods can be required and not any more, and the moment of the hold is remembered."""
    await with_accounts(work)
    async with work() as unit:
        await unit.accounts.require_two_methods("id-alice", True)  # noqa: FBT003
        await unit.accounts.use_hold("id-alice", NOW)
        account = await unit.accounts.by_id("id-alice")
        assert account is not None
        assert (account.two_methods_required, account.hold_used_at) == (True, NOW)
        await unit.accounts.require_two_methods("id-alice", False)  # noqa: FBT003
        account = await unit.accounts.by_id("id-alice")
        assert account is not None
        assert not account.two_methods_required
