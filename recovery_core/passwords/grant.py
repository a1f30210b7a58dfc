"""The right to set one new password, dead as soon as any fact it was given on has changed (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """Bound to the facts that its own use changes, so that using it once kills it.

    Dies when: its time is over, it was used, the password version, the account's status or its contacts
    changed. ``sendings_left`` counts how often the form may still be sent.
    """

    issued_at: datetime
    expires_at: datetime
    password_version: int
    contacts_version: int
    status: str
    sendings_left: int

    def alive(self, now: datetime, *, password_version: int, contacts_version: int, status: str) -> bool:
        """Tell whether the grant still holds for the facts as they are *now*."""
        return (
            now < self.expires_at
            and self.password_version == password_version
            and self.contacts_version == contacts_version
            and self.status == status
        )
