"""The house of the cases with people in it: administrators, owners, agents, and a second domain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from recovery_core.accounts.account import Account, Domain, Edition, Role, Status
from recovery_core.accounts.ports import Credentials
from recovery_core.cases.parts import Parts
from recovery_core.evidence.evidence import Claim
from recovery_core.messages import Message, MessageId
from recovery_core.numbers import Numbers
from recovery_core.people import desk, reviewing, voting
from recovery_core.people.matching import match_number
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.requesting import request_administrator, request_review
from recovery_core.people.rights import DeskRole
from recovery_core.people.sweeping import sweep
from recovery_core.people.tickets import Kind, Ticket
from tests.fakes_people import PeopleData, PeopleWork
from tests.unit.cases.company import DAVE, move_in
from tests.unit.cases.house import HERE, House

AGENTS = {
    "agent1": DeskRole.AGENT,
    "agent2": DeskRole.AGENT,
    "reviewer1": DeskRole.REVIEWER,
    "reviewer2": DeskRole.REVIEWER,
    "reviewer3": DeskRole.REVIEWER,
    "auditor1": DeskRole.AUDITOR,
}
HELPER_ID = "id-helper"
SUPER = "gm0001@group.example"
FRANK = "frank@sub.group.example"
SUB_POSTMASTER = "postmaster@sub.group.example"
OTHER_ADMIN = "id-admin@other.example"
OWNER = "owner@cloud.example"
NEW_MAILBOX = "new@private.example"


class PeopleHouse(House):
    """Everything around the use cases, with stores for people."""

    data: PeopleData

    def __init__(self, numbers: Numbers | None = None) -> None:
        """Build the house, move in the company, a group, another company and the desk."""
        super().__init__(numbers)
        talks = self.work.data.conversations
        self.work = PeopleWork(self.keyed)
        move_in(self.work.data)
        self.work.data.conversations.update(talks)
        self.parts: Parts = replace(self.parts, work=self.work)
        self._move_in()

    def _move_in(self) -> None:
        data = self.work.data
        data.domains["example.com"] = replace(data.domains["example.com"], owner_contact=OWNER)
        for name, edition, group in (
            ("group.example", Edition.GROUP, None),
            ("sub.group.example", Edition.GROUP, "group.example"),
            ("other.example", Edition.PREMIUM, None),
        ):
            data.domains[name] = Domain(name, edition, name, "", group_domain=group)
        for address, role in (
            (SUPER, Role.SUPER_ADMINISTRATOR),
            (SUB_POSTMASTER, Role.ADMINISTRATOR),
            (FRANK, Role.EMPLOYEE),
            ("admin@other.example", Role.ADMINISTRATOR),
        ):
            data.accounts[f"id-{address}"] = Account(
                f"id-{address}", address, address.partition("@")[0].title(), role, Status.ACTIVE, "en"
            )
            data.credentials[f"id-{address}"] = Credentials(1)
        for name, role in AGENTS.items():
            data.operators[name] = Operator(name, Console.DESK, name, name.title(), "en", role)

    def agent_arrives(self, name: str = "agent1") -> None:
        """Let an agent be at the desk now."""
        now = self.clock.now()
        self.data.sessions[name] = ConsoleSession(name, name, Console.DESK, now, now, now, 1)

    async def ask_above(self, address: str = DAVE.address, where: str = HERE) -> tuple[Message, ...]:
        """Name an address and ask for somebody above."""
        await self.identify(address, where)
        return await request_administrator(self.parts, where)

    async def requested(self, address: str = DAVE.address, where: str = HERE) -> Ticket:
        """Ask for somebody above; return the ticket."""
        await self.ask_above(address, where)
        return self.ticket(where)

    def ticket(self, where: str = HERE, kind: Kind | None = None) -> Ticket:
        """Return the newest ticket of the conversation's case."""
        own = [t for t in self.data.tickets.values() if t.case_id == self.case(where).id]
        return [t for t in own if kind is None or t.kind is kind][-1]

    def number(self, ticket: Ticket) -> str:
        """Return the number that the person was shown."""
        return match_number(self.keyed, ticket.id)

    def wrong_number(self, ticket: Ticket) -> str:
        """Return eight digits that are not the number."""
        return f"{(int(self.number(ticket)) + 1) % 10**8:08d}"

    async def reviewed(self, address: str = SUPER, where: str = HERE) -> Ticket:
        """Send documents for the address; return the review."""
        await self.identify(address, where)
        (said,) = await request_review(self.parts, where)
        assert said.id is MessageId.REVIEW_OPENED
        return await self.submit(self.ticket(where))

    async def submit(self, ticket: Ticket) -> Ticket:
        """Send documents for the ticket."""
        async with self.work() as work:
            await work.evidence.add(ticket.id, Claim("示例", "9133", NEW_MAILBOX), (), self.clock.now())
            sent = await reviewing.submitted(work, self.parts, ticket.id)
            await work.commit()
        return sent

    async def accepted(self, ticket: Ticket) -> Ticket:
        """Let two reviewers approve."""
        await voting.vote(self.parts, "reviewer1", ticket.id, True, None)  # noqa: FBT003
        return await voting.vote(self.parts, "reviewer2", ticket.id, True, None)  # noqa: FBT003

    async def sweep(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass, then sweep."""
        self.clock.move(after)
        await sweep(self.parts)

    async def take(self, ticket: Ticket, agent: str = "agent1") -> Ticket:
        """Let an agent take the ticket."""
        return await desk.take(self.parts, agent, ticket.id)

    def shown(self, where: str = HERE) -> list[str]:
        """Return the keys of the gateway's own notices."""
        lines = [ln for ln in self.data.lines.values() if ln.conversation_id == where]
        return [str(ln.payload["key"]) for ln in lines if ln.payload.get("key")]


def ids(said: tuple[Message, ...]) -> list[MessageId]:
    """Return the ids of what is said."""
    return [message.id for message in said]
