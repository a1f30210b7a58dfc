"""The demo outbox."""

from __future__ import annotations

import json
from pathlib import Path

from portal.keys import Site
from recovery_core.proofs.methods import Method
from tests.integration.forms.house import House, house

DEMO = Site("http://127.0.0.1:8080", demo=True)
FIELDS = {"id", "at", "channel", "to", "subject", "text", "code", "link"}


async def test_the_outbox_lists_what_was_sent(database: Path) -> None:
    """The JSON is oldest first with the fixed fields, null where there is nothing."""
    async with house(database, site=DEMO) as home:
        await home.chatting("bob@example.com", Method.SMS)
        await home.chatting("alice@example.com", Method.MAIL)
        await home.delivered()
        response = await home.client.get("/demo/outbox.json")
        rows = json.loads(await response.text())

    assert response.content_type == "application/json"
    assert [set(row) for row in rows] == [FIELDS, FIELDS]
    assert [row["channel"] for row in rows] == ["sms", "mail"]
    assert rows[0]["to"] == "+8613800138001"
    assert len(rows[0]["code"]) == 6
    assert (rows[0]["subject"], rows[0]["link"]) == (None, None)
    assert "/link/" in rows[1]["link"]


async def test_the_page_shows_codes_in_two_halves(database: Path) -> None:
    """People read the newest first, with the code spaced, and a way to the link."""
    async with house(database, site=DEMO) as home:
        empty = await home.browser().get("/demo/outbox")
        await home.chatting("bob@example.com", Method.SMS)
        await home.chatting("alice@example.com", Method.MAIL)
        code = (await home.delivered())[0]["code"]
        page = await home.browser().get("/demo/outbox")

    assert "No messages yet" in empty.text
    assert f"<strong>{code[:3]} {code[3:]}</strong>" in page.text
    assert page.text.index("alice@backup.example") < page.text.index("+8613800138001")
    assert 'http-equiv="refresh"' in page.text


async def test_there_is_no_outbox_outside_the_demo(home: House) -> None:
    """A real site has neither page (R22)."""
    assert (await home.client.get("/demo/outbox")).status == 404
    assert (await home.client.get("/demo/outbox.json")).status == 404
