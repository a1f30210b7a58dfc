"""The catalogue of questions, normal forms, and the pair that a decoy shows (R7)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery_core.keyed import KeyedHash
from recovery_core.proofs.questions import CATALOGUE, decoy_pair, normalise

KEYED = KeyedHash(b"key")
PAIRS = [(("first_pet", "birth_city"), 3), (("first_trip", "first_school"), 1)]


def test_the_catalogue_has_ten_questions() -> None:
    """R7: the ids come out of a fixed catalogue of ten."""
    assert len(set(CATALOGUE)) == len(CATALOGUE) == 10


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("  Rex\t", "rex"),
        ("ＲＥＸ", "rex"),
        ("New\u3000 York", "new york"),
        ("Straße", "strasse"),
        ("旺财", "旺财"),
        ("ﬁdo", "fido"),
        ("", ""),
    ],
)
def test_answers_are_normalised(typed: str, compared: str) -> None:
    """R7: NFKC, case-folded, white space folded."""
    assert normalise(typed) == compared


@given(st.text(max_size=30))
@settings(max_examples=30)
def test_spaces_and_case_around_never_matter(answer: str) -> None:
    """R7: what is registered is found again with other spaces around it."""
    assert normalise(f" \t{answer}\u3000") == normalise(answer)


def test_a_decoys_pair_follows_the_domain() -> None:
    """R7: the pairs of a domain are shown in their proportions, each address always the same one."""
    shown = Counter(decoy_pair(KEYED, f"user{n}@example.com", PAIRS) for n in range(400))

    assert set(shown) == {pair for pair, _ in PAIRS}
    assert 250 < shown["first_pet", "birth_city"] < 350
    assert decoy_pair(KEYED, "a@b.example", PAIRS) == decoy_pair(KEYED, "a@b.example", PAIRS[::-1])


def test_one_more_account_moves_hardly_any_decoy() -> None:
    """R2: who asks before and after an import cannot tell decoys by their pair: of 120, one in 120 moves."""
    pairs = [((first, "street_of_childhood"), 30) for first in CATALOGUE[:4]]
    after = [*pairs[:3], (pairs[3][0], 31)]
    addresses = [f"user{number}@example.com" for number in range(1_000)]
    moved = [a for a in addresses if decoy_pair(KEYED, a, pairs) != decoy_pair(KEYED, a, after)]

    assert len(moved) < 30
    assert {decoy_pair(KEYED, address, after) for address in moved} <= {pairs[3][0]}


def test_a_pair_that_nobody_has_any_more_is_not_shown() -> None:
    """R7: a count that fell to zero draws nothing; where all did, the catalogue is drawn from."""
    gone = [(("first_pet", "birth_city"), 0), (("first_trip", "first_school"), 1)]
    assert decoy_pair(KEYED, "a@b.example", gone) == ("first_trip", "first_school")
    assert set(decoy_pair(KEYED, "a@b.example", gone[:1])) <= set(CATALOGUE)


def test_a_domain_without_questions_has_decoys_too() -> None:
    """R7: where nobody registered questions, a pair of two different ones of the catalogue is shown."""
    for number in range(20):
        first, second = decoy_pair(KEYED, f"user{number}@example.com", [])
        assert first != second
        assert {first, second} <= set(CATALOGUE)
