"""The ways to prove that it is really they, and how many of them whom (R9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from recovery_core.numbers import Profile


class Method(StrEnum):
    """One way of proving; the values are stored and part of the audit trail."""

    SMS = "sms"
    MAIL = "mail"
    QUESTIONS = "questions"
    MESSENGER = "messenger"
    """The account of a messenger, where the settings let it count; no challenge asks for it."""


@dataclass(frozen=True, slots=True)
class ProofRule:
    """How many different methods are wanted and which of them count."""

    methods_wanted: int
    allowed: frozenset[Method]


CHALLENGES = (Method.SMS, Method.MAIL, Method.QUESTIONS)
"""What a challenge can ask for, offered to everybody (R2)."""
_ALL = frozenset(Method)
_NO_QUESTIONS = _ALL - {Method.QUESTIONS}

PROOF_RULES: dict[tuple[Profile, bool], ProofRule] = {
    (Profile.GUIDE, False): ProofRule(1, _ALL),
    (Profile.GUIDE, True): ProofRule(2, _NO_QUESTIONS),
    (Profile.STRICT, False): ProofRule(2, _NO_QUESTIONS),
    (Profile.STRICT, True): ProofRule(2, _NO_QUESTIONS),
}
"""R9 whole: by profile and by whether the stricter rule applies (administrators, or after a takeover)."""


def proof_rule(profile: Profile, *, stricter: bool) -> ProofRule:
    """Return the rule for *profile*; *stricter* for administrators and accounts after a takeover."""
    return PROOF_RULES[profile, stricter]


def enough(rule: ProofRule, proofs: tuple[Method, ...]) -> bool:
    """Tell whether the different, allowed *proofs* satisfy *rule*."""
    return len(set(proofs) & rule.allowed) >= rule.methods_wanted
