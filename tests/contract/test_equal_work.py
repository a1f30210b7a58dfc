"""On a real database every address runs the same statements and stores rows of the same size (R2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from recovery_core.accounts.new_account import NewAccount
from recovery_core.adapters.sql import engine
from recovery_core.adapters.sql.tables.notices import OUTBOX
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases import challenging, opening, proving
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import EVERYBODY, NOBODY, Person
from tests.unit.cases.house import House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
ADDRESSES = [*(person.address for person in EVERYBODY), NOBODY, "somebody@unknown.example"]


@dataclass
class Seen:
    """What an observer of the database could compare."""

    statements: list[str]
    sizes: list[tuple[str, int]]
    operations: int
    outcomes: list[object]


async def move_in(work: SqlWork, house: House) -> None:
    """Store the company of the tests."""
    async with work() as unit:
        for domain in house.data.domains.values():
            await unit.accounts_writer.add_domain(domain)
        await unit.accounts_writer.add_accounts([new_account(p) for p in EVERYBODY], house.clock.now())
        for person in EVERYBODY:
            account = person.account()
            if account.answers:
                await unit.accounts_writer.set_answers(account.id, account.answers)
        await unit.commit()


def new_account(person: Person) -> NewAccount:
    """Return the person as a row of an import."""
    account = person.account()
    return NewAccount(
        id=account.id,
        address=account.address,
        display_name=account.display_name,
        role=account.role,
        status=account.status,
        language=account.language,
        phone=person.phone,
        backup_mailbox=person.backup,
    )


@contextmanager
def watched(work: SqlWork) -> Iterator[list[str]]:
    """Write down every statement that reaches the database."""
    seen: list[str] = []

    with engine.watched(work.engine, lambda statement, _values: seen.append(statement)):
        yield seen


async def talk(parts: Parts, where: str) -> None:
    """Begin a conversation from a client of its own."""
    now = parts.clock.now()
    conversation = Conversation(where, f"token {where}", "web", Language.EN, now, now, client_key=where)
    async with parts.work() as unit:
        await unit.conversations.add(conversation)
        await unit.commit()


async def sizes(work: SqlWork) -> list[tuple[str, int]]:
    """Return channel and sealed size of what waits in the outbox."""
    async with work.engine.connect() as connection:
        query = select(OUTBOX.c.channel, OUTBOX.c.sealed).order_by(OUTBOX.c.created_at)
        rows = await connection.execute(query)
        return [(row.channel, len(row.sealed)) for row in rows if row.sealed is not None]


async def walk(parts: Parts, house: House, address: str) -> Seen:
    """Ask for every proof and give wrong ones, as a stranger would."""
    work, where, outcomes = parts.work, f"talk about {address}", []
    assert isinstance(work, SqlWork)
    await talk(parts, where)
    operations, before = house.hasher.operations, len(await sizes(work))
    with watched(work) as statements:
        await opening.identify(parts, where, (address,))
        outcomes.append(await challenging.challenge(parts, where, Q))
        tried = await proving.try_answers(parts, where, ("wrong", "too"))
        outcomes.append((tried.outcome, tried.tries_left))
        outcomes.append(await challenging.challenge(parts, where, S))
        async with work() as unit:
            tried = await proving.try_code(unit, parts, where, "000000")
            await unit.commit()
        outcomes.append((tried.outcome, tried.tries_left))
        outcomes.append(await challenging.resend(parts, where))
        outcomes.append([message.id for message in await challenging.challenge(parts, where, M)])
    return Seen(statements, (await sizes(work))[before:], house.hasher.operations - operations, outcomes)


async def test_every_address_runs_the_same_statements(work: SqlWork) -> None:
    """R2: known, disabled, unfit and unknown addresses run the same SQL and store equal sizes."""
    house = House()
    await move_in(work, house)
    parts = replace(house.parts, work=work)
    expected = await walk(parts, house, ADDRESSES[0])
    assert len(expected.statements) > 50
    assert [channel for channel, _ in expected.sizes] == ["mail"]
    assert expected.operations == 2

    for address in ADDRESSES[1:]:
        house.clock.move(timedelta(minutes=2))
        assert await walk(parts, house, address) == expected, address
