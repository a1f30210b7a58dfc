"""What is read of a request before its sender has proven anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

from portal.channels.routing import SHORT_BODY
from tests.integration.channels.conftest import Person
from tests.integration.channels.matrix_platform import matrix
from tests.integration.channels.plain import signed
from tests.portal_house import PortalHouse, portal_house


async def test_matrix_reads_no_body_of_a_stranger(folder: Path) -> None:
    """401 comes while the body has not even begun."""
    async with matrix() as platform, portal_house(folder, messengers={"matrix": platform.channel}) as portal:
        http = await portal.client()
        url = http.make_url("/channels/matrix/_matrix/app/v1/transactions/1")
        reader, writer = await asyncio.open_connection(url.host, url.port)
        head = f"PUT {url.path} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 4000000\r\n\r\n"
        writer.write(head.encode())
        assert (await reader.readline()).split()[1] == b"401"
        writer.close()


async def test_long_bodies_wait_for_each_other_and_short_ones_for_nothing(
    person: Person, portal: PortalHouse
) -> None:
    """With every slot held a short event is stored; a long one is as soon as a slot is free."""
    messengers = portal.house.furnishing.messengers
    assert messengers is not None
    messengers.long_bodies = asyncio.Semaphore(0)
    await person.say("hello")
    body, headers = signed({"id": "long", "text": "x" * 2 * SHORT_BODY})
    long = asyncio.ensure_future(person.http.post("/channels/plain", data=body, headers=headers))
    await person.say("again")
    assert not long.done()
    messengers.long_bodies.release()
    assert (await long).status == 200
    assert not messengers.long_bodies.locked()
