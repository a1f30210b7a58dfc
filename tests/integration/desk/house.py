"""People at the desk, with browsers of their own and the real way to sign in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recovery_core.cases import opening
from recovery_core.evidence.evidence import Claim, EvidenceFile, FileKind
from recovery_core.people import reviewing, totp
from recovery_core.people.operators import Console, Operator
from recovery_core.people.requesting import request_review
from recovery_core.people.rights import DeskRole
from recovery_core.people.signing_in import derive_secret
from recovery_core.people.tickets import Kind, Ticket
from tests.portal_house import Chat, Client, Events, PortalHouse

PASSWORD = "Desk-Passw0rd!"
ROLES = {
    "agent1": DeskRole.AGENT,
    "agent2": DeskRole.AGENT,
    "reviewer1": DeskRole.REVIEWER,
    "reviewer2": DeskRole.REVIEWER,
    "auditor1": DeskRole.AUDITOR,
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Page:
    """What came back."""

    status: int
    text: str
    location: str = ""


class DeskEvents(Events):
    """An open event stream of the desk."""

    async def next(self, *names: str) -> tuple[str, str | None, dict[str, Any]]:
        """Return name, id and data of the next event."""
        return await super().next(*(names or ("line", "state", "queue")))

    async def ended(self) -> bool:
        """Tell whether the stream ends within ten seconds."""
        async with asyncio.timeout(10):
            await self.response.content.read()
        return True

    async def line(self, text: str) -> dict[str, Any]:
        """Return the next line that holds *text*."""
        while True:
            data = (await self.next("line"))[2]
            if text in data["text"]:
                return data

    async def state(self, **wanted: object) -> dict[str, Any]:
        """Return the next state with these values."""
        while True:
            data = (await self.next("state"))[2]
            if wanted.items() <= data.items():
                return data


@dataclass
class Agent:
    """Somebody at the desk."""

    portal: PortalHouse
    http: Client
    name: str

    async def sign_in(self) -> None:
        """Give password and code, as on the real pages."""
        await self.post("/desk/sign-in", name=self.name, password=PASSWORD)
        parts = self.portal.house.parts
        async with parts.work.reading() as work:
            me = await work.operators.by_name(Console.DESK, self.name)
        assert me is not None
        secret = derive_secret(parts.keyed, me.id, self.name.encode())
        page = await self.post("/desk/code", code=totp.code_at(secret, totp.step_of(parts.clock.now())))
        assert page.location == "/desk", page

    async def get(self, path: str) -> Page:
        """Load a page."""
        response = await self.http.get(path, allow_redirects=False)
        return Page(response.status, await response.text(), response.headers.get("Location", ""))

    async def post(self, path: str, **fields: str) -> Page:
        """Send a form of the page at *path*, with its hidden field."""
        main = (await self.get(path)).text.rpartition("<main")[2]
        found = re.search(r'name="csrf" value="([^"]+)"', main)
        data = fields | {"csrf": found[1] if found else ""}
        response = await self.http.post(path, data=data, allow_redirects=False)
        return Page(response.status, await response.text(), response.headers.get("Location", ""))

    async def act(self, ticket: Ticket, act: str, **fields: str) -> Page:
        """Do something with the ticket."""
        return await self.post(f"/desk/tickets/{ticket.id}", act=act, **fields)

    @asynccontextmanager
    async def watch(self, path: str, last_id: str = "") -> AsyncIterator[DeskEvents]:
        """Open an event stream."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        async with self.http.get(path, headers=headers) as response:
            assert response.status == 200, await response.text()
            yield DeskEvents(response)

    @asynccontextmanager
    async def watch_ticket(self, ticket: Ticket, last_id: str = "") -> AsyncIterator[DeskEvents]:
        """Open the ticket's event stream."""
        async with self.watch(f"/desk/tickets/{ticket.id}/events", last_id) as events:
            yield events


async def staff(portal: PortalHouse) -> None:
    """Let the people of the desk exist."""
    parts = portal.house.parts
    async with parts.work.reading() as work:
        if any(agent.totp_sealed == agent.name.encode() for agent in await work.operators.agents()):
            return
    encoded = await parts.hasher.hash(PASSWORD)
    async with parts.work() as work:
        for name, role in ROLES.items():
            found = await work.operators.by_name(Console.DESK, name)
            agent = found or Operator(f"id-{name}", Console.DESK, name, name.title(), "en", role)
            agent = replace(agent, language="en", password_hash=encoded, totp_sealed=name.encode())
            await work.operators.put(agent)
        await work.commit()


async def agent(portal: PortalHouse, name: str = "agent1") -> Agent:
    """Return somebody who is signed in."""
    await staff(portal)
    someone = Agent(portal, await portal.client(), name)
    await someone.sign_in()
    return someone


async def ticket_of(portal: PortalHouse, chat: Chat, kind: Kind | None = None) -> Ticket:
    """Return the newest ticket of the person's case, of *kind* if one is given."""
    async with portal.house.parts.work.reading() as work:
        case = await work.cases.current(await conversation_id(portal, chat))
        assert case is not None
        return next(t for t in await work.tickets.of_case(case.id) if kind in {None, t.kind})


async def conversation_id(portal: PortalHouse, chat: Chat) -> str:
    """Return the id of the conversation in that browser."""
    cookies = chat.http.session.cookie_jar.filter_cookies(chat.http.make_url("/"))
    parts = portal.house.parts
    async with parts.work.reading() as work:
        found = await work.conversations.by_token_hash(parts.keyed.of("cookie", cookies["rekey"].value))
    assert found is not None
    return found.id


async def talking(portal: PortalHouse, chat: Chat, someone: Agent) -> Ticket:
    """Let the person ask for a human and the agent take it."""
    await chat.say("a human please")
    ticket = await ticket_of(portal, chat, Kind.TALK)
    taken = await someone.act(ticket, "take")
    assert taken.status == 303, taken
    return ticket


def texts(replies: list[dict[str, Any]]) -> str:
    """Return what the replies say."""
    return "\n".join(str(reply["text"]) for reply in replies)


def folder_database(portal: PortalHouse) -> Path:
    """Return the file of the database."""
    return next(portal.folder.glob("*.db"))


async def review(portal: PortalHouse, chat: Chat, picture: bytes = b"picture") -> Ticket:
    """Let a super administrator's case be a review whose document has been sent (R17)."""
    parts = portal.house.parts
    here = await conversation_id(portal, chat)
    await opening.identify(parts, here, ("gm0001@group.example",))
    await request_review(parts, here)
    ticket = await ticket_of(portal, chat)
    now = parts.clock.now()
    paper = EvidenceFile("paper", ticket.id, FileKind.PNG, 1, len(picture), "0" * 64, now)
    documents = portal.house.furnishing.documents
    assert documents is not None
    await documents.files.put(paper.id, 1, picture)
    async with parts.work() as work:
        claim = Claim("示例科技有限公司", "91330100MA2DEMA01A", "new@private.example")
        await work.evidence.add(ticket.id, claim, [paper], now)
        await reviewing.submitted(work, parts, ticket.id)
        await work.commit()
    return await ticket_of(portal, chat)


async def audit_names(portal: PortalHouse, ticket: Ticket) -> list[str]:
    """Return the names of the audit events of the ticket's case."""
    async with portal.house.parts.work.reading() as work:
        return [str(event.name) for event in await work.audit.events(ticket.case_id)]
