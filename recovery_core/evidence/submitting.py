"""Documents come in: examined, kept sealed, compared with what was typed, sent when all of it fits (R17)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from recovery_core.cases import forms
from recovery_core.cases.case import Case
from recovery_core.cases.form import Form
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError
from recovery_core.evidence import drafts, mailbox
from recovery_core.evidence.drafts import Draft, DraftFile
from recovery_core.evidence.evidence import Claim, Finding
from recovery_core.evidence.ports import EvidenceFiles, Examined, Pictures, TextReader
from recovery_core.evidence.precheck import ITEM_OF, MAX_FILES, Item, Problem, Typed, compare, read_claim
from recovery_core.evidence.retention import KEEPING
from recovery_core.messages import FormPurpose
from recovery_core.work import UnitOfWork

Submitted = Callable[[UnitOfWork, str], Awaitable[str]]
"""Given a case id, returns the id of its open review; raises GoneError. What people do with the documents is
theirs, therefore it is handed in."""
_READ_PAGES = 2
_MAX_LINES = 200
_MAX_LINE = 200


@dataclass(frozen=True, slots=True)
class Documents:
    """What the documents' part works with besides the parts of the cases."""

    files: EvidenceFiles
    pictures: Pictures
    reader: TextReader | None = None
    keeping: timedelta = KEEPING
    """How long documents stay after the decision; the page says it before anything is sent."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The two steps of a review that belong to people."""

    ticket_of: Submitted
    submitted: Callable[[UnitOfWork, str], Awaitable[object]]
    """Given a ticket id, puts the review into the queue."""


async def offer(
    parts: Parts, documents: Documents, form: Form, typed: Typed, uploads: Sequence[bytes | None],
    *, anyway: bool = False,
) -> tuple[Problem, ...]:  # fmt: skip
    """Take what was sent; return what has to be put right, nothing when a code is on its way.

    An upload of None was over the limit. Files that are good stay, whatever else is wrong; *anyway* sends
    what the pre-check only doubts. Raises GoneError, UnknownError, UnavailableError.
    """
    kept, problems = await _examine(parts, documents, form, uploads)
    try:
        async with parts.work() as work:
            case = await _locked(work, parts, form)
            before = await drafts.load(documents.files, form.id)
            draft, full = _with_files(before, kept)
            claim, wrong = read_claim(typed, case.address or "")
            problems = (*problems, *full, *wrong)
            if not draft.files and not problems:
                problems = (Problem("licence_missing", Item.LICENCE),)
            draft = replace(draft, claim=claim, findings=_doubts(documents, draft, claim), pending=None)
            if not problems and not anyway:
                problems = tuple(Problem(f.value, ITEM_OF[f], soft=True) for f in draft.findings)
            if not problems:
                draft, problems = await mailbox.ask(work, parts, case, form, draft)
            await drafts.save(documents.files, form.id, draft)
            await work.commit()
    except BaseException:
        await _drop(documents, kept)
        raise
    await _drop(documents, [file for file in kept if file not in draft.files])
    return problems


async def resend(parts: Parts, documents: Documents, form: Form) -> tuple[Problem, ...]:
    """Mail another code to the new mailbox; the older one dies."""
    async with parts.work() as work:
        case = await _locked(work, parts, form)
        draft = await drafts.load(documents.files, form.id)
        if draft.pending is None:
            return ()
        draft, problems = await mailbox.ask(work, parts, case, form, draft)
        await drafts.save(documents.files, form.id, draft)
        await work.commit()
    return problems


async def change(parts: Parts, documents: Documents, form: Form, *, files_too: bool = False) -> None:
    """Go back to the fields; with *files_too* the documents are deleted and asked for again."""
    async with parts.work() as work:
        await _locked(work, parts, form)
        draft = await drafts.load(documents.files, form.id)
        left = Draft(claim=draft.claim) if files_too else replace(draft, pending=None)
        await drafts.save(documents.files, form.id, left)
    if files_too:
        await _drop(documents, draft.files)


