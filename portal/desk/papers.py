"""Documents of a review: what the person claims, and each page as a harmless picture, every look audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from portal.desk.guard import render, shown
from portal.keys import EVIDENCE_FILES, PARTS
from recovery_core.errors import UnknownError
from recovery_core.evidence.evidence import Claim, EvidenceFile
from recovery_core.people import viewing
from recovery_core.people.agents import agent_with, desk_ticket
from recovery_core.people.operators import Operator
from recovery_core.people.rights import RIGHTS, Right
from recovery_core.people.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Papers:
    """What was handed in with a ticket."""

    claim: Claim | None
    files: Sequence[EvidenceFile]

    @classmethod
    def none(cls) -> Papers:
        """Return what those see who may not look."""
        return cls(None, ())


async def papers_of(request: web.Request, agent: Operator, ticket: Ticket) -> Papers | None:
    """Return the claim and the list of files, None for those who may not look."""
    if agent.role is None or Right.SEE_EVIDENCE not in RIGHTS[agent.role]:
        return None
    async with request.app[PARTS].work.reading() as work:
        return Papers(await work.evidence.claim(ticket.id), await work.evidence.files(ticket.id))


@shown
async def show_page(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/tickets/<id>/papers/<file>/<page>: the picture beside what the person claims.

    The look is noted when the picture itself is fetched; raises NoRightError or UnknownError.
    """
    parts, number = request.app[PARTS], int(request.match_info["page"])
    async with parts.work.reading() as work:
        await agent_with(work, agent.id, Right.SEE_EVIDENCE)
        ticket = await desk_ticket(work, request.match_info["ticket"])
    papers = await papers_of(request, agent, ticket) or Papers.none()
    ids = [file.id for file in papers.files]
    if request.match_info["file"] not in ids:
        raise UnknownError("evidence")
    index = ids.index(request.match_info["file"])
    if not 1 <= number <= papers.files[index].pages:
        raise UnknownError("evidence")
    leaves = [(file, page) for file in papers.files for page in range(1, file.pages + 1)]
    at = leaves.index((papers.files[index], number))
    return render(
        request, agent, "paper.html", ticket=ticket, claim=papers.claim, file=papers.files[index],
        count=index + 1, number=number, page="paper", earlier=leaves[at - 1] if at else None,
        later=leaves[at + 1] if at + 1 < len(leaves) else None,
    )  # fmt: skip


@shown
async def show(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/evidence/<file>/<page>?ticket=<id>: one page, re-encoded; never page 0, the original.

    The look is in the audit trail before the first byte leaves.
    """
    files, page = request.app.get(EVIDENCE_FILES), int(request.match_info["page"])
    file_id = request.match_info["file"]
    if files is None or page == 0:
        raise UnknownError("evidence")
    ticket = request.query.get("ticket", "")
    picture = await viewing.view(request.app[PARTS], files, agent.id, file_id, page, of_ticket=ticket)
    return web.Response(body=picture, content_type="image/png")
