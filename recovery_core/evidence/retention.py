"""Documents are deleted when their keeping time is over, and what never became evidence sooner (R21)."""

from __future__ import annotations

from datetime import timedelta

from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.evidence.drafts import form_of
from recovery_core.evidence.ports import EvidenceFiles

KEEPING = timedelta(days=30)
"""After the decision."""
_LEFT = timedelta(hours=1)
"""After the end of a form nobody can still be sending its documents."""
_BATCH = 200


async def sweep(parts: Parts, files: EvidenceFiles, keeping: timedelta = KEEPING) -> None:
    """Delete the files of tickets decided longer than *keeping* ago, and files of forms never sent.

    The file goes first: a crash in between leaves a row, which the next sweep drops.
    """
    before = parts.clock.now() - keeping
    async with parts.work.reading() as work:
        over = await work.evidence.over(before, _BATCH)
    for file in over:
        await files.delete(file.id)
        async with parts.work() as work:
            ticket = await work.tickets.get(file.ticket_id)
            await work.evidence.forget(file.id)
            chain = ticket.case_id if ticket else "operator"
            said = {"ticket": file.ticket_id, "sha256": file.sha256}
            await work.audit.append(chain, AuditName.EVIDENCE_DELETED, parts.clock.now(), said)
            await work.commit()
    await _sweep_left(parts, files)


async def _sweep_left(parts: Parts, files: EvidenceFiles) -> None:
    ids = await files.ids()
    ended: list[str] = []
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        async with parts.work.reading() as work:
            known = await work.evidence.known(some)
            for file_id in some:
                if file_id in known:
                    continue
                form = await work.forms.get(form_of(file_id))
                if form is None or parts.clock.now() >= form.expires_at + _LEFT:
                    ended.append(file_id)
    for file_id in ended:
        await files.delete(file_id)
