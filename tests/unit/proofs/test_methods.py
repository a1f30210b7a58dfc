"""How many proofs whom, and which count: the whole table (R9)."""

from __future__ import annotations

from itertools import chain, permutations

import pytest

from recovery_core.numbers import Profile
from recovery_core.proofs.methods import PROOF_RULES, Method, enough, proof_rule

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS

# who, by profile: every set of proofs that is enough
TABLE: dict[tuple[Profile, bool], set[frozenset[Method]]] = {
    (Profile.GUIDE, False): {
        frozenset({S}),
        frozenset({M}),
        frozenset({Q}),
        frozenset({S, M}),
        frozenset({S, Q}),
        frozenset({M, Q}),
        frozenset({S, M, Q}),
    },
    (Profile.GUIDE, True): {frozenset({S, M}), frozenset({S, M, Q})},
    (Profile.STRICT, False): {frozenset({S, M}), frozenset({S, M, Q})},
    (Profile.STRICT, True): {frozenset({S, M}), frozenset({S, M, Q})},
}


@pytest.mark.parametrize(("profile", "stricter"), list(TABLE))
def test_the_whole_table(profile: Profile, *, stricter: bool) -> None:
    """R9: for each profile and person exactly these sets of proofs are enough, in whatever order."""
    rule = proof_rule(profile, stricter=stricter)
    given = chain.from_iterable(permutations(Method, count) for count in range(4))

    assert {frozenset(proofs) for proofs in given if enough(rule, proofs)} == TABLE[profile, stricter]
    assert set(TABLE) == set(PROOF_RULES)


@pytest.mark.parametrize(("profile", "stricter"), [key for key in TABLE if key != (Profile.GUIDE, False)])
def test_the_same_method_twice_is_one(profile: Profile, *, stricter: bool) -> None:
    """R9: two proofs by the same method are one."""
    assert not enough(proof_rule(profile, stricter=stricter), (S, S))


def test_only_an_employee_by_the_guide_may_answer_questions() -> None:
    """R9: questions count in one row of the table."""
    assert {key for key, rule in PROOF_RULES.items() if Q in rule.allowed} == {(Profile.GUIDE, False)}
