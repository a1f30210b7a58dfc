"""The audit trail at the desk: read only, for auditors, in pages and in both languages (R15, R21)."""

from __future__ import annotations

import pytest

from portal.keys import TEXTS
from recovery_core.audit import AuditName
from recovery_core.people.auditing import LINKS
from tests.integration.desk.house import agent, ticket_of
from tests.portal_house import Chat, PortalHouse


async def test_an_auditor_reads_a_case(portal: PortalHouse, chat: Chat) -> None:
    """The list leads to the case's links in words; no address, and nothing that could be sent, is on it."""
    await chat.say("I forgot the password of alice@example.com")
    await chat.say("a human please")
    ticket = await ticket_of(portal, chat)
    someone = await agent(portal, "auditor1")
    async with portal.house.parts.work.reading() as work:
        case = await work.cases.get(ticket.case_id)
    assert case is not None
    listed = await someone.get("/desk/audit?lang=en")
    assert f'<a href="/desk/audit/{case.id}">{case.reference}</a>' in listed.text
    page = await someone.get(f"/desk/audit/{case.id}?lang=en")
    for name, text in (
        ("person:case:opened", "A case was opened"),
        ("person:talk:waited", "The person waits"),
    ):
        assert f'data-name="{name}"' in page.text
        assert text in page.text
    assert "开始了找回" in (await someone.get(f"/desk/audit/{case.id}?lang=zh")).text
    assert "alice@example.com" not in page.text
    assert page.text.count("<form") == 1, "only the one for signing out"


async def test_the_trail_goes_on(portal: PortalHouse, chat: Chat) -> None:
    """More links than fit on a page are reached by the next one; each stands on exactly one."""
    del chat
    parts = portal.house.parts
    async with parts.work() as work:
        for number in range(LINKS + 1):
            said = {"number": number}
            await work.audit.append("long", AuditName.TRY_WRONG, parts.clock.now(), said)
        await work.commit()
    someone = await agent(portal, "auditor1")
    first = (await someone.get("/desk/audit/long")).text
    assert (first.count("data-name="), 'href="?before=1"' in first) == (LINKS, True)
    second = (await someone.get("/desk/audit/long?before=1")).text
    assert (second.count("data-name="), "before=" in second) == (1, False)


@pytest.mark.parametrize("name", ["agent1", "reviewer1"])
async def test_nobody_else_reads_it(portal: PortalHouse, name: str) -> None:
    """R15: without the right there is no way to it, and its address is refused."""
    someone = await agent(portal, name)
    assert "/desk/audit" not in (await someone.get("/desk")).text
    assert (await someone.get("/desk/audit")).status == 403
    assert (await someone.get("/desk/audit/operator")).status == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/desk/audit/nothing", 404),
        ("/desk/audit/operator?before=x", 400),
        ("/desk/audit/operator?before=9999999999", 400),
        ("/desk/audit/operator?before=0", 404),
        ("/desk/audit?before=yesterday", 400),
        ("/desk/audit?before=2026-01-01", 400),
        ("/desk/audit?before=2020-01-01T00:00:00%2B00:00~x", 200),
    ],
)
async def test_odd_addresses(portal: PortalHouse, path: str, status: int) -> None:
    """What is not there is 404, what makes no sense is 400, and an old moment is an empty list."""
    someone = await agent(portal, "auditor1")
    assert (await someone.get(path)).status == status


async def test_every_event_has_words(portal: PortalHouse) -> None:
    """Each name of the trail can be read in both languages."""
    texts = portal.server.app[TEXTS]
    for name in AuditName:
        for language in ("en", "zh"):
            assert texts.text(f"desk.audit.event.{name}", language)
