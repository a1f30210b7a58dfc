"""How many proofs whom, and which count: the whole table (R9)."""

from __future__ import annotations

from itertools import chain, permutations

import pytest

from recovery_core.numbers import Profile
from recovery_core.proofs.methods import PROOF_RULES, Method, enough, proof_rule

S, M, Q, E = Method.SMS, Method.MAIL, Method.QUESTIONS, Method.MESSENGER
_PAIRS = [{S, M}, {S, E}, {M, E}]

# who, by profile: every smallest set of proofs that is enough
TABLE: dict[tuple[Profile, bool], list[set[Method]]] = {
    (Profile.GUIDE, False): [{S}, {M}, {Q}, {E}],
    (Profile.GUIDE, True): _PAIRS,
    (Profile.STRICT, False): _PAIRS,
    (Profile.STRICT, True): _PAIRS,
}


@pytest.mark.parametrize(("profile", "stricter"), list(TABLE))
def test_the_whole_table(profile: Profile, *, stricter: bool) -> None:
    """R9: for each profile and person exactly these proofs are enough, and more of them."""
    rule = proof_rule(profile, stricter=stricter)
    for given in chain.from_iterable(permutations(Method, count) for count in range(5)):
        wanted = any(smallest <= set(given) for smallest in TABLE[profile, stricter])
        assert enough(rule, given) is wanted, given
    assert set(TABLE) == set(PROOF_RULES)


@pytest.mark.parametrize(("profile", "stricter"), [key for key in TABLE if key != (Profile.GUIDE, False)])
def test_the_same_method_twice_is_one(profile: Profile, *, stricter: bool) -> None:
    """R9: two proofs by the same method are one."""
    assert not enough(proof_rule(profile, stricter=stricter), (S, S))


def test_only_an_employee_by_the_guide_may_answer_questions() -> None:
    """R9: questions count in one row of the table."""
    assert {key for key, rule in PROOF_RULES.items() if Q in rule.allowed} == {(Profile.GUIDE, False)}
