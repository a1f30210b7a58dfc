"""What every hasher does, and what the one that ships reads besides."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import argon2
import bcrypt
import pytest
from passlib.hash import sha512_crypt

from recovery_core.adapters.argon2 import ARGON2_PROFILES, Argon2Hasher
from recovery_core.errors import UnavailableError
from recovery_core.passwords.history import recently_used
from recovery_core.passwords.ports import PasswordHasher, PasswordMismatchError, UnreadableHashError
from tests.fakes_passwords import FakeHasher

_SECRET = "密码 Tr0ub4dor\U0001f600"


@pytest.fixture
def shipped() -> Iterator[Argon2Hasher]:
    """The hasher that ships, at the cost for tests."""
    hasher = Argon2Hasher(ARGON2_PROFILES["cheapest"])
    yield hasher
    hasher.close()


@pytest.fixture(params=["argon2", "fake"])
def hasher(request: pytest.FixtureRequest, shipped: Argon2Hasher) -> PasswordHasher:
    """Each implementation in turn."""
    return shipped if request.param == "argon2" else FakeHasher()


async def test_a_secret_belongs_to_its_hash(hasher: PasswordHasher) -> None:
    """Verify returns nothing and raises nothing for the right secret."""
    encoded = await hasher.hash(_SECRET)
    await hasher.verify(encoded, _SECRET)


@pytest.mark.parametrize("other", [_SECRET + " ", _SECRET[:-1], _SECRET.upper(), ""])
async def test_another_secret_raises(hasher: PasswordHasher, other: str) -> None:
    """A forgotten check of a return value cannot let someone in."""
    encoded = await hasher.hash(_SECRET)
    with pytest.raises(PasswordMismatchError) as refusal:
        await hasher.verify(encoded, other)
    assert refusal.value.code == "password_mismatch"


@pytest.mark.parametrize("encoded", ["", "plain", "{SSHA}c2VjcmV0", "$1$salt$hash", "fake", "$argon2id$"])
async def test_an_unreadable_hash_raises_without_showing_it(hasher: PasswordHasher, encoded: str) -> None:
    """A foreign hash is neither right nor wrong, and the exception does not repeat it."""
    with pytest.raises(UnreadableHashError) as refusal:
        await hasher.verify(encoded, _SECRET)
    assert refusal.value.args == ("unreadable_hash",)
    assert refusal.value.__cause__ is None


async def test_the_hash_hides_the_secret(hasher: PasswordHasher) -> None:
    """Nothing of the secret can be read in the hash."""
    assert "Tr0ub4dor" not in await hasher.hash(_SECRET)


async def test_each_call_counts_as_one_operation(hasher: PasswordHasher) -> None:
    """R2: hash, right, wrong and wasted cost one operation each, an unreadable hash none."""
    encoded = await hasher.hash(_SECRET)
    counts = [hasher.operations]
    await hasher.verify(encoded, _SECRET)
    counts.append(hasher.operations)
    with pytest.raises(PasswordMismatchError):
        await hasher.verify(encoded, "wrong")
    counts.append(hasher.operations)
    await hasher.waste("anything")
    counts.append(hasher.operations)
    with pytest.raises(UnreadableHashError):
        await hasher.verify("plain", "anything")
    counts.append(hasher.operations)
    assert counts == [1, 2, 3, 4, 4]


async def test_own_hash_needs_no_rehash(hasher: PasswordHasher) -> None:
    """Only hashes from elsewhere are to be replaced."""
    assert hasher.needs_rehash(await hasher.hash(_SECRET)) is False
    assert hasher.needs_rehash("{SSHA}c2VjcmV0") is True


async def test_many_calls_at_once_do_not_mix(hasher: PasswordHasher) -> None:
    """Each of twenty secrets belongs to its own hash only."""
    secrets = [f"secret-{number}" for number in range(20)]
    hashes = await asyncio.gather(*map(hasher.hash, secrets))
    await asyncio.gather(*map(hasher.verify, hashes, secrets))
    with pytest.raises(PasswordMismatchError):
        await hasher.verify(hashes[0], secrets[1])


async def test_history_costs_three_operations(hasher: PasswordHasher) -> None:
    """R2: found, not found and no history at all cost the same."""
    encoded = await hasher.hash(_SECRET)
    for history, used in (([encoded, encoded, encoded], True), ([encoded], True), ([], False)):
        before = hasher.operations
        assert await recently_used(hasher, _SECRET, history) is used
        assert hasher.operations - before == 3


async def test_a_lone_surrogate_is_compared_like_anything_else(hasher: PasswordHasher) -> None:
    """Text that is not well-formed breaks nothing."""
    encoded = await hasher.hash("\ud800")
    await hasher.verify(encoded, "\ud800")
    with pytest.raises(PasswordMismatchError):
        await hasher.verify(encoded, "\ud801")


async def test_shipped_hasher_salts(shipped: Argon2Hasher) -> None:
    """The same secret never gives the same hash twice."""
    assert await shipped.hash(_SECRET) != await shipped.hash(_SECRET)


async def test_default_profile_writes_its_costs() -> None:
    """What Dovecot gets is Argon2id with 19 MiB, two passes and one lane."""
    hasher = Argon2Hasher()
    encoded = await hasher.hash(_SECRET)
    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await hasher.verify("{ARGON2ID}" + encoded, _SECRET)
    hasher.close()


_SHA512_CRYPT = (
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
)
_KNOWN = {
    "argon2id": (
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password",
    ),
    "bcrypt": ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    "bcrypt_2y": ("{BLF-CRYPT}$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    "sha512_crypt": (
        "{SHA512-CRYPT}" + _SHA512_CRYPT,
        "Hello world!",
    ),
}


@pytest.mark.parametrize("name", sorted(_KNOWN))
async def test_shipped_hasher_reads_published_vectors(shipped: Argon2Hasher, name: str) -> None:
    """R19: hashes of the reference implementations are read, and only for their own secret."""
    encoded, secret = _KNOWN[name]
    await shipped.verify(encoded, secret)
    with pytest.raises(PasswordMismatchError):
        await shipped.verify(encoded, secret + "x")
    assert shipped.needs_rehash(encoded) is True


async def test_shipped_hasher_reads_argon2i(shipped: Argon2Hasher) -> None:
    """R19: the older variant of Argon2 is read and marked for replacement."""
    encoded = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=argon2.Type.I).hash("old")
    await shipped.verify("{ARGON2I}" + encoded, "old")
    assert shipped.needs_rehash(encoded) is True


async def test_bcrypt_compares_what_old_writers_hashed(shipped: Argon2Hasher) -> None:
    """Bcrypt ends after 72 bytes: byte 72 matters, byte 73 does not."""
    encoded = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    await shipped.verify(encoded, "x" * 73)
    with pytest.raises(PasswordMismatchError):
        await shipped.verify(encoded, "x" * 71 + "y")


async def test_bcrypt_with_spare_bits_in_the_salt_is_unreadable(shipped: Argon2Hasher) -> None:
    """A salt that no writer makes is refused, not guessed."""
    with pytest.raises(UnreadableHashError):
        await shipped.verify("$2a$05$CCCCCCCCCCCCCCCCCCCCCCE5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")


@pytest.mark.parametrize("secret", ["with\0nul", "x" * 5000])
async def test_sha512_crypt_never_matches_what_it_cannot_hash(shipped: Argon2Hasher, secret: str) -> None:
    """A NUL or an endless secret is simply another secret."""
    encoded = sha512_crypt.using(rounds=1000).hash("with")
    with pytest.raises(PasswordMismatchError):
        await shipped.verify(encoded, secret)


async def test_needs_rehash_when_the_profile_changed(shipped: Argon2Hasher) -> None:
    """A hash of yesterday's cost is replaced at the next chance."""
    default = Argon2Hasher()
    assert default.needs_rehash(await shipped.hash(_SECRET)) is True
    default.close()


async def test_a_full_queue_raises_busy() -> None:
    """Beyond workers and queue the caller is told to come back; nothing piles up."""
    hasher = Argon2Hasher(workers=1, waiting=1)
    outcomes = await asyncio.gather(*(hasher.waste(_SECRET) for _ in range(8)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, UnavailableError)]
    assert refused
    assert {refusal.code for refusal in refused} == {"busy"}
    assert hasher.operations == 8 - len(refused)
    hasher.close()
