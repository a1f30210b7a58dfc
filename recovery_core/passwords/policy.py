"""All rules together, in the order in which a form lists them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from recovery_core.passwords import characters
from recovery_core.passwords.profiles import PasswordProfile
from recovery_core.passwords.rules import (
    ContainsAccount,
    Mismatch,
    NotStable,
    PasswordContext,
    RecentlyUsed,
    Requirement,
    Rule,
    TooCommon,
    TooFewClasses,
    TooLong,
    TooShort,
    TypedInChat,
    Violation,
)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Asks every rule, so that a person reads everything that is broken at once."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, profile: PasswordProfile) -> Self:
        """Return the policy with the numbers of *profile*; no rule on classes when it asks for none."""
        composition = (TooFewClasses(profile.classes),) if profile.classes else ()
        return cls(
            (
                TooShort(profile.minimum),
                TooLong(profile.maximum),
                *composition,
                NotStable(),
                ContainsAccount(),
                RecentlyUsed(profile.history),
                TooCommon(),
                TypedInChat(),
                Mismatch(),
            )
        )

    def advance(self) -> tuple[Requirement, ...]:
        """Return what every rule says beforehand."""
        return tuple(rule.advance() for rule in self.rules)

    def violations(
        self, password: str, confirm: str | None, context: PasswordContext
    ) -> tuple[Violation, ...]:
        """Return every broken rule, empty when *password* may be set; *confirm* is the second field."""
        full = replace(context, confirm=confirm)
        found = (rule.check(password, full) for rule in self.rules)
        return tuple(violation for violation in found if violation)

    def warnings(self, password: str) -> tuple[str, ...]:
        """Return codes of what is allowed and may still cause trouble (``non_ascii``)."""
        return characters.warnings(password)
