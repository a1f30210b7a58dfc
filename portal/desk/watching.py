"""What an open ticket page looks at again and again: the talk as it grows, without a new audit event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation, Line
from recovery_core.people.agents import agent_with, desk_ticket
from recovery_core.people.rights import Right
from recovery_core.people.tickets import Ticket
from recovery_core.work import UnitOfWork

BATCH = 200


@dataclass(frozen=True, slots=True)
class Talk:
    """A ticket and the conversation of its case, wherever the case is now (R13)."""

    ticket: Ticket
    conversation: Conversation | None
    lines: Sequence[Line]

    @property
    def conversation_id(self) -> str:
        """Return whom to listen to."""
        return self.conversation.id if self.conversation else self.ticket.conversation_id


async def look(parts: Parts, agent_id: str, ticket_id: str, seq: int, *, lines: bool = True) -> Talk:
    """Return what was said after *seq*; raises NoRightError or UnknownError."""
    async with parts.work.reading() as work:
        await agent_with(work, agent_id, Right.SEE_TRANSCRIPT)
        ticket = await desk_ticket(work, ticket_id)
        conversation_id = await _conversation(work, ticket)
        conversation = await work.conversations.get(conversation_id)
        said = await work.conversations.since(conversation_id, seq, BATCH) if lines else ()
    return Talk(ticket, conversation, said)


async def conversation_of(parts: Parts, ticket: Ticket) -> Conversation | None:
    """Return the conversation that the ticket's case is in now."""
    async with parts.work.reading() as work:
        return await work.conversations.get(await _conversation(work, ticket))


async def _conversation(work: UnitOfWork, ticket: Ticket) -> str:
    case = await work.cases.get(ticket.case_id)
    return case.conversation_id if case else ticket.conversation_id
