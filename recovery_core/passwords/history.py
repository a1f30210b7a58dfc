"""Answer whether a password has been used lately."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from recovery_core.passwords.ports import PasswordHasher, PasswordMismatchError
from recovery_core.passwords.profiles import HISTORY_LENGTH


async def recently_used(hasher: PasswordHasher, password: str, hashes: Sequence[str]) -> bool:
    """Return whether *password* belongs to one of the first three of *hashes*.

    *hashes* come newest first, the current one among them. The comparisons run at the same time and are
    always three, so an account without a history costs as much as one with it (R2). Raise UnreadableHashError
    when a hash cannot be compared with (that is not "unused"), UnavailableError when the hasher is too busy.
    """
    compared = hashes[:HISTORY_LENGTH]
    missing = HISTORY_LENGTH - len(compared)
    checks = [_matches(hasher, encoded, password) for encoded in compared]
    padding = [_wasted(hasher, password) for _ in range(missing)]
    outcomes = await asyncio.gather(*checks, *padding, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return True in outcomes


async def _matches(hasher: PasswordHasher, encoded: str, password: str) -> bool:
    try:
        await hasher.verify(encoded, password)
    except PasswordMismatchError:
        return False
    return True


async def _wasted(hasher: PasswordHasher, password: str) -> bool:
    await hasher.waste(password)
    return False
