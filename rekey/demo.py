"""The fictional company of the demo; nothing of it is real, and it never mixes with a real domain (R22)."""

from __future__ import annotations

import json
from pathlib import Path

from recovery_core.accounts.account import Domain, Edition, Role, SecurityAnswer, Status
from recovery_core.accounts.new_account import NewAccount
from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError
from recovery_core.keyed import KeyedHash
from recovery_core.people.operators import Console, Operator
from recovery_core.people.rights import DeskRole
from recovery_core.people.signing_in import derive_secret
from recovery_core.people.totp import shown_secret
from recovery_core.proofs.questions import normalise
from recovery_core.work import UnitOfWork
from rekey.keys import load_keys
from rekey.settings import Settings

PASSWORD = "Demo-Passw0rd!"  # noqa: S105  printed by `make run`, opens nothing real
_SEED = b"demo"
"""With a key of each installation it makes secrets that differ between installations."""
_FILE = Path(__file__).parent / "demo_company.json"


async def settle(parts: Parts) -> None:
    """Make the demo company, once; raises RecoveryError on a database that holds any other domain."""
    company = json.loads(_FILE.read_text(encoding="utf-8"))
    async with parts.work() as work:
        present = await work.accounts_writer.domains()
        if any(not domain.demo for domain in present):
            raise RecoveryError("demo_on_real_data")
        await _add_agents(work, parts, company["desk"])
        if present:
            await work.commit()
            return
        for domain in company["domains"]:
            edition = Edition(domain.pop("edition"))
            await work.accounts_writer.add_domain(Domain(**domain, edition=edition, demo=True))
        await _add_accounts(work, parts, company["accounts"])
        await work.commit()


async def _add_agents(work: UnitOfWork, parts: Parts, rows: list[dict[str, str]]) -> None:
    encoded = await parts.hasher.hash(PASSWORD)
    known = {agent.name for agent in await work.operators.agents()}
    for row in rows:
        if row["name"] in known:
            continue
        agent = Operator(
            id=_agent_id(row["name"]),
            console=Console.DESK,
            name=row["name"],
            display_name=row["display_name"],
            language=row["language"],
            role=DeskRole(row["role"]),
            password_hash=encoded,
            totp_sealed=_SEED,
        )
        await work.operators.put(agent)


def _agent_id(name: str) -> str:
    return f"demo-{name}"


async def _add_accounts(work: UnitOfWork, parts: Parts, rows: list[dict[str, str]]) -> None:
    encoded = await parts.hasher.hash(PASSWORD)
    now = parts.clock.now()
    for row in rows:
        answers = [row.pop(key, None) for key in ("first_pet", "birth_city")]
        told = {key: row.pop(f"disabled_{key}", "") for key in ("by", "why")}
        role, status = Role(row.pop("role", "employee")), Status(row.pop("status", "active"))
        account = NewAccount(
            id=parts.entropy.token(128), role=role, status=status, password_hash=encoded, **row
        )
        await work.accounts_writer.add_accounts([account], now)
        if status is Status.DISABLED:
            said = {"account": account.id, "by": told["by"], "reason": told["why"]}
            await work.audit.append("operator", AuditName.ACCOUNT_DISABLED, now, said)
        if all(answers):
            pairs = zip(("first_pet", "birth_city"), answers, strict=True)
            registered = [
                SecurityAnswer(question, await parts.hasher.hash(normalise(answer or "")))
                for question, answer in pairs
            ]
            await work.accounts_writer.set_answers(account.id, registered)


def banner_lines(settings: Settings) -> list[str]:
    """Return what `make run` prints: where the outbox is and who can be played."""
    company = json.loads(_FILE.read_text(encoding="utf-8"))
    people = [f"  {row['address']:<28} {row['display_name']}" for row in company["accounts"]]
    keyed = KeyedHash(load_keys(settings).hashing)
    desk = [
        f"  {row['name']:<10} {row['role']:<9} TOTP {_secret(keyed, row['name'])}" for row in company["desk"]
    ]
    return [
        f"Demo outbox (SMS and mail):  {settings.site}/demo/outbox",
        f"Demo mailboxes, all with the password {PASSWORD}",
        *people,
        f"Administrators' console (postmaster@..., gm0001@...):  {settings.site}/admin",
        f"Support desk:  {settings.site}/desk  with the same password and these authenticator keys:",
        *desk,
    ]


def _secret(keyed: KeyedHash, name: str) -> str:
    return shown_secret(derive_secret(keyed, _agent_id(name), _SEED))
