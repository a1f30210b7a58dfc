"""What becomes of documents: doubts, parallel tries, deletion, and who may look."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from recovery_core.audit import AuditName
from recovery_core.cases import forms
from recovery_core.cases.form import Form
from recovery_core.errors import GoneError, UnavailableError, UnknownError
from recovery_core.evidence import submitting
from recovery_core.evidence.evidence import FileKind, Finding
from recovery_core.evidence.ports import Examined
from recovery_core.evidence.precheck import Typed
from recovery_core.evidence.retention import sweep
from recovery_core.evidence.submitting import Documents, Reviews
from recovery_core.messages import FormPurpose
from recovery_core.people import reviewing, voting
from recovery_core.people.requesting import request_review
from recovery_core.people.rights import NoRightError
from recovery_core.people.tickets import Ticket
from recovery_core.people.viewing import view
from recovery_core.work import UnitOfWork
from tests.unit.cases.house import HERE
from tests.unit.people.house import NEW_MAILBOX, SUPER, PeopleHouse

TYPED = Typed("示例科技有限公司", "91330100MA2DEMA01A", NEW_MAILBOX)
OTHER_NAME = ("营业执照", "91330100MA2DEMA01A", "别的公司")


class MemoryFiles:
    """Files in memory; full when told so."""

    def __init__(self) -> None:
        """Start empty."""
        self.pages: dict[tuple[str, int], bytes] = {}
        self.full_at = 10**6

    async def put(self, file_id: str, page: int, content: bytes) -> None:
        """Keep the page, or raise when full."""
        if len(self.pages) >= self.full_at and (file_id, page) not in self.pages:
            raise UnavailableError
        self.pages[file_id, page] = content

    async def get(self, file_id: str, page: int) -> bytes:
        """Return the page."""
        if (file_id, page) not in self.pages:
            raise UnknownError("evidence")
        return self.pages[file_id, page]

    async def delete(self, file_id: str) -> None:
        """Delete the file."""
        self.pages = {key: page for key, page in self.pages.items() if key[0] != file_id}

    async def ids(self) -> Sequence[str]:
        """Return the ids."""
        return sorted({file_id for file_id, _ in self.pages})


class TwoPages:
    """Calls everything a PDF of two pages."""

    async def examine(self, content: bytes) -> Examined:
        """Return two pictures."""
        return Examined(FileKind.PDF, 2, (), (b"one of " + content, b"two of " + content))


class Lines:
    """Reads the same lines out of every picture."""

    available = True

    def __init__(self, *lines: str) -> None:
        """Read *lines*."""
        self.lines = lines

    async def read(self, picture: bytes) -> tuple[str, ...]:  # noqa: ARG002
        """Return the lines."""
        return self.lines


class Desk(PeopleHouse):
    """A house in which a review waits for its documents."""

    files: MemoryFiles
    form: Form

    async def settle(self, *lines: str) -> Documents:
        """Open the review and its form; return what handles its documents."""
        await self.identify(SUPER)
        await request_review(self.parts, HERE)
        async with self.work() as work:
            token = await forms.mint(work, self.parts, HERE, FormPurpose.EVIDENCE)
            await work.commit()
        assert token is not None
        self.form = self.data.forms[forms.form_id_of(self.parts, token)]
        self.files = MemoryFiles()
        return Documents(self.files, TwoPages(), Lines(*lines) if lines else None)

    async def offer(self, documents: Documents, *files: bytes, anyway: bool = False) -> list[str]:
        """Send files; return the codes of the problems."""
        given = await submitting.offer(self.parts, documents, self.form, TYPED, files, anyway=anyway)
        return [problem.code for problem in given]

    def code(self) -> str:
        """Return the newest code that was mailed."""
        mails = [put.delivery for put in self.data.outbox.values() if put.delivery.to == NEW_MAILBOX]
        return mails[-1].variables["code"]

    async def confirm(self, documents: Documents, code: str) -> list[str]:
        """Try a code."""
        reviews = Reviews(self.ticket_of, self.submitted)
        wrong = await submitting.confirm(self.parts, documents, reviews, self.form, code)
        return [problem.code for problem in wrong]

    async def ticket_of(self, work: UnitOfWork, case_id: str) -> str:
        """Return the review's id."""
        return (await reviewing.ticket_of_case(work, case_id)).id

    async def submitted(self, work: UnitOfWork, ticket_id: str) -> Ticket:
        """Put the review into its queue."""
        return await reviewing.submitted(work, self.parts, ticket_id)

    async def sent(self) -> tuple[Documents, str]:
        """Send one document; return its id."""
        documents = await self.settle()
        await self.offer(documents, b"licence")
        assert await self.confirm(documents, self.code()) == []
        ((file_id,),) = [tuple(self.data.files)]
        return documents, file_id


@pytest.fixture
def desk() -> Desk:
    """Return the house."""
    return Desk()


async def test_doubts_are_asked_once_and_told_to_the_reviewer(desk: Desk) -> None:
    """R17: a differing name is asked again; sent anyway, the reviewer sees the finding."""
    documents = await desk.settle(*OTHER_NAME)
    assert await desk.offer(documents, b"licence") == ["name_differs"]

    assert await desk.offer(documents, anyway=True) == []

    await desk.confirm(documents, desk.code())
    (file,) = desk.data.files.values()
    assert file.findings == (Finding.NAME_DIFFERS,)


async def test_a_disk_that_is_full_keeps_nothing(desk: Desk) -> None:
    """A file of which one page could not be kept leaves no page behind, nor do those before it."""
    documents = await desk.settle()
    desk.files.full_at = 3

    with pytest.raises(UnavailableError):
        await desk.offer(documents, b"one", b"two")

    assert desk.files.pages == {}


