"""Where a real challenge goes, and when there is nowhere to go (R2, R6)."""

from __future__ import annotations

import pytest

from recovery_core.numbers import Numbers, Profile
from recovery_core.proofs.decoy import target
from recovery_core.proofs.methods import CHALLENGES, Method, proof_rule
from tests.unit.cases.company import ALICE, BOB, CAROL, DAVE, ERIN, FRED, GINA, POSTMASTER, Person

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS

# person: where SMS, mail and questions go
TARGETS: list[tuple[Person, str | None, str | None, str | None]] = [
    (ALICE, ALICE.phone, ALICE.backup, "id-alice"),
    (BOB, BOB.phone, None, None),
    (CAROL, CAROL.phone, CAROL.backup, "id-carol"),
    (DAVE, None, None, None),
    (ERIN, None, None, "id-erin"),
    (FRED, None, None, None),
    (GINA, None, None, None),
    (POSTMASTER, POSTMASTER.phone, POSTMASTER.backup, None),
]


@pytest.mark.parametrize(("person", "sms", "mail", "questions"), TARGETS)
def test_targets(person: Person, sms: str | None, mail: str | None, questions: str | None) -> None:
    """R2, R6: each method goes where the account says, or nowhere."""
    account = person.account()
    rule = proof_rule(Profile.GUIDE, stricter=account.is_administrator)

    assert [target(account, m, rule, Numbers()) for m in (S, M, Q)] == [sms, mail, questions]


def test_nobody_has_no_target() -> None:
    """R2: an unknown address is a decoy for every method."""
    rule = proof_rule(Profile.GUIDE, stricter=False)

    assert [target(None, method, rule, Numbers()) for method in CHALLENGES] == [None, None, None]


def test_one_answer_is_no_pair() -> None:
    """R7: always two questions; an account with one has none."""
    person = Person("half", answers=(("first_pet", "Rex"),))
    rule = proof_rule(Profile.GUIDE, stricter=False)

    assert target(person.account(), Q, rule, Numbers()) is None
