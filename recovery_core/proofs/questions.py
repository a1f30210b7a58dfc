"""Security questions: the fixed catalogue, how answers are compared, and the decoy's pair (R7)."""

from __future__ import annotations

import asyncio
import math
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

_DRAWN = 2**48
_DEFAULT_PAIRS = tuple(((first, second), 1) for first in CATALOGUE for second in CATALOGUE if first < second)


def normalise(answer: str) -> str:
    """Return what is hashed and compared: NFKC, case-folded, white space folded to single spaces."""
    return " ".join(unicodedata.normalize("NFKC", answer).casefold().split())


def decoy_pair(
    keyed: KeyedHash, address: str, pairs: Sequence[tuple[tuple[str, str], int]]
) -> tuple[str, str]:
    """Return the pair shown for *address*, drawn from *pairs* by their counts (weighted rendezvous hashing).

    The same pair as long as the counts stay, and almost always when one of them changes: beside N counted
    accounts one more moves the pair of one decoy in N. Drawing a place among all counts moved most of them,
    and whoever asked before and after an import could tell decoys, whose pair moves, from accounts.
    """
    known = {pair: count for pair, count in sorted(pairs) if count > 0} or dict(_DEFAULT_PAIRS)
    return min(known, key=lambda pair: _distance(keyed, address, pair) / known[pair])


def _distance(keyed: KeyedHash, address: str, pair: tuple[str, str]) -> float:
    """Return a number above zero, exponentially distributed, that belongs to *address* and *pair*."""
    # Decoded: the characters of base64 are not evenly spread, and the last one least of all.
    drawn = int.from_bytes(urlsafe_b64decode(keyed.of("decoy-pair", address, *pair) + "=")[:6], "big")
    return -math.log((drawn + 1) / (_DRAWN + 1))


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
