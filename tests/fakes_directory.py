"""A directory outside the store: it keeps what it did whatever becomes of the unit of work."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from recovery_core.accounts.ports import Credentials, SetOutcome
from recovery_core.errors import UnavailableError
from tests.fakes_store import MemoryUnit, MemoryWork


class Mood(StrEnum):
    """How the directory behaves at the next order."""

    GOOD = "good"
    REFUSING = "refusing"
    SILENT_AFTER = "silent after"
    """It does it, and its answer is lost."""
    SILENT_BEFORE = "silent before"
    """The order never reaches it."""
    UNSURE = "unsure"
    """It says that it does not know yet, and has not done it."""


class FakeRemoteDirectory:
    """Passwords of a few accounts, and what became of each operation."""

    def __init__(self, held: dict[str, Credentials]) -> None:
        """Begin with the passwords that are held."""
        self.held = dict(held)
        self.mood = Mood.GOOD
        self.orders: list[str] = []
        self._outcomes: dict[str, SetOutcome] = {}

    async def credentials(self, account_id: str) -> Credentials:
        """Return version and hashes."""
        return self.held.get(account_id, Credentials(0))

    async def set_password(
        self, account_id: str, encoded: str, operation_id: str, at: datetime, *,  # noqa: ARG002
        expected: int | None = None,  # noqa: ARG002
    ) -> SetOutcome:  # fmt: skip
        """Do as the mood is; the same operation is done once."""
        self.orders.append(operation_id)
        if self.mood is Mood.SILENT_BEFORE:
            raise UnavailableError("directory")
        if self.mood in {Mood.REFUSING, Mood.UNSURE}:
            refused = self.mood is Mood.REFUSING
            self._outcomes[operation_id] = SetOutcome.REFUSED if refused else SetOutcome.UNKNOWN
            return self._outcomes[operation_id]
        self.do(account_id, encoded, operation_id)
        if self.mood is Mood.SILENT_AFTER:
            raise UnavailableError("directory")
        return SetOutcome.DONE

    def do(self, account_id: str, encoded: str, operation_id: str) -> None:
        """Set the password, once per operation."""
        if self._outcomes.get(operation_id) is not SetOutcome.DONE:
            held = self.held[account_id]
            self.held[account_id] = Credentials(held.version + 1, (encoded, *held.hashes)[:3])
        self._outcomes[operation_id] = SetOutcome.DONE

    async def outcome(self, account_id: str, operation_id: str) -> SetOutcome:  # noqa: ARG002
        """Return what became of it; an order that never came took no place."""
        if self.mood is Mood.SILENT_AFTER:
            raise UnavailableError("directory")
        return self._outcomes.get(operation_id, SetOutcome.REFUSED)

    async def block(self, account_id: str, at: datetime) -> None:  # noqa: ARG002
        """Shut the mailbox."""
        held = self.held[account_id]
        self.held[account_id] = Credentials(held.version + 1, held.hashes, blocked=True)


class RemoteWork(MemoryWork):
    """The store in memory, with the passwords elsewhere."""

    remote: FakeRemoteDirectory

    def __call__(self) -> MemoryUnit:
        """Return a unit of work."""
        return self._with_remote(super().__call__())

    def reading(self) -> MemoryUnit:
        """Return one that cannot write."""
        return self._with_remote(super().reading())

    def _with_remote(self, unit: MemoryUnit) -> MemoryUnit:
        unit.directory = self.remote  # type: ignore[attr-defined]
        return unit
