"""The portal with a real store, the demo company, and fakes for time, chance, hashing and the assistant."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from portal.app import Furnishing, portal_app
from portal.chat.rasa_client import Turn
from portal.chat.turns import Turns
from portal.keys import Site
from portal.limits import Limits, Rates
from portal.networks import TrustedProxies
from recovery_core.adapters.catalogue import Catalogue
from recovery_core.adapters.console import ConsoleOutbox
from recovery_core.adapters.sessions import NoSessions
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases import challenging, forms, opening
from recovery_core.cases.case import Case
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language
from recovery_core.evidence.submitting import Documents
from recovery_core.keyed import KeyedHash
from recovery_core.messages import FormPurpose
from recovery_core.notices.delivery import Channel
from recovery_core.notices.worker import EndSessions, OutboxWorker
from recovery_core.numbers import Numbers
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import GUIDE
from recovery_core.proofs.methods import Method
from rekey import demo
from tests.evidence_samples import documents_in
from tests.fakes import FakeClock, FakeEntropy
from tests.fakes_outbox import FakeAlerts
from tests.fakes_passwords import FakeHasher, ListedPasswords
from tests.stores import VAULT, sql_work, sqlite_url, work_on

ORIGIN = "https://recovery.example.com"
LOCALE = Path(__file__).parents[3] / "locale"
GOOD = "Quiet-Harbour-71"


class SilentAssistant:
    """Says nothing and remembers nothing: the pages only have to wake it."""

    async def answer(self, turn: Turn) -> Sequence[Mapping[str, Any]]:  # noqa: ARG002
        """Return no reply."""
        return ()

    async def ready(self) -> bool:
        """Be ready."""
        return True


class WakeLog(Turns):
    """Remembers who was woken and runs nothing."""

    woken: list[str]

    def wake(self, conversation_id: str) -> None:
        """Remember *conversation_id*."""
        self.__dict__.setdefault("woken", []).append(conversation_id)


class AlwaysWell:
    """Health that never complains."""

    async def store_answers(self) -> bool:
        """Answer."""
        return True

    def sender_down(self) -> bool:
        """Be up."""
        return False


@dataclass
class House:
    """The parts, what leaves the house, and a way to come in."""

    parts: Parts
    clock: FakeClock
    console: ConsoleOutbox
    worker: OutboxWorker
    turns: WakeLog
    client: TestClient[Any, Any]
    origin: str = ORIGIN
    _count: int = field(default=0)

    @property
    def woken(self) -> list[str]:
        """Return the conversations that were woken."""
        return self.turns.__dict__.get("woken", [])

    def browser(self, language: str = "en") -> Browser:
        """Return a browser without cookies."""
        return Browser(self, language)

    async def chatting(
        self, address: str = "", method: Method | None = None, language: str = "en"
    ) -> Browser:
        """Return a browser in a conversation, with a case for *address* and a challenge if named."""
        self._count += 1
        browser, token = self.browser(language), f"cookie-{self._count}"
        now, keyed = self.clock.now(), self.parts.keyed
        conversation = Conversation(
            f"talk-{self._count}", keyed.of("cookie", token), "web", Language(language), now, now
        )
        async with self.parts.work() as work:
            await work.conversations.add(conversation)
            await work.commit()
        browser.conversation_id, browser.cookies["__Host-rekey"] = conversation.id, token
        if address:
            await opening.start(self.parts, conversation.id, (address,))
        if method:
            await challenging.challenge(self.parts, conversation.id, method)
        return browser

    async def delivered(self) -> list[dict[str, Any]]:
        """Deliver what waits in the outbox and return all messages so far."""
        await self.worker.run_once()
        return [dict(message) for message in self.console.messages()]

    async def mint(self, browser: Browser, purpose: FormPurpose) -> str:
        """Return the path of a new form of the browser's case."""
        async with self.parts.work() as work:
            token = await forms.mint(work, self.parts, browser.conversation_id, purpose)
            await work.commit()
        assert token is not None
        return f"/secure/{token}"

    async def case(self, browser: Browser) -> Case:
        """Return the case of the browser's conversation."""
        async with self.parts.work.reading() as work:
            case = await work.cases.current(browser.conversation_id)
        assert case is not None
        return case

    async def talk(self, browser: Browser) -> Conversation:
        """Return the browser's conversation."""
        async with self.parts.work.reading() as work:
            found = await work.conversations.get(browser.conversation_id)
        assert found is not None
        return found

    async def events(self, browser: Browser) -> list[str]:
        """Return the events that wait for the browser's conversation, in order."""
        async with self.parts.work.reading() as work:
            lines = await work.conversations.unanswered(100, browser.conversation_id)
        return [line.payload["event"] for line in lines]


