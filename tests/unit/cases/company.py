"""The people of the tests: one for every way in which an account can differ."""

from __future__ import annotations

from dataclasses import dataclass

from recovery_core.accounts.account import (
    Account,
    Contact,
    ContactKind,
    Domain,
    Edition,
    Role,
    SecurityAnswer,
    Status,
)
from recovery_core.accounts.ports import Credentials
from recovery_core.proofs.questions import normalise
from tests.fakes_passwords import FakeHasher
from tests.fakes_store_data import Data

OLD, OLDER, OLDEST = "Curr-ent0ne!", "Past-on3two!", "Far-b4ckone!"
NEW = "Maple&River77"
RIGHT_ANSWERS = ("旺财", "杭州")


@dataclass(frozen=True)
class Person:
    """What a test wants to be different about an account."""

    name: str
    phone: str | None = None
    backup: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    role: Role = Role.EMPLOYEE
    status: Status = Status.ACTIVE
    language: str = "zh"
    domain: str = "example.com"

    @property
    def address(self) -> str:
        """Return the mailbox."""
        return f"{self.name}@{self.domain}"

    def account(self) -> Account:
        """Return the account."""
        values = ((ContactKind.PHONE, self.phone), (ContactKind.MAIL, self.backup))
        return Account(
            id=f"id-{self.name}",
            address=self.address,
            display_name=f"{self.name.title()} Longname",
            role=self.role,
            status=self.status,
            language=self.language,
            employee_number="E1001",
            contacts=tuple(
                Contact(f"{self.name}.{kind}", kind, value, self.language) for kind, value in values if value
            ),
            answers=tuple(
                SecurityAnswer(question, FakeHasher.encode(normalise(answer)))
                for question, answer in self.answers
            ),
        )


_PAIR = (("first_pet", "旺财"), ("birth_city", "杭州"))
ALICE = Person("alice", "+8613800138000", "alice@backup.example", _PAIR)
BOB = Person("bob", "+8613800138001", language="en")
CAROL = Person("carol", "+8613800138002", "carol@backup.example", _PAIR, status=Status.DISABLED)
DAVE = Person("dave", language="en")
ERIN = Person("erin", answers=(("first_school", "Rex"), ("first_trip", "Paris")), language="en")
FRED = Person("fred", "+12025550123")
GINA = Person("gina", backup="Gina@Example.com")
POSTMASTER = Person("postmaster", "+8613800138003", "pm@backup.example", _PAIR, Role.ADMINISTRATOR)
HELPER = Person("helper", role=Role.ADMINISTRATOR, language="en")
EVERYBODY = (ALICE, BOB, CAROL, DAVE, ERIN, FRED, GINA, POSTMASTER, HELPER)
NOBODY = "nobody@example.com"


def move_in(data: Data) -> None:
    """Store the company."""
    company = Domain("example.com", Edition.STANDARD, "示例科技有限公司", "91330100MA2DEMA01A")
    data.domains[company.name] = company
    for person in EVERYBODY:
        account = person.account()
        data.accounts[account.id] = account
        hashes = tuple(map(FakeHasher.encode, (OLD, OLDER, OLDEST)))
        data.credentials[account.id] = Credentials(3, hashes)
