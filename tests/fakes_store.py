"""The whole store in memory: honest, small, and rolled back by snapshot like a transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from recovery_core.keyed import KeyedHash
from tests.fakes_store_accounts import Accounts, AccountsWriter, MemoryDirectory
from tests.fakes_store_cases import Cases, Forms, TypedSecrets
from tests.fakes_store_data import Data
from tests.fakes_store_notices import Audit, Digests, Outbox, Vetoes
from tests.fakes_store_proofs import Budgets, Challenges, Sends
from tests.fakes_store_talk import Bindings, Conversations

STORES: dict[str, Callable[[Data], object]] = {
    "accounts": Accounts,
    "accounts_writer": AccountsWriter,
    "directory": MemoryDirectory,
    "conversations": Conversations,
    "bindings": Bindings,
    "cases": Cases,
    "forms": Forms,
    "typed_secrets": TypedSecrets,
    "challenges": Challenges,
    "budgets": Budgets,
    "sends": Sends,
    "outbox": Outbox,
    "vetoes": Vetoes,
    "digests": Digests,
    "audit": Audit,
}


class _Counted:
    """A store that writes down what it was asked, so that two paths can be compared (R2)."""

    def __init__(self, name: str, store: object, calls: list[str]) -> None:
        """Count the calls of *store* as ``name.method``."""
        self._name, self._store, self._calls = name, store, calls

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        """Note the call and pass it on."""
        self._calls.append(f"{self._name}.{method}")
        return getattr(self._store, method)


class MemoryUnit:
    """The stores of one transaction; what is not committed is put back as it was."""

    def __init__(self, work: MemoryWork, *, reading: bool) -> None:
        """Made by :class:`MemoryWork` only."""
        self._work, self._reading = work, reading
        for name, store in STORES.items():
            setattr(self, name, _Counted(name, store(work.data), work.calls))

    async def __aenter__(self) -> Self:
        """Begin; a unit inside another one would wait for itself for ever."""
        assert not self._work.busy, "a unit of work was opened inside another one"
        self._work.busy = not self._reading
        self._before = self._work.data.snapshot()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what was not committed; a reading unit must have changed nothing."""
        if self._reading:
            assert self._work.data.snapshot() == self._before, "a reading unit of work wrote"
            return
        self._work.busy = False
        self._work.data.restore(self._before)

    async def commit(self) -> None:
        """Keep what was done until now."""
        assert not self._reading, "a reading unit of work cannot commit"
        if self._work.failing_commits:
            raise self._work.failing_commits.pop(0)
        self._work.commits += 1
        self._before = self._work.data.snapshot()


class MemoryWork:
    """Opens units of work on one :class:`Data`."""

    def __init__(self, keyed: KeyedHash) -> None:
        """Start empty; audit links are made with *keyed*."""
        self.data = Data(keyed)
        self.calls: list[str] = []
        self.commits = 0
        self.busy = False
        self.failing_commits: list[Exception] = []

    def __call__(self) -> MemoryUnit:
        """Open a unit of work."""
        return MemoryUnit(self, reading=False)

    def reading(self) -> MemoryUnit:
        """Open one that may only read."""
        return MemoryUnit(self, reading=True)

    def soon(self) -> MemoryUnit:
        """Open one that is settled later; memory has nothing to wait for."""
        return self()

    async def settle(self) -> None:
        """Return at once."""
