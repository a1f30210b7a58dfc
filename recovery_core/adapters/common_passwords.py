"""The passwords that everybody tries first, from zxcvbn's list, and the organisation's own words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

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
    """Read the file of the list by itself: the package around it keeps 12 MB of tables to rate passwords."""
    package = find_spec("zxcvbn")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("zxcvbn")
    file = Path(package.submodule_search_locations[0]) / "frequency_lists.py"
    found = spec_from_file_location("common_passwords_of_zxcvbn", file)
    if found is None or found.loader is None:
        raise ModuleNotFoundError("zxcvbn.frequency_lists")
    lists = module_from_spec(found)
    found.loader.exec_module(lists)
    return frozenset(fold(password) for password in lists.FREQUENCY_LISTS["passwords"])
