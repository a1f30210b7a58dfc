"""The numbers of the password rules, by profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

HISTORY_LENGTH = 3
"""How many passwords used last may not come back, the current one included (the guide, case 3)."""


@dataclass(frozen=True, slots=True)
class PasswordProfile:
    """The numbers of one set of rules.

    ``minimum`` and ``maximum`` count Unicode code points (NIST SP 800-63B-4 §3.1.1.2); ``classes`` of upper,
    lower, digit and special must occur, 0 asks for none; ``history`` counts the passwords used last that may
    not come back, the current one included.
    """

    name: str
    minimum: int
    maximum: int
    classes: int
    history: int = HISTORY_LENGTH


GUIDE = PasswordProfile(name="guide", minimum=8, maximum=64, classes=3)
"""The guide's rule: 8 is NIST's minimum beside a second factor, its §3.1.1.2 advises against classes."""

STRICT = PasswordProfile(name="strict", minimum=15, maximum=64, classes=0)
"""SP 800-63B-4 §3.1.1.2: 15 for a password that stands alone, at least 64 accepted, no composition rules."""

PROFILES: Mapping[str, PasswordProfile] = MappingProxyType({p.name: p for p in (GUIDE, STRICT)})
