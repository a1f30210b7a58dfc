"""The page for documents: sent, looked at, and the review in its queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.forms.uploads import MAX_BODY
from recovery_core.audit import AuditName
from recovery_core.evidence.evidence import Claim, FileKind
from recovery_core.evidence.precheck import MAX_FILE
from recovery_core.people.tickets import Lane, TicketState
from tests.evidence_samples import documents_in, pdf, picture
from tests.integration.forms.evidence import (
    CONTENT,
    NEW,
    SUPER,
    TYPED,
    code,
    kept,
    multipart,
    opened,
    post,
    send,
    ticket,
)
from tests.integration.forms.house import House, house


async def test_the_page_asks_with_consent(home: House) -> None:
    """R17: what happens with the documents stands before the field that takes them."""
    browser, path = await opened(home)

    page = await browser.get(path)

    assert page.status == 200
    assert 0 < page.text.index("30 days") < page.text.index('name="licence"')
    assert all(f'name="{name}"' in page.text for name in ("company", "uscc", "new_mailbox"))


@pytest.mark.parametrize("address", [SUPER, "gm9999@nowhere.example"])
async def test_documents_reach_the_queue(home: House, database: Path, address: str) -> None:
    """R17, R2: documents and a proven mailbox open the review, for an address of nobody alike."""
    browser, path = await opened(home, address)
    page = await send(browser, path, [picture(), pdf(2)])
    assert (page.status, page.location) == (303, path)
    assert (await ticket(home, browser)).state is TicketState.WAITING

    page = await browser.send(path, {"mailbox_code": await code(home), "action": "confirm"})

    assert (page.status, page.location) == (303, "/back")
    review = await ticket(home, browser)
    assert review.state is TicketState.OPEN
    assert review.lane is (Lane.DESK if address == SUPER else Lane.NOBODY)
    async with home.parts.work.reading() as work:
        files = await work.evidence.files(review.id)
        assert await work.evidence.claim(review.id) == Claim(*TYPED.values())
        names = [event.name for event in await work.audit.events(review.case_id)]
    assert sorted((file.kind, file.pages) for file in files) == [(FileKind.JPEG, 1), (FileKind.PDF, 2)]
    assert AuditName.MAILBOX_PROVEN in names
    assert await kept(database.parent) == sorted(file.id for file in files)
    assert (await browser.get(path)).status == 410


async def test_only_the_failing_item_is_asked_again(home: House) -> None:
    """R17: a wrong check digit keeps the accepted file; sending the right code alone is enough."""
    browser, path = await opened(home)
    page = await send(browser, path, [picture()], uscc="91330100MA2DEMA01B")
    assert (page.status, page.codes) == (422, ["uscc_check_digit"])
    assert page.text.count("data-accepted") == 1

    page = await send(browser, path)

    assert page.status == 303
    assert 'name="mailbox_code"' in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("company", "", "company_missing"),
        ("company", "x" * 101, "company_too_long"),
        ("uscc", "91330100", "uscc_form"),
        ("uscc", "91330100MA2DEMA01B", "uscc_check_digit"),
        ("new_mailbox", "nobody", "mailbox_form"),
        ("new_mailbox", SUPER, "mailbox_same"),
    ],
)
async def test_what_is_typed_wrong_is_named(home: House, field: str, value: str, code: str) -> None:
    """R17: each field has its own code; nothing is mailed."""
    browser, path = await opened(home)

    page = await send(browser, path, [picture()], **{field: value})

    assert (page.status, page.codes) == (422, [code])
    assert [mail for mail in await home.delivered() if mail["to"] == NEW] == []


async def test_a_file_that_is_none_is_refused_and_the_good_one_stays(home: House, database: Path) -> None:
    """R17: content counts, not the name: an SVG named .png is refused beside a picture that is accepted."""
    browser, path = await opened(home)

    page = await send(browser, path, [b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()], "a.png")

    assert (page.status, page.codes) == (422, ["not_accepted"])
    assert "File 1 " in page.text
    assert page.text.count("data-accepted") == 1
    assert len(await kept(database.parent)) == 2


async def test_no_file_at_all(home: House) -> None:
    """The licence is asked for when nothing was chosen."""
    browser, path = await opened(home)

    page = await send(browser, path)

    assert (page.status, page.codes) == (422, ["licence_missing"])


async def test_five_files_are_the_most(home: House, database: Path) -> None:
    """Five files are taken; six at once, or a sixth later, are refused."""
    browser, path = await opened(home)
    pictures = [picture(size=(400 + number, 400)) for number in range(6)]
    page = await send(browser, path, pictures)
    assert (page.status, page.codes) == (422, ["too_many_files"])
    assert await kept(database.parent) == []

    page = await send(browser, path, pictures[:5], uscc="")
    assert page.text.count("data-accepted") == 5
    page = await send(browser, path, pictures[5:])

    assert (page.status, page.codes) == (422, ["too_many_files"])
    assert len(await kept(database.parent)) == 6


async def test_the_same_file_twice_counts_once(home: House, database: Path) -> None:
    """Sending a file again adds nothing and leaves nothing behind."""
    browser, path = await opened(home)
    await send(browser, path, [picture()], uscc="")

    page = await send(browser, path, [picture()], uscc="")

    assert page.text.count("data-accepted") == 1
    assert len(await kept(database.parent)) == 2


async def test_two_uploads_at_once_keep_both(home: House) -> None:
    """Two posts of one form follow each other at the case's lock: neither loses what the other brought."""
    browser, path = await opened(home)

    pages = await asyncio.gather(
        send(browser.copy(), path, [picture(size=(500, 400))], uscc=""),
        send(browser.copy(), path, [picture(size=(400, 500))], uscc=""),
    )

    assert [page.status for page in pages] == [422, 422]
    assert (await browser.get(path)).text.count("data-accepted") == 2