@dataclass
class Page:
    """An answer, read."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def codes(self) -> list[str]:
        """Return the broken rules."""
        return re.findall(r'<li data-code="([^"]+)"', self.text)

    @property
    def hidden(self) -> dict[str, str]:
        """Return the hidden fields, which a client sends back as they are."""
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.text)
        return {name: unescape(value) for name, value in found}

    @property
    def location(self) -> str:
        """Return where the answer leads."""
        return self.headers.get("Location", "")


class Browser:
    """A cookie jar and the headers that a browser sends."""

    def __init__(self, house: House, language: str) -> None:
        """Start without cookies."""
        self._house = house
        self.cookies: dict[str, str] = {}
        self.conversation_id = ""
        self.headers = {"Accept-Language": language, "Origin": house.origin, "Sec-Fetch-Site": "same-origin"}

    async def get(self, path: str, **options: Any) -> Page:  # noqa: ANN401
        """Load a page."""
        headers = {"Accept-Language": self.headers["Accept-Language"]}
        return await self._read(
            await self._house.client.get(
                path, headers=headers, cookies=self.cookies, allow_redirects=False, **options
            )
        )

    async def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Load the page and send its form with *fields*, as a person would."""
        return await self.post(path, (await self.get(path)).hidden | dict(fields), **headers)

    async def post(self, path: str, fields: Mapping[str, str] | bytes, **headers: str) -> Page:
        """Send *fields* as they are; a header given as an empty string is left out."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._read(
            await self._house.client.post(
                path,
                data=fields,
                headers={name: value for name, value in sent.items() if value},
                cookies=self.cookies,
                allow_redirects=False,
            )
        )

    async def _read(self, response: ClientResponse) -> Page:
        async with response:
            for name, morsel in response.cookies.items():
                self.cookies[name] = morsel.value
            self._house.client.session.cookie_jar.clear()
            return Page(response.status, await response.text(), response.headers)

    def copy(self) -> Self:
        """Return the same browser once more."""
        other = type(self)(self._house, self.headers["Accept-Language"])
        other.cookies, other.conversation_id = dict(self.cookies), self.conversation_id
        return other


def parts_on(work: SqlWork) -> Parts:
    """Return the core's parts with fakes for everything but the store."""
    return Parts(
        work=work,
        clock=FakeClock(),
        entropy=FakeEntropy(),
        keyed=KeyedHash(b"hashing-key-of-the-tests-32-byte"),
        hasher=FakeHasher(),
        blocklist=ListedPasswords(["Password-12345"]),
        policy=PasswordPolicy.of(GUIDE),
        numbers=Numbers(),
        alerts=FakeAlerts(),
        public_url=ORIGIN,
    )


async def prepare(file: Path) -> None:
    """Make the database *file* with the demo company, to be copied for each test."""
    async with sql_work(sqlite_url(file)) as work:
        await demo.settle(parts_on(work))


@asynccontextmanager
async def house(
    file: Path,
    *,
    site: Site | None = None,
    rates: Rates | None = None,
    documents: Documents | None = None,
    **changed: Any,  # noqa: ANN401
) -> AsyncIterator[House]:
    """Build a house on the prepared database *file*; *changed* parts replace the usual ones."""
    work = work_on(sqlite_url(file))
    clock, texts = FakeClock(), Catalogue(LOCALE)
    console, alerts = ConsoleOutbox(clock), FakeAlerts()
    parts = replace(parts_on(work), clock=clock, alerts=alerts, **changed)
    try:
        senders = {
            Channel.SMS: console.sender(Channel.SMS),
            Channel.MAIL: console.sender(Channel.MAIL),
            Channel.SESSIONS: EndSessions(NoSessions()),
        }
        worker = OutboxWorker(work, VAULT, senders, texts, clock, alerts)
        turns = WakeLog(parts, SilentAssistant())
        given = Furnishing(
            parts=parts,
            texts=texts,
            site=site or Site(ORIGIN),
            turns=turns,
            assistant=SilentAssistant(),
            limits=Limits(clock, rates),
            proxies=TrustedProxies(),
            health=AlwaysWell(),
            metrics=CollectorRegistry(),
            demo_outbox=console,
            documents=documents or documents_in(file.parent),
        )
        async with TestClient(TestServer(portal_app(given))) as client:
            yield House(parts, clock, console, worker, turns, client, (site or Site(ORIGIN)).origin)
    finally:
        await work.engine.dispose()
