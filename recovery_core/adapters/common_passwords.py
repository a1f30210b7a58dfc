"""The passwords that everybody tries first, from zxcvbn's list, and the organisation's own words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from recovery_core.passwords.characters import fold


class CommonPasswords:
    """Implements the port ``Blocklist``: 30,000 common passwords (ASVS 5.0 6.2.4 asks for 3,000)."""

    def __init__(self, organisation_words: Iterable[str] = ()) -> None:
        """Add *organisation_words*, names and products that outsiders would guess."""
        self._ours = frozenset(fold(word) for word in organisation_words)

    def contains(self, password: str) -> bool:
        """Return whether the whole *password*, folded, is a common one or one of the organisation's words."""
        folded = fold(password)
        return folded in _common() or folded in self._ours


@cache
def _common() -> frozenset[str]:
    return frozenset(fold(password) for password in FREQUENCY_LISTS["passwords"])
