"""An administrator with a browser and an authenticator app."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import ClientResponse

from recovery_core.people import totp
from rekey.demo import PASSWORD
from tests.fakes import FakeClock
from tests.portal_house import Client, PortalHouse

_ACTION = re.compile(r'<form method="post"(?: action="([^"]*)")?.*?</form>', re.DOTALL)
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Administrator:
    """A browser at ``/admin``; pages are read as their text."""

    portal: PortalHouse
    http: Client
    clock: FakeClock
    name: str
    page: str = ""
    path: str = ""
    status: int = 0
    secret: bytes = field(default=b"", repr=False)

    async def get(self, path: str) -> str:
        """Open *path* and follow where it leads."""
        return await self._read(await self.http.get(path))

    async def post(self, path: str = "", **fields: str) -> str:
        """Send the page's own form (not that for signing out) with *fields*."""
        to = path or self.path
        given = {"csrf": self.csrf(), **fields}
        return await self._read(await self.http.post(to, data=given))

    def csrf(self) -> str:
        """Return the hidden field of the page's own form, empty if it has none."""
        own = [form[0] for form in _ACTION.finditer(self.page) if not form[1]]
        return _CSRF.findall(own[0])[0] if own else ""

    def code(self) -> str:
        """Return what the authenticator app shows."""
        return totp.code_at(self.secret, totp.step_of(self.clock.now()))

    def next_code(self) -> str:
        """Wait for the app's next code."""
        self.clock.move(timedelta(seconds=30))
        return self.code()

    async def give_password(self, password: str = PASSWORD) -> str:
        """Go to the console and give name and password."""
        await self.get("/admin")
        return await self.post(name=self.name, password=password)

    async def sign_in_first(self) -> None:
        """Sign in for the first time: password, phone, second factor."""
        await self.give_password()
        await self.post(code=await self.portal.code())
        key = re.search(r'class="key" aria-label="([A-Z2-7]+)"', self.page)
        assert key is not None, self.page
        self.secret = totp.secret_of(key[1])
        await self.post(code=self.code())
        assert (self.path, self.status) == ("/admin", 200), self.page

    async def sign_in(self) -> None:
        """Sign in with password and second factor."""
        await self.give_password()
        await self.post(code=self.next_code())

    async def open_request(self, address: str) -> str:
        """Open the newest listed request of *address*."""
        await self.get("/admin")
        rows = re.findall(r'data-ticket="([^"]+)".*?<strong>([^<]+)</strong>', self.page, re.DOTALL)
        ids = [ticket for ticket, who in rows if html.unescape(who) == address]
        return await self.get(f"/admin/requests/{ids[-1]}")

    async def _read(self, response: ClientResponse) -> str:
        self.page, self.path, self.status = await response.text(), response.url.path, response.status
        return self.page


POSTMASTER = "postmaster@example.com"


async def administrator(portal: PortalHouse, clock: FakeClock, name: str = POSTMASTER) -> Administrator:
    """Return an administrator with a new browser."""
    return Administrator(portal, await portal.client(), clock, name)
