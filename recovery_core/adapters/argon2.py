"""The hasher: Argon2id for what is new, and every scheme of R19 for what is already there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import argon2
import bcrypt
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError
from passlib.hash import sha512_crypt

from recovery_core.adapters.hash_schemes import Scheme, parse
from recovery_core.errors import UnavailableError
from recovery_core.passwords.ports import PasswordMismatchError, UnreadableHashError

_T = TypeVar("_T")

_BCRYPT_BYTES = 72
"""bcrypt never reads further; the writers of old hashes cut off silently, so comparing has to as well."""


@dataclass(frozen=True, slots=True)
class Argon2Profile:
    """The cost of one Argon2id hash: ``memory`` in KiB, ``passes`` over it, ``lanes``."""

    memory: int
    passes: int
    lanes: int


ARGON2_PROFILES: Mapping[str, Argon2Profile] = MappingProxyType(
    {
        "default": Argon2Profile(memory=19_456, passes=2, lanes=1),
        "owasp_46mib": Argon2Profile(memory=47_104, passes=1, lanes=1),
        "rfc9106_64mib": Argon2Profile(memory=65_536, passes=3, lanes=4),
        "cheapest": Argon2Profile(memory=8, passes=1, lanes=1),
    }
)
"""``default`` and ``owasp_46mib``: OWASP Password Storage; ``rfc9106_64mib``: RFC 9106 §4, second choice;
``cheapest`` protects nothing: only tests may use it."""


class BoundedPool:
    """Runs costly work in a few threads and refuses more when too much is waiting."""

    def __init__(self, *, workers: int, waiting: int) -> None:
        """Run *workers* pieces of work at a time and let *waiting* more wait."""
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="hasher")
        self._room = workers + waiting
        self._lock = threading.Lock()
        self.started = 0

    async def run(self, work: Callable[[], _T]) -> _T:
        """Return what *work* returns; raise UnavailableError ``busy`` when nobody more may wait."""
        with self._lock:
            if not self._room:
                raise UnavailableError("busy")
            self._room -= 1
            self.started += 1
        future = self._executor.submit(work)
        future.add_done_callback(self._left)
        return await asyncio.wrap_future(future)

    def _left(self, _future: Future[_T]) -> None:
        """Make room, also when the caller was cancelled: a running thread cannot be stopped."""
        with self._lock:
            self._room += 1

    def close(self) -> None:
        """Let running work end and drop what waits."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class Argon2Hasher:
    """Implements the port ``PasswordHasher``; secrets are UTF-8, compared as they are (no normalising)."""

    def __init__(
        self,
        profile: Argon2Profile = ARGON2_PROFILES["default"],
        *,
        workers: int = 2,
        waiting: int = 64,
    ) -> None:
        """Hash at the cost of *profile*, with *workers* threads and at most *waiting* calls in the queue."""
        self._argon2 = argon2.PasswordHasher(
            time_cost=profile.passes, memory_cost=profile.memory, parallelism=profile.lanes
        )
        self._pool = BoundedPool(workers=workers, waiting=waiting)

    @property
    def operations(self) -> int:
        """Return how many costly operations were started, whatever the scheme."""
        return self._pool.started

    async def hash(self, secret: str) -> str:
        """Return a new Argon2id string in the PHC format, without a ``{SCHEME}`` in front."""
        return await self._pool.run(partial(_hashed, self._argon2, _bytes(secret)))

    async def verify(self, encoded: str, secret: str) -> None:
        """Return when *secret* belongs to *encoded*, a hash of any scheme of ``hash_schemes``.

        Raise PasswordMismatchError, UnreadableHashError or UnavailableError as the port says.
        """
        try:
            parsed = parse(encoded)
        except ValueError:
            raise UnreadableHashError from None
        check = _CHECKS[parsed.scheme]
        if not await self._pool.run(partial(check, parsed.body, _bytes(secret))):
            raise PasswordMismatchError

    async def waste(self, secret: str) -> None:
        """Hash and forget: one Argon2id computation, like a ``verify`` of a hash of today's profile."""
        await self.hash(secret)

    def needs_rehash(self, encoded: str) -> bool:
        """Return whether *encoded* is anything but an Argon2id hash of today's profile."""
        try:
            parsed = parse(encoded)
        except ValueError:
            return True
        return parsed.scheme is not Scheme.ARGON2ID or self._argon2.check_needs_rehash(parsed.body)

    def close(self) -> None:
        """End the threads; nothing can be hashed afterwards."""
        self._pool.close()


def _bytes(secret: str) -> bytes:
    """Encode also what no form should deliver (lone surrogates), so that a comparison never fails on it."""
    return secret.encode("utf-8", "surrogatepass")


def _hashed(hasher: argon2.PasswordHasher, secret: bytes) -> str:
    try:
        return hasher.hash(secret)
    except HashingError:
        raise UnavailableError("out_of_memory") from None


def _matches_argon2(body: str, secret: bytes) -> bool:
    try:
        return argon2.PasswordHasher().verify(body, secret)
    except VerifyMismatchError:
        return False
    except VerificationError:
        raise UnavailableError("out_of_memory") from None


def _matches_bcrypt(body: str, secret: bytes) -> bool:
    try:
        return bcrypt.checkpw(secret[:_BCRYPT_BYTES], body.encode())
    except ValueError:
        raise UnreadableHashError from None


def _matches_sha512_crypt(body: str, secret: bytes) -> bool:
    try:
        return bool(sha512_crypt.verify(secret, body))
    except ValueError:
        return False  # a NUL or more than 4096 bytes: crypt(3) has no hash of such a secret


_CHECKS: Mapping[Scheme, Callable[[str, bytes], bool]] = {
    Scheme.ARGON2ID: _matches_argon2,
    Scheme.ARGON2I: _matches_argon2,
    Scheme.BCRYPT: _matches_bcrypt,
    Scheme.SHA512_CRYPT: _matches_sha512_crypt,
}
