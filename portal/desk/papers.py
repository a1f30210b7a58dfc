"""Documents of a review: what the person claims, and each page as a harmless picture, every look audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from portal.desk.guard import shown
from portal.keys import EVIDENCE_FILES, PARTS
from recovery_core.errors import UnknownError
from recovery_core.evidence.evidence import Claim, EvidenceFile
from recovery_core.people import viewing
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
