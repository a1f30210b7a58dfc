"""``rekey desk``: the agents of the support desk, and second factors that were lost."""

from __future__ import annotations

from dataclasses import replace

import click

from recovery_core.audit import AuditName
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from recovery_core.keyed import KeyedHash
from recovery_core.people.operators import Console, Operator
from recovery_core.people.rights import DeskRole
from recovery_core.people.signing_in import derive_secret
from recovery_core.people.totp import enrolment_uri, shown_secret
from recovery_core.work import UnitOfWork
from rekey.keys import load_keys
from rekey.settings import load_settings
from rekey.store import Store, hashed, with_store

_SHORTEST = 12
"""Characters of an agent's password; the second factor comes on top."""
_CHAIN = "operator"
_ROLES = click.Choice([role.value for role in DeskRole])


@click.group()
def desk() -> None:
    """Add agents to the desk, and help operators who lost their second factor."""


@desk.command()
@click.argument("name")
@click.option("--role", type=_ROLES, required=True)
@click.option("--display-name", help="What others read; NAME unless given.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.password_option(help="Asked for when it is not given; at least 12 characters.")
def add(*, name: str, role: str, display_name: str | None, language: str, password: str) -> None:
    """Add the agent NAME and show the key of their second factor, once."""
    if len(password) < _SHORTEST:
        raise click.BadParameter(f"at least {_SHORTEST} characters", param_hint="--password")
    draw = SystemEntropy()
    agent = Operator(
        id=draw.token(128),
        console=Console.DESK,
        name=name.strip().lower(),
        display_name=display_name or name,
        language=language,
        role=DeskRole(role),
        password_hash=hashed(password),
        totp_sealed=draw.token(128).encode(),
    )
    with_store(lambda work: _add(work, agent))
    click.echo(f"{agent.name} added as {role}.")
    _show_key(agent)


@desk.command("list")
def list_() -> None:
    """List the agents with their roles."""
    for agent in with_store(_agents):
        state = "disabled" if agent.disabled else (agent.role.value if agent.role else "")
        click.echo(f"{agent.name:<20} {state:<10} {agent.display_name}")


@desk.command()
@click.argument("name")
def disable(*, name: str) -> None:
    """Keep the agent NAME out; open sessions end at once."""
    with_store(lambda work: _disable(work, name.strip().lower()))
    click.echo(f"{name} is disabled.")


@desk.command("reset-code")
@click.argument("name")
def reset_code(*, name: str) -> None:
    """Replace the second factor of NAME: an agent, or the mailbox of an administrator.

    An agent's new key is shown. An administrator enrols at the next sign-in, after a code to the phone, and
    can only look for 24 hours.
    """
    operator = with_store(lambda work: _reset(work, name.strip().lower()))
    if operator.console is Console.DESK:
        _show_key(operator)
    else:
        click.echo(f"{operator.name} enrols a new second factor at the next sign-in.")


async def _add(store: Store, agent: Operator) -> None:
    async with store() as work:
        if await work.operators.by_name(Console.DESK, agent.name) is not None:
            raise click.ClickException(f"{agent.name} is there already.")
        await work.operators.put(agent)
        await _audit(work, AuditName.OPERATOR_ADDED, agent)
        await work.commit()


async def _agents(store: Store) -> list[Operator]:
    async with store.reading() as work:
        return list(await work.operators.agents())


async def _disable(store: Store, name: str) -> None:
    async with store() as work:
        agent = await _named(work, name, Console.DESK)
        await work.operators.put(replace(agent, disabled=True))
        await work.operators.end_sessions_of(agent.id)
        await _audit(work, AuditName.OPERATOR_DISABLED, agent)
        await work.commit()


async def _reset(store: Store, name: str) -> Operator:
    async with store() as work:
        console = Console.ADMIN if "@" in name else Console.DESK
        operator = await _named(work, name, console)
        seed = SystemEntropy().token(128).encode() if console is Console.DESK else None
        now = SystemClock().now()
        fresh = replace(operator, totp_sealed=seed, totp_last_step=0, totp_changed_at=now)
        await work.operators.put(fresh)
        await work.operators.end_sessions_of(operator.id)
        await _audit(work, AuditName.SECOND_FACTOR_RESET, operator)
        await work.commit()
    return fresh


async def _audit(work: UnitOfWork, name: AuditName, operator: Operator) -> None:
    role = {"role": operator.role.value} if operator.role else {}
    said = {"operator": operator.id, "by": "command", **role}
    await work.audit.append(_CHAIN, name, SystemClock().now(), said)


async def _named(work: UnitOfWork, name: str, console: Console) -> Operator:
    operator = await work.operators.by_name(console, name)
    if operator is None:
        raise click.ClickException(f"{name} is not known, or has never signed in.")
    return operator


def _show_key(agent: Operator) -> None:
    keyed = KeyedHash(load_keys(load_settings()).hashing)
    secret = derive_secret(keyed, agent.id, agent.totp_sealed or b"")
    click.echo(f"Key for the authenticator app (shown once): {shown_secret(secret)}")
    click.echo(enrolment_uri(secret, agent.name, "rekey"))
