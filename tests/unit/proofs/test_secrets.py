"""Codes and tokens: how they are drawn, remembered and timed (R4, R6, R20)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.entropy import SystemEntropy
from recovery_core.keyed import KeyedHash
from recovery_core.numbers import Numbers
from recovery_core.proofs import secrets
from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method
from tests.fakes import FakeClock

NOW, TICK, MINUTE = FakeClock().now(), timedelta(microseconds=1), timedelta(minutes=1)
KEYED = KeyedHash(b"key")


def challenge(state: ChallengeState = ChallengeState.PENDING) -> Challenge:
    """Return a challenge of five minutes."""
    return Challenge("id", "case", Method.SMS, "a", "h", False, None, NOW, NOW + 5 * MINUTE, 5, state)  # noqa: FBT003


def test_codes_have_six_digits() -> None:
    """R4: a code has six decimal digits, leading zeros kept."""
    codes = {secrets.draw_code(SystemEntropy()) for _ in range(50)}

    assert {len(code) for code in codes} == {6}
    assert all(code.isdecimal() for code in codes)
    assert len(codes) > 40


def test_link_tokens_are_long_and_bound() -> None:
    """R6: a link's token has at least 128 bits (22 characters of base64), for one challenge and mailbox."""
    tokens = {secrets.link_token(KEYED, name, to) for name in ("one", "two") for to in ("", "a@b.example")}

    assert len(tokens) == 4
    assert min(map(len, tokens)) >= 22


def test_a_hash_is_good_for_one_challenge() -> None:
    """R4: the same code hashes differently for another challenge, and never like a link."""
    hashes = {
        secrets.code_hash(KEYED, "one", "123456"),
        secrets.code_hash(KEYED, "two", "123456"),
        secrets.link_hash(KEYED, "123456"),
        secrets.sent_hash(KEYED, "123456", "+8613800138000"),
        secrets.sent_hash(KEYED, "123456", "+8613800138001"),
    }
    assert len(hashes) == 5


@pytest.mark.parametrize(
    ("moved", "good"),
    [(-MINUTE - TICK, False), (-MINUTE, True), (5 * MINUTE - TICK, True), (5 * MINUTE, False)],
)
def test_the_time_of_a_challenge(moved: timedelta, *, good: bool) -> None:
    """R20: issued_at - 60 s <= now < expires_at, both ends exactly."""
    assert secrets.open_at(challenge(), NOW + moved, Numbers()) is good


@pytest.mark.parametrize("state", list(ChallengeState))
def test_only_a_pending_one_is_open(state: ChallengeState) -> None:
    """R4, R20: a used, dead or expired challenge is not open, and only time makes one timed out."""
    assert secrets.open_at(challenge(state), NOW, Numbers()) is (state is ChallengeState.PENDING)
    assert secrets.timed_out(challenge(state), NOW) is (state is ChallengeState.EXPIRED)
    late = {ChallengeState.PENDING, ChallengeState.EXPIRED}
    assert secrets.timed_out(challenge(state), NOW + 5 * MINUTE) is (state in late)


def test_nothing_of_a_secret_shows() -> None:
    """R4: a challenge's repr shows neither its hash nor a candidate's."""
    shown = repr(challenge())

    assert "secret_hash" not in shown
    assert "candidate_hash" not in shown
