"""The new mailbox is proven before anybody decides; what is never sent goes again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from recovery_core.evidence.retention import sweep
from recovery_core.messages import FormPurpose
from recovery_core.people.tickets import TicketState
from tests.evidence_samples import documents_in, picture
from tests.integration.forms.evidence import code, opened, send, ticket
from tests.integration.forms.house import House


async def test_a_wrong_code_costs_a_try_and_five_kill_it(home: House) -> None:
    """R17, R4: five tries; then the right code is over, and a new mail is needed."""
    browser, path = await opened(home)
    await send(browser, path, [picture()])
    right = await code(home)
    page = await browser.send(path, {"mailbox_code": "12 34", "action": "confirm"})
    assert page.codes == ["mailbox_code_form"]
    for left in (4, 3, 2, 1):
        page = await browser.send(path, {"mailbox_code": "999999", "action": "confirm"})
        assert (page.status, page.codes, f"left: {left}" in page.text) == (422, ["mailbox_code_wrong"], True)
    page = await browser.send(path, {"mailbox_code": "999999", "action": "confirm"})
    assert page.codes == ["mailbox_code_over"]
    page = await browser.send(path, {"mailbox_code": right, "action": "confirm"})
    assert page.codes == ["mailbox_code_over"]

    await browser.send(path, {"action": "resend"})
    page = await browser.send(path, {"mailbox_code": await code(home), "action": "confirm"})

    assert page.status == 303
    assert (await ticket(home, browser)).state is TicketState.OPEN


async def test_a_code_lives_five_minutes(home: House) -> None:
    """R20: good until just before its end, over at its end."""
    browser, path = await opened(home)
    await send(browser, path, [picture()])
    right = await code(home)
    home.clock.move(timedelta(minutes=5))
    page = await browser.send(path, {"mailbox_code": right, "action": "confirm"})
    assert page.codes == ["mailbox_code_over"]
    home.clock.move(timedelta(seconds=-1))

    assert (await browser.send(path, {"mailbox_code": right, "action": "confirm"})).status == 303


async def test_three_mails_a_case(home: House) -> None:
    """R17: the fourth mail is refused, over all forms and mailboxes of the case."""
    browser, path = await opened(home)
    await send(browser, path, [picture()])
    await browser.send(path, {"action": "resend"})
    await browser.send(path, {"action": "change"})
    assert (await send(browser, path, new_mailbox="other@private.example")).status == 303

    again = await home.mint(browser, FormPurpose.EVIDENCE)
    page = await send(browser, again, [picture()])

    assert (page.status, page.codes) == (422, ["mailbox_mails"])
    mails = [mail["to"] for mail in await home.delivered() if mail["code"]]
    assert len(mails) <= 3


async def test_what_was_never_sent_is_swept(home: House, database: Path) -> None:
    """R21: documents of a form that died are deleted an hour after its end, not sooner."""
    browser, path = await opened(home)
    await send(browser, path, [picture()])
    files = documents_in(database.parent).files
    home.clock.move(timedelta(minutes=70, seconds=-1))
    await sweep(home.parts, files)
    assert len(await files.ids()) == 2
    home.clock.move(timedelta(seconds=1))

    await sweep(home.parts, files)

    assert await files.ids() == []
