"""Whole recoveries through the front door: address, code or link, new password with three history checks."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bench.people import Browser, RekeyPerson, WrongAnswerError

DOMAIN = "example.com"
NEW_PASSWORD = "Quiet-Harbour-27"  # noqa: S105  of people who do not exist
_LOOK_SECONDS = 0.2
_MAIL_SECONDS = 30.0
_HIDDEN = re.compile(r'name="(csrf|csrfmiddlewaretoken)" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a number of recoveries took: each one, and all (seconds)."""

    each: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Return recoveries per second."""
        return len(self.each) / self.seconds


def phone(number: int) -> str:
    """Return the fictional phone of person *number*."""
    return f"+86139{number:08d}"


def accounts_csv(count: int, encoded: str) -> str:
    """Return an accounts file of *count* people with a phone and a password."""
    head = "address,name,role,status,phone,backup,employee_number,language,hash"
    rows = (
        f'bench{n}@{DOMAIN},Zed Qux,employee,active,{phone(n)},,B{n:07d},en,"{encoded}"' for n in range(count)
    )
    return "\n".join([head, *rows, ""])


class Mailbag:
    """What the senders delivered, asked for by one reader for everybody."""

    def __init__(self) -> None:
        """Begin with nothing delivered."""
        self._found: dict[str, str] = {}
        self._news = asyncio.Event()

    def put(self, to: str, what: str) -> None:
        """Keep *what* was delivered to *to*."""
        if self._found.get(to) != what:
            self._found[to] = what
            self._news.set()

    async def wait_for(self, to: str) -> str:
        """Return what was delivered to *to*; raises TimeoutError after half a minute."""
        async with asyncio.timeout(_MAIL_SECONDS):
            while to not in self._found:
                self._news.clear()
                await self._news.wait()
        return self._found[to]


@asynccontextmanager
async def reading(look: Callable[[Mailbag], Coroutine[Any, Any, None]]) -> AsyncIterator[Mailbag]:
    """Look again and again until the block ends."""
    bag = Mailbag()

    async def keep_looking() -> None:
        while True:
            await look(bag)
            await asyncio.sleep(_LOOK_SECONDS)

    task = asyncio.create_task(keep_looking())
    try:
        yield bag
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def demo_outbox(site: str) -> AsyncIterator[Mailbag]:
    """Read rekey's demo outbox, which keeps the last 200 messages."""
    async with aiohttp.ClientSession() as http:

        async def look(bag: Mailbag) -> None:
            async with http.get(f"{site}/demo/outbox.json") as answer:
                for message in await answer.json():
                    if message["code"]:
                        bag.put(message["to"], message["code"])

        async with reading(look) as bag:
            yield bag


@asynccontextmanager
async def file_outbox(path: Path) -> AsyncIterator[Mailbag]:
    """Read the file that Django's mails go to."""

    async def look(bag: Mailbag) -> None:
        for mail in _mails(path):
            bag.put(mail["to"], mail["link"])

    async with reading(look) as bag:
        yield bag


def _mails(path: Path) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


async def with_rekey(site: str, bag: Mailbag, number: int) -> None:
    """Recover the mailbox of person *number* in the chat and on the password's page."""
    async with RekeyPerson(site) as person:
        offered = await person.replies({"text": f"I forgot my password, it is bench{number}@{DOMAIN}"})
        await person.replies({"button": _button(offered, "method_sms")})
        proven = await person.replies({"text": await bag.wait_for(phone(number))})
        form = next((reply["form"] for reply in proven if reply["form"]), None)
        if form is None or form["purpose"] != "password":
            raise WrongAnswerError(f"no password form: {proven}")
        await _send_form(
            person, form["url"], {"new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
        )


async def with_django(site: str, bag: Mailbag, number: int) -> None:
    """Recover the account of person *number* on Django's pages."""
    address = f"bench{number}@{DOMAIN}"
    browser = Browser(site)
    try:
        await _send_form(browser, "/reset/", {"email": address})
        link = urlsplit(await bag.wait_for(address)).path
        async with browser.http.get(f"{site}{link}") as answer:  # Django takes the token out of the address
            path = answer.url.path
        await _send_form(browser, path, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})
    finally:
        await browser.http.close()


async def recover(
    once: Callable[[int], Coroutine[Any, Any, None]], numbers: Iterator[int], count: int, people: int
) -> Recovered:
    """Make *count* recoveries, *people* at a time."""
    mine, each = itertools.islice(numbers, count), []

    async def one_after_another() -> None:
        for number in mine:
            begun = time.perf_counter()
            await once(number)
            each.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(people)))
    return Recovered(each, time.perf_counter() - begun)


def _button(replies: list[dict[str, Any]], name: str) -> str:
    for reply in replies:
        for button in reply["buttons"] or ():
            if button["name"] == name:
                return str(button["id"])
    raise WrongAnswerError(f"no button {name}: {replies}")


async def _send_form(browser: Browser, path: str, fields: dict[str, str]) -> None:
    """Open the page at *path*, fill in *fields* and expect to be sent on."""
    url = f"{browser.site}{path}"
    async with browser.http.get(url) as page:
        hidden = _HIDDEN.search(await page.text())
    if hidden is None:
        raise WrongAnswerError(f"{path}: no form ({page.status})")
    headers = {"Origin": browser.site, "Referer": url}
    data = {hidden[1]: hidden[2], **fields}
    async with browser.http.post(url, data=data, headers=headers, allow_redirects=False) as answer:
        if answer.status not in {302, 303}:
            raise WrongAnswerError(f"{path}: {answer.status} {(await answer.text())[:500]}")