async def test_documents_for_a_form_that_is_over_are_dropped(desk: Desk) -> None:
    """R17: a form that died while its files were looked at keeps nothing of them."""
    documents = await desk.settle()
    desk.clock.move(timedelta(minutes=10))

    with pytest.raises(GoneError):
        await desk.offer(documents, b"licence")

    assert desk.files.pages == {}


async def test_a_decided_review_takes_no_documents(desk: Desk) -> None:
    """A code that comes after the review is over sends nothing."""
    documents = await desk.settle()
    await desk.offer(documents, b"licence")
    ticket = desk.ticket()
    desk.data.tickets[ticket.id] = ticket.move(ticket.state.REFUSED, desk.clock.now())

    with pytest.raises(GoneError):
        await desk.confirm(documents, desk.code())

    assert desk.data.files == {}


async def test_the_right_code_counts_once(desk: Desk) -> None:
    """R17: a second sending of the same code finds the form finished; the evidence is stored once."""
    documents = await desk.settle()
    await desk.offer(documents, b"licence")
    code = desk.code()
    assert await desk.confirm(documents, code) == []

    with pytest.raises(GoneError):
        await desk.confirm(documents, code)

    assert len(desk.data.files) == 1


async def test_a_reviewer_looks_and_it_is_audited(desk: Desk) -> None:
    """R15, R17: each page with a harmless picture, each look in the case's trail with who and what."""
    documents, file_id = await desk.sent()

    assert await view(desk.parts, documents.files, "reviewer1", file_id, 2) == b"two of licence"

    async with desk.work.reading() as work:
        event = (await work.audit.events(desk.case().id))[-1]
    assert event.name == AuditName.EVIDENCE_SEEN
    assert (event.data["by"], event.data["file"], event.data["page"]) == ("reviewer1", file_id, 2)


@pytest.mark.parametrize("agent", ["agent1", "auditor1", "nobody"])
async def test_only_reviewers_look(desk: Desk, agent: str) -> None:
    """R15: agents and auditors have no right to see documents; nothing is audited as seen."""
    documents, file_id = await desk.sent()

    with pytest.raises(NoRightError):
        await view(desk.parts, documents.files, agent, file_id, 1)

    async with desk.work.reading() as work:
        names = [event.name for event in await work.audit.events(desk.case().id)]
    assert AuditName.EVIDENCE_SEEN not in names


@pytest.mark.parametrize("page", [0, 3])
async def test_a_page_that_is_not_there_is_unknown(desk: Desk, page: int) -> None:
    """The pages run from 1 to 2: neither an original nor a third one can be asked for."""
    documents, file_id = await desk.sent()
    with pytest.raises(UnknownError):
        await view(desk.parts, documents.files, "reviewer1", "other", 1)
    with pytest.raises(UnknownError):
        await view(desk.parts, documents.files, "reviewer1", file_id, 1, of_ticket="another")

    with pytest.raises(UnknownError):
        await view(desk.parts, documents.files, "reviewer1", file_id, page)


async def test_documents_go_thirty_days_after_the_decision(desk: Desk) -> None:
    """R21: kept until just before the time is over, then file and row go, and the audit trail says so."""
    documents, file_id = await desk.sent()
    for reviewer in ("reviewer1", "reviewer2"):
        await voting.vote(desk.parts, reviewer, desk.ticket().id, True, None)  # noqa: FBT003
    desk.clock.move(timedelta(days=30))
    await sweep(desk.parts, documents.files)
    assert await documents.files.ids() == [file_id]
    desk.clock.move(timedelta(seconds=1))

    await sweep(desk.parts, documents.files)

    assert (await documents.files.ids(), desk.data.files) == ([], {})
    async with desk.work.reading() as work:
        assert (await work.audit.events(desk.case().id))[-1].name == AuditName.EVIDENCE_DELETED


async def test_an_undecided_review_keeps_its_documents(desk: Desk) -> None:
    """R21: the keeping time begins with the decision."""
    documents, file_id = await desk.sent()
    desk.clock.move(timedelta(days=29))

    await sweep(desk.parts, documents.files)

    assert await documents.files.ids() == [file_id]


async def test_two_sendings_at_once_keep_both_documents(desk: Desk) -> None:
    """Two posts of one form follow each other: neither overwrites what the other brought."""
    documents = await desk.settle()

    await asyncio.gather(desk.offer(documents, b"one"), desk.offer(documents, b"two"))

    assert len((await submitting.state_of(documents, desk.form)).files) == 2


async def test_one_mailbox_gets_codes_from_few_cases(desk: Desk) -> None:
    """R4: five codes in an hour to a mailbox, ten in a day, whoever opens the cases."""
    said = []
    for n in range(14):
        if n == 7:
            desk.clock.move(timedelta(hours=1, seconds=1))
        said.append(await asked_for(desk, n))
    assert said == [[]] * 5 + [["mailbox_often"]] * 2 + [[]] * 5 + [["mailbox_often"]] * 2
    desk.clock.move(timedelta(days=1))
    assert await asked_for(desk, 99) == []


async def asked_for(desk: Desk, number: int) -> list[str]:
    """Name the same mailbox in another case; return the codes of the problems."""
    where = desk.talk(f"case {number}")
    await desk.identify(f"gm{number:04d}@unknown.example", where)
    await request_review(desk.parts, where)
    async with desk.work() as work:
        token = await forms.mint(work, desk.parts, where, FormPurpose.EVIDENCE)
        await work.commit()
    assert token is not None
    desk.form, desk.files = desk.data.forms[forms.form_id_of(desk.parts, token)], MemoryFiles()
    return await desk.offer(Documents(desk.files, TwoPages(), None), b"licence")
