"""Tickets, operators and documents that the contract tests store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.evidence.evidence import EvidenceFile, FileKind
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.rights import DeskRole
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState
from tests.contract.samples import NOW


def a_ticket(name: str = "ticket", **fields: Any) -> Ticket:  # noqa: ANN401
    """Return an open request to reset, of a case of its own."""
    return Ticket(
        **{
            "id": name,
            "number": f"T-{name}",
            "kind": Kind.RESET,
            "lane": Lane.ADMINISTRATOR,
            "case_id": f"case-{name}",
            "conversation_id": "talk",
            "domain": "example.com",
            "state": TicketState.OPEN,
            "created_at": NOW,
            "updated_at": NOW,
            "due_at": NOW + timedelta(days=3),
        }
        | fields
    )


async def with_tickets(work: SqlWork, *tickets: Ticket) -> None:
    """Store *tickets* (one, if none is given)."""
    async with work() as unit:
        for ticket in tickets or [a_ticket()]:
            assert await unit.tickets.add_once(ticket) == ticket
        await unit.commit()


def an_agent(name: str = "agent1", **fields: Any) -> Operator:  # noqa: ANN401
    """Return an agent of the desk."""
    return Operator(
        **{
            "id": f"id-{name}",
            "console": Console.DESK,
            "name": name,
            "display_name": name.title(),
            "language": "zh",
            "role": DeskRole.AGENT,
            "password_hash": "hash",
            "totp_sealed": b"\x01sealed",
        }
        | fields
    )


async def with_operators(work: SqlWork, *operators: Operator) -> None:
    """Store *operators* (agent1, if none is given)."""
    async with work() as unit:
        for operator in operators or [an_agent()]:
            await unit.operators.put(operator)
        await unit.commit()


def a_session(name: str = "session", **fields: Any) -> ConsoleSession:  # noqa: ANN401
    """Return a fully signed-in session of agent1 at the desk."""
    return ConsoleSession(
        **{
            "token_hash": f"token-{name}",
            "operator_id": "id-agent1",
            "console": Console.DESK,
            "issued_at": NOW,
            "last_seen_at": NOW,
            "second_factor_at": NOW,
            "password_version": 1,
        }
        | fields
    )


def a_file(name: str = "file", **fields: Any) -> EvidenceFile:  # noqa: ANN401
    """Return a document of two pages."""
    return EvidenceFile(
        **{
            "id": name,
            "ticket_id": "ticket",
            "kind": FileKind.PDF,
            "pages": 2,
            "size": 1234,
            "sha256": "0" * 64,
            "at": NOW,
        }
        | fields
    )