async def test_the_limit_of_a_file(home: House) -> None:
    """A file of 10 MB is looked at, one byte more is not."""
    browser, path = await opened(home)
    exactly = picture() + b"\0" * (MAX_FILE - len(picture()))
    assert (await send(browser, path, [exactly], uscc="")).text.count("data-accepted") == 1

    page = await send(browser, path, [exactly + b"\0"], uscc="")

    assert (page.status, "too_large" in page.codes) == (422, True)


async def test_a_body_over_the_limit_is_refused_before_it_is_read(home: House, database: Path) -> None:
    """413 by the announced length; nothing is kept."""
    browser, path = await opened(home)

    page = await post(browser, path, multipart({}, [b"\0" * MAX_BODY]))

    assert page.status == 413
    assert await kept(database.parent) == []


async def test_a_body_without_a_length_is_cut_at_the_limit(home: House, database: Path) -> None:
    """413 while it comes, whatever was announced; nothing is kept."""
    browser, path = await opened(home)
    whole = multipart({}, [b"\0" * (MAX_BODY // 2)] * 3)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 1 << 20):
            yield whole[at : at + (1 << 20)]

    page = await browser.post(path, chunks(), Content_Type=CONTENT)  # type: ignore[arg-type]

    assert page.status == 413
    assert await kept(database.parent) == []


@pytest.mark.parametrize("share", [0.5, 0.99])
async def test_an_upload_cut_off_leaves_nothing(home: House, database: Path, share: float) -> None:
    """A connection that ends in the middle, and a body without its end, store nothing."""
    browser, path = await opened(home)
    hidden = (await browser.get(path)).hidden
    whole = multipart(hidden | TYPED, [picture()])
    part = whole[: int(len(whole) * share)]

    assert (await post(browser, path, part)).status == 400
    _, writer = await asyncio.open_connection("127.0.0.1", home.client.port)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\nOrigin: {home.origin}\r\n"
    head += f"Content-Type: {CONTENT}\r\nContent-Length: {len(whole)}\r\n\r\n"
    writer.write(head.encode() + part)
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert await kept(database.parent) == []
    assert (await browser.get(path)).text.count("data-accepted") == 0


async def test_without_the_hidden_field_nothing_is_kept(home: House, database: Path) -> None:
    """A page of another site cannot send documents."""
    browser, path = await opened(home)

    page = await post(browser, path, multipart(TYPED, [picture()]))

    assert page.status == 403
    assert await kept(database.parent) == []


async def test_starting_over_deletes_the_documents(home: House, database: Path) -> None:
    """The person may take back what was accepted; what was typed stays."""
    browser, path = await opened(home)
    await send(browser, path, [picture()], uscc="")

    page = await browser.send(path, {"action": "start_over"})

    assert page.status == 303
    assert (await browser.get(path)).text.count("data-accepted") == 0
    assert len(await kept(database.parent)) == 1


class Reader:
    """Reads another company's licence out of every picture."""

    available = True

    async def read(self, picture: bytes) -> tuple[str, ...]:  # noqa: ARG002
        """Return its lines."""
        return ("营业执照", "91330100MA2DEMA01A", "别的公司")


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_doubt_can_be_sent_all_the_same(database: Path, language: str) -> None:
    """R17: a name that differs is asked again, with a box to send it as it is."""
    documents = replace(documents_in(database.parent), reader=Reader())
    async with house(database, documents=documents) as home:
        browser, path = await opened(home)
        browser.headers["Accept-Language"] = language
        assert 'name="anyway"' not in (await browser.get(path)).text
        page = await send(browser, path, [picture()])
        assert (page.status, page.codes) == (422, ["name_differs"])
        assert 'name="anyway"' in page.text

        assert (await send(browser, path, anyway="1")).status == 303
