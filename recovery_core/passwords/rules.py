"""The rules of a new password: each says itself in advance and says what is broken, in codes and numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

from recovery_core.passwords import characters
from recovery_core.passwords.ports import Blocklist


class RuleCode(StrEnum):
    """The stable names of the rules; words for them stand in the catalogues."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_FEW_CLASSES = "too_few_classes"
    CONTAINS_ACCOUNT = "contains_account"
    RECENTLY_USED = "recently_used"
    TOO_COMMON = "too_common"
    TYPED_IN_CHAT = "typed_in_chat"
    NOT_STABLE = "not_stable"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule as it is said before anything is typed."""

    code: RuleCode
    variables: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule; the variables never repeat the password, at most its one offending character."""

    code: RuleCode
    variables: Mapping[str, str | int] = field(default_factory=dict)


class NothingListed:
    """A blocklist without entries."""

    def contains(self, password: str) -> bool:  # noqa: ARG002  the port names its argument
        """Return False."""
        return False


def _never_typed(_password: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordContext:
    """What the rules must know besides the password.

    ``account_words`` and ``recently_used`` are the answers of the functions of these names, ``typed_in_chat``
    says whether exactly this secret was masked in the conversation, ``confirm`` is filled in by the policy.
    """

    account_words: frozenset[str] = frozenset()
    organisation_words: frozenset[str] = frozenset()
    blocklist: Blocklist = field(default_factory=NothingListed)
    typed_in_chat: Callable[[str], bool] = _never_typed
    recently_used: bool = False
    confirm: str | None = field(default=None, repr=False)


class Rule(Protocol):
    """One rule: what it asks for, and whether a password breaks it."""

    @property
    def code(self) -> RuleCode:
        """Return the stable name of the rule."""
        ...

    def advance(self) -> Requirement:
        """Return what is said before anything is typed."""
        ...

    def check(self, password: str, context: PasswordContext) -> Violation | None:
        """Return the violation, or None when *password* keeps the rule."""
        ...


@dataclass(frozen=True, slots=True)
class TooShort:
    """At least ``minimum`` code points (SP 800-63B-4 §3.1.1.2)."""

    minimum: int
    code: ClassVar[RuleCode] = RuleCode.TOO_SHORT

    def advance(self) -> Requirement:
        """Say the least number of characters."""
        return Requirement(self.code, {"minimum": self.minimum})

    def check(self, password: str, context: PasswordContext) -> Violation | None:  # noqa: ARG002
        """Refuse a shorter password, with its length."""
        if len(password) >= self.minimum:
            return None
        return Violation(self.code, {"minimum": self.minimum, "length": len(password)})


@dataclass(frozen=True, slots=True)
class TooLong:
    """At most ``maximum`` code points; nothing is ever cut off silently (SP 800-63B-4 §3.1.1.2)."""

    maximum: int
    code: ClassVar[RuleCode] = RuleCode.TOO_LONG

    def advance(self) -> Requirement:
        """Say the largest number of characters."""
        return Requirement(self.code, {"maximum": self.maximum})

    def check(self, password: str, context: PasswordContext) -> Violation | None:  # noqa: ARG002
        """Refuse a longer password, with its length."""
        if len(password) <= self.maximum:
            return None
        return Violation(self.code, {"maximum": self.maximum, "length": len(password)})


@dataclass(frozen=True, slots=True)
class TooFewClasses:
    """At least ``minimum`` of the four character classes; the guide's rule, against SP 800-63B-4 §3.1.1.2."""

    minimum: int
    code: ClassVar[RuleCode] = RuleCode.TOO_FEW_CLASSES

    def advance(self) -> Requirement:
        """Say how many of the four classes must occur."""
        return Requirement(self.code, {"minimum": self.minimum})

    def check(self, password: str, context: PasswordContext) -> Violation | None:  # noqa: ARG002
        """Refuse a password of fewer classes, with the number found."""
        found = len(characters.classes(password))
        if found >= self.minimum:
            return None
        return Violation(self.code, {"minimum": self.minimum, "found": found})


@dataclass(frozen=True, slots=True)
class ContainsAccount:
    """No word of the account inside the password (ASVS 5.0 6.2.11, context words)."""

    code: ClassVar[RuleCode] = RuleCode.CONTAINS_ACCOUNT

    def advance(self) -> Requirement:
        """Say that names, address and phone do not belong into a password."""
        return Requirement(self.code)

    def check(self, password: str, context: PasswordContext) -> Violation | None:
        """Refuse without naming the word: a log of it would hold a part of the password."""
        folded = characters.fold(password)
        broken = any(word in folded for word in context.account_words)
        return Violation(self.code) if broken else None


@dataclass(frozen=True, slots=True)
class RecentlyUsed:
    """None of the last ``count`` passwords, the current one included."""

    count: int
    code: ClassVar[RuleCode] = RuleCode.RECENTLY_USED

    def advance(self) -> Requirement:
        """Say how many former passwords are compared with."""
        return Requirement(self.code, {"count": self.count})

    def check(self, password: str, context: PasswordContext) -> Violation | None:  # noqa: ARG002
        """Refuse when the comparison, made beforehand because it is costly, found the password."""
        return Violation(self.code, {"count": self.count}) if context.recently_used else None


@dataclass(frozen=True, slots=True)
class TooCommon:
    """Not a password that everybody tries first; the whole password is compared (SP 800-63B-4 §3.1.1.2)."""

    code: ClassVar[RuleCode] = RuleCode.TOO_COMMON

    def advance(self) -> Requirement:
        """Say that well-known passwords are refused."""
        return Requirement(self.code)

    def check(self, password: str, context: PasswordContext) -> Violation | None:
        """Refuse a listed password or exactly one of the organisation's words."""
        folded = characters.fold(password)
        ours = any(folded == characters.fold(word) for word in context.organisation_words)
        return Violation(self.code) if ours or context.blocklist.contains(password) else None


@dataclass(frozen=True, slots=True)
class TypedInChat:
    """Not a secret that was written into the conversation (DESIGN: it has been seen)."""

    code: ClassVar[RuleCode] = RuleCode.TYPED_IN_CHAT

    def advance(self) -> Requirement:
        """Say that what was written in the chat cannot become the password."""
        return Requirement(self.code)

    def check(self, password: str, context: PasswordContext) -> Violation | None:
        """Refuse exactly what was masked in this case."""
        return Violation(self.code) if context.typed_in_chat(password) else None


@dataclass(frozen=True, slots=True)
class NotStable:
    """Only characters that arrive as typed: NFKC-stable, visible, no outer spaces (SP 800-63B-4 §3.1.1.2)."""

    code: ClassVar[RuleCode] = RuleCode.NOT_STABLE

    def advance(self) -> Requirement:
        """Say that invisible and compatibility characters and outer spaces are refused."""
        return Requirement(self.code)

    def check(self, password: str, context: PasswordContext) -> Violation | None:  # noqa: ARG002
        """Refuse the first offending character, by place (from 1), code point, Unicode name and reason."""
        flaw = characters.first_flaw(password)
        if flaw is None:
            return None
        codepoint = f"U+{ord(flaw.character):04X}"
        name = unicodedata.name(flaw.character, codepoint)
        where: dict[str, str | int] = {"position": flaw.index + 1, "codepoint": codepoint, "name": name}
        return Violation(self.code, where | {"reason": flaw.reason.value})


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Both fields hold the same."""

    code: ClassVar[RuleCode] = RuleCode.MISMATCH

    def advance(self) -> Requirement:
        """Say that the password is typed twice."""
        return Requirement(self.code)

    def check(self, password: str, context: PasswordContext) -> Violation | None:
        """Refuse when the second field differs in any code point; None means no second field."""
        differs = context.confirm is not None and context.confirm != password
        return Violation(self.code) if differs else None
