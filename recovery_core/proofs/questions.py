"""Security questions: the fixed catalogue, how answers are compared, and the decoy's pair (R7)."""

from __future__ import annotations

import asyncio
import unicodedata
from base64 import urlsafe_b64decode
from collections.abc import Sequence

from recovery_core.accounts.account import SecurityAnswer
from recovery_core.errors import WrongError
from recovery_core.keyed import KeyedHash
from recovery_core.proofs.ports import AnswerHasher

CATALOGUE = (
    "first_pet",
    "birth_city",
    "first_school",
    "first_employer",
    "childhood_friend",
    "favourite_teacher",
    "first_concert",
    "street_of_childhood",
    "first_trip",
    "favourite_book",
)
"""The ids of the ten questions; their words stand in the catalogues."""

MAX_ANSWER = 200
"""Characters of an answer that are compared; more is refused by the form."""

_DEFAULT_PAIRS = tuple(((first, second), 1) for first in CATALOGUE for second in CATALOGUE if first < second)


def normalise(answer: str) -> str:
    """Return what is hashed and compared: NFKC, case-folded, white space folded to single spaces."""
    return " ".join(unicodedata.normalize("NFKC", answer).casefold().split())


def decoy_pair(
    keyed: KeyedHash, address: str, pairs: Sequence[tuple[tuple[str, str], int]]
) -> tuple[str, str]:
    """Return the pair shown for *address*: always the same, drawn from *pairs* by their counts."""
    known = sorted(pairs) or _DEFAULT_PAIRS
    total = sum(count for _, count in known)
    # Decoded: the characters of base64 are not evenly spread, and the last one least of all.
    place = int.from_bytes(urlsafe_b64decode(keyed.of("decoy-pair", address) + "="), "big") % total
    for pair, count in known:
        if place < count:
            return pair
        place -= count
    raise AssertionError  # pragma: no cover  the counts add up to the total


async def compare(
    hasher: AnswerHasher, registered: Sequence[SecurityAnswer] | None, given: tuple[str, str]
) -> bool:
    """Judge both answers together, always by two Argon2 operations; None (a decoy) is always wrong."""
    if registered is None:
        await asyncio.gather(*(hasher.waste(normalise(answer)) for answer in given))
        return False
    return all(await asyncio.gather(*(_one(hasher, r, a) for r, a in zip(registered, given, strict=True))))


async def _one(hasher: AnswerHasher, registered: SecurityAnswer, answer: str) -> bool:
    try:
        await hasher.verify(registered.answer_hash, normalise(answer))
    except WrongError:
        return False
    return True
