"""How a browser sends documents, and how to look at what became of them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from recovery_core.messages import FormPurpose
from recovery_core.people.requesting import request_administrator
from recovery_core.people.tickets import Kind, Ticket
from tests.evidence_samples import documents_in
from tests.integration.forms.house import Browser, House, Page

SUPER = "gm0001@group.example"
EDGE = "edge-of-the-form"
CONTENT = f"multipart/form-data; boundary={EDGE}"
NEW = "new@private.example"
TYPED = {"company": "示例科技有限公司", "uscc": "91330100MA2DEMA01A", "new_mailbox": NEW}


async def opened(home: House, address: str = SUPER) -> tuple[Browser, str]:
    """Return a browser whose case waits for documents, and the path of the form."""
    browser = await home.chatting(address)
    await request_administrator(home.parts, browser.conversation_id)
    return browser, await home.mint(browser, FormPurpose.EVIDENCE)


async def send(
    browser: Browser, path: str, files: Sequence[bytes] = (), name: str = "licence.jpg", **typed: str
) -> Page:
    """Send the form as a browser does: fields in order, files last."""
    fields = (await browser.get(path)).hidden | TYPED | typed
    return await post(browser, path, multipart(fields, files, name))


async def post(browser: Browser, path: str, body: bytes) -> Page:
    """Send a body as it is."""
    return await browser.post(path, io.BytesIO(body), Content_Type=CONTENT)  # type: ignore[arg-type]


def multipart(fields: Mapping[str, str], files: Sequence[bytes], name: str = "a.jpg") -> bytes:
    """Return the body of a form with files."""
    parts = [(f'name="{key}"', value.encode()) for key, value in fields.items()]
    parts += [(f'name="licence"; filename="{name}"\r\nContent-Type: image/jpeg', file) for file in files]
    lines = b"".join(
        f"--{EDGE}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return lines + f"--{EDGE}--\r\n".encode()


async def code(home: House) -> str:
    """Return the newest code that went to the new mailbox."""
    mails = [mail for mail in await home.delivered() if mail["to"] == NEW]
    return str(mails[-1]["code"])


async def ticket(home: House, browser: Browser) -> Ticket:
    """Return the review of the browser's case."""
    async with home.parts.work.reading() as work:
        found = await work.tickets.of_case((await home.case(browser)).id)
    assert found[0].kind is Kind.REVIEW
    return found[0]


async def kept(folder: Path) -> list[str]:
    """Return the ids of everything that is kept on the disk."""
    return list(await documents_in(folder).files.ids())
