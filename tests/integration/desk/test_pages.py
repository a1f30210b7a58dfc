"""The lists of both consoles go on to their end, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

from recovery_core.people.paging import SIZE
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState
from tests.integration.admin.browser import administrator
from tests.integration.desk.house import agent
from tests.portal_house import PortalHouse

ROW = re.compile(r'data-ticket="([^"]+)"')


async def pile_up(portal: PortalHouse, lane: Lane, kind: Kind) -> list[str]:
    """Store one ticket more than a page holds; return their ids in queue order."""
    parts = portal.house.parts
    now = parts.clock.now()
    ids = [f"pile-{n:04d}" for n in range(SIZE + 1)]
    async with parts.work() as work:
        for n, name in enumerate(ids):
            due = now + timedelta(hours=4, seconds=n)
            ticket = Ticket(
                name,
                f"T-{n:06d}",
                kind,
                lane,
                f"case-{n}",
                "talk",
                "example.com",
                TicketState.OPEN,
                now,
                now,
                due,
            )
            await work.tickets.add_once(ticket)
        await work.commit()
    return ids


async def test_the_desks_queue_goes_on(portal: PortalHouse) -> None:
    """The second page holds what the first has no room for, and its stream the same rows."""
    ids = await pile_up(portal, Lane.DESK, Kind.TALK)
    someone = await agent(portal)
    first, second = await someone.get("/desk"), await someone.get("/desk?page=2")

    assert ROW.findall(first.text) == ids[:SIZE]
    assert 'rel="next" href="?page=2"' in first.text
    assert ROW.findall(second.text) == ids[SIZE:]
    assert 'rel="prev" href="?page=1"' in second.text
    assert 'rel="next"' not in second.text
    assert 'data-events="/desk/events?page=2"' in second.text
    async with someone.watch("/desk/events?page=2") as events:
        rows = (await events.next("queue"))[2]["html"]
    assert ROW.findall(rows) == ids[SIZE:]


async def test_an_administrators_list_goes_on(portal: PortalHouse) -> None:
    """A request behind a full page is on the next one, and the count says that there are more."""
    ids = await pile_up(portal, Lane.ADMINISTRATOR, Kind.RESET)
    boss = await administrator(portal, portal.house.parts.clock)
    await boss.sign_in_first()

    assert ROW.findall(await boss.get("/admin")) == ids[:SIZE]
    assert f'<span class="count">{SIZE}+</span>' in boss.page
    assert ROW.findall(await boss.get("/admin?page=2")) == ids[SIZE:]
    assert f'<span class="count">{SIZE + 1}</span>' in boss.page


async def test_a_page_that_is_no_number_is_refused(portal: PortalHouse) -> None:
    """0, signs, words and endless digits are no pages; one behind the end is empty."""
    someone = await agent(portal)
    for page in ("0", "-1", "two", "", "1" * 20, "１"):
        assert (await someone.get(f"/desk?page={page}")).status == 400
    assert ROW.findall((await someone.get("/desk?page=9999")).text) == []