async def confirm(
    parts: Parts, documents: Documents, reviews: Reviews, form: Form, code: str
) -> tuple[Problem, ...]:
    """Prove the new mailbox and send everything to the reviewers; return what is wrong with the code.

    Raises GoneError when the review is over.
    """
    async with parts.work() as work:
        case = await _locked(work, parts, form)
        draft = await drafts.load(documents.files, form.id)
        if draft.claim is None or draft.pending is None:
            return ()
        tried, problem = mailbox.judge(parts, form, draft, code)
        if problem is not None:
            await drafts.save(documents.files, form.id, tried)
            return (problem,)
        await mailbox.proven(work, parts, case)
        await _send(work, parts, reviews, case, draft, draft.claim)
        if not await work.forms.finish(form.id, parts.clock.now()):
            raise GoneError("form_finished")
        await work.commit()
    await documents.files.delete(drafts.draft_id(form.id))
    return ()


async def state_of(documents: Documents, form: Form) -> Draft:
    """Return what was accepted so far."""
    return await drafts.load(documents.files, form.id)


async def _send(
    work: UnitOfWork, parts: Parts, reviews: Reviews, case: Case, draft: Draft, claim: Claim
) -> None:
    ticket_id = await reviews.ticket_of(work, case.id)
    files = [file.stored(ticket_id, draft.findings) for file in draft.files]
    await work.evidence.add(ticket_id, claim, files, parts.clock.now())
    await reviews.submitted(work, ticket_id)


async def _locked(work: UnitOfWork, parts: Parts, form: Form) -> Case:
    """Lock the case: two posts of one form, and two tries of one code, follow each other."""
    case = await work.cases.lock(form.case_id)
    await forms.require_form(work, parts, form.id, form.conversation_id, FormPurpose.EVIDENCE)
    if case is None:
        raise GoneError("form_over")
    return case


async def _examine(
    parts: Parts, documents: Documents, form: Form, uploads: Sequence[bytes | None]
) -> tuple[list[DraftFile], tuple[Problem, ...]]:
    """Keep the good files; nothing is kept if anything breaks on the way."""
    kept: list[DraftFile] = []
    problems: list[Problem] = []
    try:
        for number, content in enumerate(uploads, start=1):
            if content is None:
                problems.append(Problem(Finding.TOO_LARGE.value, Item.LICENCE, number))
                continue
            seen = await documents.pictures.examine(content)
            problems += [Problem(finding.value, Item.LICENCE, number) for finding in seen.findings]
            if not seen.findings:
                kept.append(await _keep(parts, documents, form, content, seen))
    except BaseException:
        await _drop(documents, kept)
        raise
    return kept, tuple(problems)


async def _keep(parts: Parts, documents: Documents, form: Form, content: bytes, seen: Examined) -> DraftFile:
    if seen.kind is None:
        raise AssertionError("a file without findings has a kind")
    file_id = f"{form.id}-{parts.entropy.readable(8)}"
    lines = await _read(documents, seen)
    try:
        for page, picture in enumerate(seen.pictures, start=1):
            await documents.files.put(file_id, page, picture)
    except BaseException:
        await documents.files.delete(file_id)
        raise
    digest = hashlib.sha256(content).hexdigest()
    now = parts.clock.now()
    return DraftFile(file_id, seen.kind, seen.pages, len(content), digest, now, lines)


def _doubts(documents: Documents, draft: Draft, claim: Claim) -> tuple[Finding, ...]:
    """Return what the documents do not bear out; nothing where no text can be read."""
    can_read = documents.reader is not None and documents.reader.available
    return compare(draft.lines, claim) if can_read else ()


async def _read(documents: Documents, seen: Examined) -> tuple[str, ...]:
    if documents.reader is None or not documents.reader.available:
        return ()
    lines: list[str] = []
    for picture in seen.pictures[:_READ_PAGES]:
        lines += await documents.reader.read(picture)
    return tuple(line[:_MAX_LINE] for line in lines[:_MAX_LINES])


def _with_files(draft: Draft, more: Sequence[DraftFile]) -> tuple[Draft, tuple[Problem, ...]]:
    """Return the draft with the new files; the same file twice counts once, and five are the most."""
    files = list(draft.files)
    for file in more:
        if all(file.sha256 != other.sha256 for other in files):
            files.append(file)
    full = (Problem("too_many_files", Item.LICENCE),) if len(files) > MAX_FILES else ()
    return replace(draft, files=tuple(files[:MAX_FILES])), full


async def _drop(documents: Documents, files: Sequence[DraftFile]) -> None:
    for file in files:
        await documents.files.delete(file.id)
