"""The last three passwords, at always the same cost."""

from __future__ import annotations

import asyncio

import pytest

from recovery_core.passwords.history import recently_used
from recovery_core.passwords.ports import UnreadableHashError
from tests.fakes_passwords import FakeHasher


def _hashes(*passwords: str) -> list[str]:
    return [FakeHasher.encode(password) for password in passwords]


@pytest.mark.parametrize(("place", "used"), [(0, True), (1, True), (2, True), (3, False)])
async def test_exactly_the_last_three_are_compared(place: int, used: bool) -> None:  # noqa: FBT001
    """The current and the two before it are refused, the fourth may come back."""
    history = _hashes("p0", "p1", "p2", "p3", "p4")
    assert await recently_used(FakeHasher(), f"p{place}", history) is used


@pytest.mark.parametrize("known", [0, 1, 2, 3, 4])
async def test_work_is_always_three_operations(known: int) -> None:
    """R2: a short history costs as much as a long one, and a hit as much as a miss."""
    for password in ("p0", "other"):
        hasher = FakeHasher()
        await recently_used(hasher, password, _hashes("p0", "p1", "p2", "p3")[:known])
        assert hasher.operations == 3


async def test_no_history_means_not_used() -> None:
    """A wasted comparison never counts as a match."""
    assert await recently_used(FakeHasher(), "p0", []) is False


async def test_unreadable_hash_is_raised_after_equal_readable_work() -> None:
    """A hash that cannot be compared with is not taken for unused, and the others are still compared."""
    hasher = FakeHasher()
    with pytest.raises(UnreadableHashError):
        await recently_used(hasher, "p0", ["{SSHA}x", *_hashes("p0")])
    assert hasher.operations == 2


class _MeetingHasher(FakeHasher):
    """Lets nobody go on before three have arrived."""

    def __init__(self) -> None:
        super().__init__()
        self._barrier = asyncio.Barrier(3)

    async def verify(self, encoded: str, secret: str) -> None:
        await asyncio.wait_for(self._barrier.wait(), timeout=5)
        await super().verify(encoded, secret)

    async def waste(self, secret: str) -> None:
        await asyncio.wait_for(self._barrier.wait(), timeout=5)
        await super().waste(secret)


async def test_comparisons_run_at_the_same_time() -> None:
    """All three are under way before the first one ends."""
    assert await recently_used(_MeetingHasher(), "p1", _hashes("p0", "p1")) is True
