"""One ticket with what is needed to decide it."""

from __future__ import annotations

from aiohttp import web

from portal.console.pages import language_of, words
from portal.desk.guard import render, shown
from portal.desk.lines import transcript
from portal.desk.papers import Papers, papers_of
from portal.desk.times import due, span
from portal.desk.watching import conversation_of
from portal.keys import PARTS, TEXTS
from recovery_core.conversations.conversation import Mode
from recovery_core.messages import FormPurpose
from recovery_core.people import desk
from recovery_core.people.operators import Operator
from recovery_core.people.rights import RIGHTS, Right
from recovery_core.people.tickets import Kind, Reason, TicketState
from recovery_core.people.voting import VOTED

OFFERED = tuple(FormPurpose)
"""Secure forms that an agent may offer; the core refuses those that do not fit the case."""
CANNED = ("hello", "moment", "look", "never_password", "code_help", "administrator", "documents", "bye")
"""Ready answers, in the catalogue in both languages."""
_KEY_BITS = 96


@shown
async def show(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/tickets/<id>: the ticket as this agent may see it now; the look is audited."""
    return await page(request, agent)


async def page(
    request: web.Request, agent: Operator, *, status: int = 200, problem: str = "", typed: str = ""
) -> web.Response:
    """Return the ticket's page, with what stood in the way of an act; raises NoRightError, UnknownError."""
    parts = request.app[PARTS]
    view = await desk.open_ticket(parts, agent.id, request.match_info["ticket"])
    papers = await papers_of(request, agent, view.ticket) or Papers.none()
    return render(
        request,
        agent,
        "ticket.html",
        status=status,
        problem=problem,
        typed=typed,
        view=view,
        ticket=view.ticket,
        acts=acts_of(agent, view),
        forms=[purpose.value for purpose in OFFERED],
        reasons=[reason.value for reason in Reason],
        papers=papers,
        key=parts.entropy.token(_KEY_BITS),
        page="ticket",
        **await _spoken(request, view),
    )


async def _spoken(request: web.Request, view: desk.DeskView) -> dict[str, object]:
    """Return what the page says of the ticket and its conversation, in words."""
    parts, t, ticket = request.app[PARTS], words(request), view.ticket
    conversation = await conversation_of(parts, ticket)
    async with parts.work.reading() as work:
        names = {other.id: other.display_name for other in await work.operators.agents()}
    now = parts.clock.now()
    return {
        "lines": transcript(view.lines, t),
        "last": view.lines[-1].seq if view.lines else 0,
        "names": names,
        "due": due(ticket.due_at, now, t),
        "age": span(now - ticket.created_at, t),
        "mode": conversation.mode if conversation else Mode.BOT,
        "canned": canned(request, conversation.language.value if conversation else language_of(request)),
    }


def acts_of(agent: Operator, view: desk.DeskView) -> frozenset[str]:
    """Return the acts that make sense now; the core judges each again when it is done."""
    ticket, rights = view.ticket, RIGHTS[agent.role] if agent.role else frozenset[Right]()
    talk, mine = ticket.kind is Kind.TALK, ticket.assignee == agent.id
    taken = ticket.state is TicketState.TAKEN
    decides = Right.DECIDE in rights and ticket.is_open and ticket.kind not in VOTED
    takes = Right.TAKE in rights and (not talk or Right.CHAT in rights)
    sensible = {
        "take": takes and ticket.state is TicketState.OPEN,
        "release": Right.TAKE in rights and taken and mine and not talk,
        "say": Right.CHAT in rights and talk and taken and mine,
        "give_back": Right.CHAT in rights and talk and taken and mine,
        "note": Right.NOTE in rights,
        "vote": view.may_vote,
        "close": decides and not (talk and taken),
        "refuse": decides and not talk,
    }
    return frozenset(name for name, sense in sensible.items() if sense)


def canned(request: web.Request, person: str) -> list[tuple[str, str]]:
    """Return the ready answers in both languages, the person's own first."""
    text = request.app[TEXTS].text
    languages = sorted(("en", "zh"), key=lambda language: language != person)
    return [(language, text(f"desk.canned.{name}", language)) for language in languages for name in CANNED]
