"""The web widget for the contract tests: real store, real streams; a browser for each account."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from portal.channels.port import Event, Incoming, Target
from portal.channels.web import WebChannel
from recovery_core.cases import forms
from recovery_core.cases.form import Form
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation, LineKind
from recovery_core.conversations.language import Language
from recovery_core.errors import UnavailableError
from recovery_core.messages import FormPurpose
from recovery_core.work import UnitOfWork, Work
from rekey.bootstrap import build
from tests.fake_assistant import FakeAssistant
from tests.fakes import FakeClock
from tests.integration.channels.shape import NOW, Act, Told, Trouble, What
from tests.portal_house import settings_for

ACCOUNTS = ("E1001", "E1002")
COOKIE = "rekey"


class Flaky:
    """A store that can be away."""

    def __init__(self, work: Work) -> None:
        """Work on *work*."""
        self._work = work
        self.away = False

    def __call__(self) -> UnitOfWork:
        """Open a unit of work, unless the store is away."""
        if self.away:
            raise UnavailableError
        return self._work()

    def reading(self) -> UnitOfWork:
        """Open a reading one, unless the store is away."""
        if self.away:
            raise UnavailableError
        return self._work.reading()

    def soon(self) -> UnitOfWork:
        """Open one that is settled later, unless the store is away."""
        if self.away:
            raise UnavailableError
        return self._work.soon()

    async def settle(self) -> None:
        """Settle, unless the store is away."""
        if self.away:
            raise UnavailableError
        await self._work.settle()


class WebPlatform:
    """Two browsers; what rekey says is what their streams would read."""

    name = "web"
    proof_has_time = False

    def __init__(self, parts: Parts, store: Flaky, channel: WebChannel, clock: FakeClock) -> None:
        """Put them together."""
        self.channel, self.clock, self.target = channel, clock, Target("web", ACCOUNTS[0], ACCOUNTS[0])
        self.link_url = ""
        self._parts, self._store = parts, store
        self._lines: list[Told] = []

    async def settle(self) -> None:
        """Begin the conversations of both browsers, with a form in the first."""
        now = self.clock.now()
        async with self._parts.work() as work:
            for name in ACCOUNTS:
                hashed = self._parts.keyed.of("cookie", f"token-{name}")
                await work.conversations.add(Conversation(name, hashed, "web", Language.EN, now, now))
            form = Form("form-1", "case-1", ACCOUNTS[0], FormPurpose.PASSWORD, now, now)
            await work.forms.add(form)
            await work.commit()
        self.link_url = f"{self._parts.public_url}/secure/{forms.token_of(self._parts, 'form-1')}"

    async def act(self, act: Act) -> Sequence[Event] | None:
        """Let a browser post *act*."""
        incoming = self.request(act)
        return None if incoming is None else (await self.channel.receive(incoming)).events

    def request(self, act: Act) -> Incoming | None:
        """Return the browser's request."""
        said = {What.TEXT: {"text": act.text}, What.BUTTON: {"button": act.button}}.get(act.what)
        if said is None:
            return None
        headers = {"cookie": f"{COOKIE}=token-{act.account}", "idempotency-key": act.id}
        return Incoming("POST", headers, {}, json.dumps(said).encode(), NOW)

    def told(self) -> Sequence[Told]:
        """Return what the stream would carry."""
        return self._lines

    def trouble(self, kind: Trouble) -> None:
        """Take the store away; or the conversation, for good."""
        self._store.away = kind in {Trouble.AWAY, Trouble.BUSY, Trouble.WRONG_KEY}
        if kind is Trouble.REFUSED:
            self.target = replace(self.target, account="forgotten")

    async def look(self, parts: Parts, conversation_id: str) -> None:
        """Read the conversation as its stream would."""
        async with parts.work.reading() as work:
            lines = await work.conversations.since(conversation_id, 0, 100)
        self._lines = [_told(parts, line.payload) for line in lines if line.kind is LineKind.REPLY]


class Watched(WebChannel):
    """The channel, with a reader on its stream."""

    platform: WebPlatform
    parts: Parts

    async def send(self, to: Target, message: Any) -> None:  # noqa: ANN401
        """Send, then let the reader look."""
        await super().send(to, message)
        await self.platform.look(self.parts, to.account)


def _told(parts: Parts, payload: Any) -> Told:  # noqa: ANN401
    form, buttons = payload.get("form"), payload.get("buttons") or ()
    link = f"{parts.public_url}/secure/{forms.token_of(parts, form['id'])}" if form else None
    words = [payload["text"], *(button["title"] for button in buttons)]
    return Told("\n".join(words), [button["id"] for button in buttons], link)


@asynccontextmanager
async def web() -> AsyncIterator[WebPlatform]:
    """Start the widget on a store of its own."""
    clock = FakeClock(NOW)
    with TemporaryDirectory() as folder:
        async with build(settings_for(Path(folder)), clock=clock, assistant=FakeAssistant()) as house:
            store = Flaky(house.parts.work)
            parts = replace(house.parts, work=store)
            channel = Watched(parts, house.furnishing.turns.news, COOKIE)
            platform = WebPlatform(house.parts, store, channel, clock)
            channel.platform, channel.parts = platform, house.parts
            await platform.settle()
            yield platform
