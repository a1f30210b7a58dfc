"""The core with a store in memory and a clock moved by hand, and what a person does with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from recovery_core.cases import challenging, completing, hearing, opening, proving
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.forms import form_id_of, mint
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import Tried
from recovery_core.conversations.conversation import Conversation, LineKind
from recovery_core.conversations.language import Language
from recovery_core.keyed import KeyedHash
from recovery_core.messages import FormPurpose, Message, MessageId
from recovery_core.notices.delivery import Delivery, Template
from recovery_core.numbers import Numbers
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import PROFILES
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.methods import Method
from tests.fakes import FakeClock, FakeEntropy
from tests.fakes_outbox import FakeAlerts
from tests.fakes_passwords import FakeHasher, ListedPasswords
from tests.fakes_store import MemoryWork
from tests.unit.cases.company import ALICE, NEW, RIGHT_ANSWERS, move_in

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)
HERE = "here"
"""The conversation of most tests."""


class House:
    """Everything around the use cases; *numbers* are the settings under test."""

    def __init__(self, numbers: Numbers | None = None, *, sessions_end: bool = False) -> None:
        """Build the house and move the company in."""
        numbers = numbers or Numbers()
        self.clock, self.entropy, self.alerts = FakeClock(), FakeEntropy(), FakeAlerts()
        self.hasher, self.keyed = FakeHasher(), KeyedHash(b"key of the tests")
        self.work = MemoryWork(self.keyed)
        move_in(self.work.data)
        self.parts = Parts(
            work=self.work,
            clock=self.clock,
            entropy=self.entropy,
            keyed=self.keyed,
            hasher=self.hasher,
            blocklist=ListedPasswords(["Password-123"]),
            policy=PasswordPolicy.of(PROFILES[numbers.profile.value]),
            numbers=numbers,
            alerts=self.alerts,
            public_url="https://rekey.example",
            trusted_clients=frozenset({"office"}),
            sessions_end=sessions_end,
        )
        self._messages = 0
        self.talk(HERE)

    @property
    def data(self):  # noqa: ANN201
        """Return the committed tables."""
        return self.work.data

    def talk(self, name: str, client: str | None = None) -> str:
        """Begin a conversation, each from a client of its own."""
        now = self.clock.now()
        self.data.conversations[name] = Conversation(
            name, f"token of {name}", "web", Language.EN, now, now, client_key=client or f"client of {name}"
        )
        return name

    def change(self, account_id: str, **values: object) -> None:
        """Change an account behind everybody's back."""
        self.data.accounts[account_id] = replace(self.data.accounts[account_id], **values)

    def case(self, where: str = HERE) -> Case:
        """Return the newest case of the conversation."""
        own = [c for c in self.data.cases.values() if c.conversation_id == where]
        return max(own, key=lambda c: self.data.joined[c.id])

    def state(self, where: str = HERE) -> State:
        """Return where it stands."""
        return self.case(where).state

    def challenge(self, where: str = HERE) -> Challenge:
        """Return the newest challenge of the case."""
        case = self.case(where)
        return [c for c in self.data.challenges.values() if c.case_id == case.id][-1]

    def posted(self, template: Template) -> list[Delivery]:
        """Return what is in the outbox by that template, dropped or not."""
        return [row.delivery for row in self.data.outbox.values() if row.delivery.template is template]

    def code(self, where: str = HERE) -> str:
        """Return the code of the newest challenge, read from the outbox."""
        return self.data.outbox[self.challenge(where).id].delivery.variables["code"]

    def wrong_code(self, where: str = HERE) -> str:
        """Return six digits that are not the code."""
        return f"{(int(self.code(where)) + 1) % 10**6:06d}"

    def link(self, where: str = HERE) -> str:
        """Return the token of the mailed link."""
        return self.data.outbox[self.challenge(where).id].delivery.variables["link"].rpartition("/")[2]

    def audit(self, where: str = HERE) -> list[str]:
        """Return the names of the case's audit events."""
        return [event.name for event in self.data.chains[self.case(where).id]]

    def events(self, where: str = HERE) -> list[str]:
        """Return what the gateway was told for the conversation."""
        lines = [ln for ln in self.data.lines.values() if ln.conversation_id == where]
        return [str(ln.payload["event"]) for ln in lines if ln.kind is LineKind.EVENT]

    async def identify(self, address: str = ALICE.address, where: str = HERE) -> tuple[Message, ...]:
        """Name an address."""
        return await opening.identify(self.parts, where, (address,))

    async def ask(self, method: Method, where: str = HERE) -> MessageId:
        """Ask for a proof; return the id of what is said."""
        (said,) = await challenging.challenge(self.parts, where, method)
        return said.id

    async def challenged(self, method: Method, address: str = ALICE.address, where: str = HERE) -> Challenge:
        """Name an address and ask for a proof."""
        await self.identify(address, where)
        await self.ask(method, where)
        return self.challenge(where)

    async def try_code(self, code: str, where: str = HERE) -> Tried:
        """Send six digits."""
        async with self.work() as work:
            tried = await proving.try_code(work, self.parts, where, code)
            await work.commit()
        return tried

    async def kill(self, where: str = HERE) -> None:
        """Spend every try of the newest challenge."""
        for _ in range(self.challenge(where).tries_left):
            await self.try_code(self.wrong_code(where), where)

    async def proven(self, address: str = ALICE.address, where: str = HERE) -> Case:
        """Prove by SMS."""
        await self.challenged(Method.SMS, address, where)
        await self.try_code(self.code(where), where)
        return self.case(where)

    async def answer(self, given: tuple[str, str] = RIGHT_ANSWERS, where: str = HERE) -> Tried:
        """Send both answers."""
        return await proving.try_answers(self.parts, where, given)

    async def form(self, purpose: FormPurpose = FormPurpose.PASSWORD, where: str = HERE) -> str:
        """Open a secure form; return its id."""
        async with self.work() as work:
            token = await mint(work, self.parts, where, purpose)
            await work.commit()
        assert token is not None
        return form_id_of(self.parts, token)

    async def set(self, new: str = NEW, where: str = HERE, form: str | None = None) -> Case:
        """Set a password, typed twice alike."""
        return await completing.set_password(
            self.parts, form or await self.form(where=where), where, new, new
        )

    async def completed(self, address: str = ALICE.address, where: str = HERE) -> Case:
        """Prove by SMS and set a password."""
        await self.proven(address, where)
        return await self.set(where=where)

    async def hear(self, text: str, where: str = HERE, message_id: str | None = None) -> Language | None:
        """Say one line."""
        self._messages += 1
        talk = self.data.conversations[where]
        said = await hearing.hear(
            self.parts, talk, message_id or f"m{self._messages}", text, talk.client_key or ""
        )
        return said.conversation.language if said else None

    def heard(self, where: str = HERE) -> tuple[str | None, str | None]:
        """Return text and event of the last line that was said."""
        lines = [ln for ln in self.data.lines.values() if ln.conversation_id == where]
        said = [ln for ln in lines if ln.kind is LineKind.SAID][-1]
        return said.payload["text"], said.payload.get("event")
