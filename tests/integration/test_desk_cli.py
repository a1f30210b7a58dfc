"""The desk commands on real databases: each change of an operator leaves an audit event (R15, R21)."""

from __future__ import annotations

import asyncio

from recovery_core.adapters.sql.unit_of_work import SqlUnitOfWork
from recovery_core.audit import AuditEvent
from recovery_core.people.operators import Console, Operator
from tests.integration.test_accounts_cli import Shell, shell, url
from tests.stores import work_on

__all__ = ["shell", "url"]
PASSWORD = "Desk-Passw0rd!"


def events(shell: Shell) -> list[AuditEvent]:
    """Return the events outside of cases."""

    async def read(unit: SqlUnitOfWork) -> list[AuditEvent]:
        return list(await unit.audit.events("operator"))

    found = shell.ask(read)
    assert isinstance(found, list)
    return found


def named(shell: Shell, console: Console, name: str) -> Operator | None:
    """Return the operator with that name."""
    found = shell.ask(lambda unit: unit.operators.by_name(console, name))
    assert found is None or isinstance(found, Operator)
    return found


def add(shell: Shell, name: str = "zoe") -> Operator:
    """Add an agent."""
    assert shell.run("desk", "add", name, "--role", "agent", "--password", PASSWORD).exit_code == 0
    operator = named(shell, Console.DESK, name)
    assert operator is not None
    return operator


def test_every_change_of_an_agent_is_audited(shell: Shell) -> None:
    """Added, second factor replaced, disabled: by the command, with the agent's id and role, no secret."""
    agent = add(shell)
    assert shell.run("desk", "reset-code", "zoe").exit_code == 0
    assert shell.run("desk", "disable", "zoe").exit_code == 0

    found = events(shell)[-3:]
    names = ["operator:agent:added", "operator:second_factor:reset", "operator:agent:disabled"]
    assert [event.name for event in found] == names
    assert [event.data for event in found] == [{"operator": agent.id, "by": "command", "role": "agent"}] * 3
    changed = named(shell, Console.DESK, "zoe")
    assert changed is not None
    assert changed.disabled
    assert changed.totp_sealed != agent.totp_sealed


def test_an_administrators_reset_is_audited(shell: Shell) -> None:
    """An administrator's second factor is dropped until the next sign-in, and that is written down too."""

    async def enrolled() -> None:
        work = work_on(shell.url)
        async with work() as unit:
            operator = Operator("id-pm", Console.ADMIN, "pm@example.com", "PM", "en", totp_sealed=b"old")
            await unit.operators.put(operator)
            await unit.commit()
        await work.engine.dispose()

    asyncio.run(enrolled())
    assert shell.run("desk", "reset-code", "pm@example.com").exit_code == 0

    (event,) = events(shell)[-1:]
    assert (event.name, event.data) == (
        "operator:second_factor:reset",
        {"operator": "id-pm", "by": "command"},
    )


def test_what_changes_nothing_is_not_audited(shell: Shell) -> None:
    """An unknown name, or one that is there already, is refused and leaves no event."""
    add(shell)
    before = events(shell)
    again = ("add", "zoe", "--role", "agent", "--password", PASSWORD)
    for order in (("disable", "nobody"), ("reset-code", "nobody"), again):
        assert shell.run("desk", *order).exit_code == 1
    assert events(shell) == before
