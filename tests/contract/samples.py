"""Values that the contract tests store; each function takes what matters to the test by name."""

# ruff: noqa: ANN401  overriding any field by name is the point of these functions

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from recovery_core.accounts.account import Contact, ContactKind, Domain, Edition
from recovery_core.accounts.new_account import NewAccount
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.form import Form
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language
from recovery_core.messages import FormPurpose
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.notices.veto import Veto
from recovery_core.passwords.grant import Grant
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.methods import Method

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"


def a_domain(name: str = "example.com", **fields: Any) -> Domain:
    """Return a domain."""
    usual = {"edition": Edition.STANDARD, "company": "示例科技有限公司", "uscc": "91330100MA2DEMA01A"}
    return Domain(name, **usual | fields)


def an_account(name: str = "alice", **fields: Any) -> NewAccount:
    """Return a new account of example.com."""
    return NewAccount(
        **{
            "id": f"id-{name}",
            "address": f"{name}@example.com",
            "display_name": name.title(),
            "password_hash": HASH,
        }
        | fields
    )


async def with_accounts(work: SqlWork, *accounts: NewAccount) -> None:
    """Store example.com and *accounts* (alice, if none is given)."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain())
        await unit.accounts_writer.add_accounts(accounts or [an_account()], NOW)
        await unit.commit()


def a_contact(name: str, kind: ContactKind = ContactKind.MAIL, value: str = "a@backup.example") -> Contact:
    """Return a contact."""
    return Contact(name, kind, value, "zh")


def a_conversation(name: str = "talk", **fields: Any) -> Conversation:
    """Return a conversation."""
    return Conversation(
        **{
            "id": name,
            "token_hash": f"token-{name}",
            "channel": "web",
            "language": Language.ZH,
            "created_at": NOW,
            "last_seen_at": NOW,
            "client_key": None,
        }
        | fields
    )


async def with_conversation(work: SqlWork, name: str = "talk", **fields: Any) -> None:
    """Store a conversation."""
    async with work() as unit:
        await unit.conversations.add(a_conversation(name, **fields))
        await unit.commit()


def a_case(name: str = "case", **fields: Any) -> Case:
    """Return a case."""
    return Case(
        **{
            "id": name,
            "reference": f"RC-{name}",
            "conversation_id": "talk",
            "state": State.OPENED,
            "created_at": NOW,
            "updated_at": NOW,
        }
        | fields
    )


def a_grant(**fields: Any) -> Grant:
    """Return a grant."""
    return Grant(
        **{
            "issued_at": NOW,
            "expires_at": NOW + HOUR,
            "password_version": 1,
            "contacts_version": 1,
            "status": "active",
            "sendings_left": 20,
        }
        | fields
    )


def a_form(name: str = "form", **fields: Any) -> Form:
    """Return a form."""
    return Form(
        **{
            "id": name,
            "case_id": "case",
            "conversation_id": "talk",
            "purpose": FormPurpose.PASSWORD,
            "issued_at": NOW,
            "expires_at": NOW + HOUR,
        }
        | fields
    )


def a_challenge(name: str = "challenge", **fields: Any) -> Challenge:
    """Return a pending challenge with five tries."""
    return Challenge(
        **{
            "id": name,
            "case_id": "case",
            "method": Method.SMS,
            "address_key": "key",
            "secret_hash": f"secret-{name}",
            "decoy": False,
            "questions": None,
            "issued_at": NOW,
            "expires_at": NOW + HOUR,
            "tries_left": 5,
        }
        | fields
    )


def a_delivery(name: str = "delivery", **fields: Any) -> Delivery:
    """Return a delivery."""
    return Delivery(
        **{
            "id": name,
            "channel": Channel.SMS,
            "to": "+8613800138000",
            "template": Template.CODE,
            "variables": {"code": "123456", "minutes": "5"},
            "language": "zh",
            "topic": "challenge",
        }
        | fields
    )


def a_veto(name: str = "veto", **fields: Any) -> Veto:
    """Return an open veto."""
    return Veto(
        **{
            "id": name,
            "account_id": "id-alice",
            "case_id": "case",
            "contact_id": "id-alice.phone",
            "gave_proof": False,
            "token_hash": f"token-{name}",
            "issued_at": NOW,
            "expires_at": NOW + HOUR,
        }
        | fields
    )
