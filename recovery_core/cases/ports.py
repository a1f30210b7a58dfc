"""What the cases ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from recovery_core.cases.case import Case
from recovery_core.cases.form import Form


class CaseStore(Protocol):
    """Cases; reading one for a change locks it until the unit of work ends."""

    async def add(self, case: Case) -> None:
        """Store a new case."""
        ...

    async def save(self, case: Case) -> None:
        """Store *case* as its next version; raises ConflictError if another version was stored meanwhile."""
        ...

    async def get(self, case_id: str) -> Case | None:
        """Return the case, without a lock."""
        ...

    async def lock(self, case_id: str) -> Case | None:
        """Return the case and keep others from changing it until the unit of work ends."""
        ...

    async def lock_current(self, conversation_id: str) -> Case | None:
        """Return the newest case of the conversation, locked as by :meth:`lock`."""
        ...

    async def current(self, conversation_id: str) -> Case | None:
        """Return the newest case of the conversation, without a lock."""
        ...

    async def by_reference(self, reference: str) -> Case | None:
        """Return the case with that reference, without a lock."""
        ...

    async def idle_since(self, unproven: datetime, escalated: datetime, limit: int) -> Sequence[str]:
        """Return ids of open cases untouched since *unproven* (or *escalated* when escalated)."""
        ...

    async def completing(self, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of cases that have been *completing* since before the given moment."""
        ...

    async def forget_ended(self, before: datetime, limit: int) -> int:
        """Drop cases that ended before that moment, the oldest first; return how many.

        Their challenges, forms, vetoes and decided tickets go with them. A case stays while somebody still
        has to act on a ticket of it, or while a document of it is kept (R21). The audit trail stays.
        """
        ...


class FormStore(Protocol):
    """Secure forms."""

    async def add(self, form: Form) -> None:
        """Store a new form."""
        ...

    async def get(self, form_id: str) -> Form | None:
        """Return the form with that id."""
        ...

    async def finish(self, form_id: str, at: datetime) -> bool:
        """Mark the form finished; tell whether this call did it (exactly one can)."""
        ...

    async def claim(self, form_id: str, claim_hash: str) -> bool:
        """Bind the form to a browser; tell whether it is (now or already) bound to that one."""
        ...

    async def end_of_case(self, case_id: str, at: datetime) -> int:
        """Finish every open form of the case; return how many there were."""
        ...

    async def end_of_conversation(self, conversation_id: str, at: datetime) -> int:
        """Finish every open form of the conversation's cases; return how many there were."""
        ...


class TypedSecretStore(Protocol):
    """Keyed hashes of what looked like a password in the chat, kept until the case ends."""

    async def add(self, conversation_id: str, secret_hash: str, at: datetime) -> None:
        """Remember the hash for the conversation."""
        ...

    async def has(self, conversation_id: str, secret_hash: str) -> bool:
        """Tell whether the hash was remembered for the conversation."""
        ...

    async def carry(self, old: str, new: str) -> None:
        """Remember the hashes of the conversation *old* for *new* as well (its case moves there)."""
        ...

    async def forget(self, conversation_id: str) -> None:
        """Drop all hashes of the conversation (its case has ended)."""
        ...
