"""People who sign in to a console: agents of the desk, and administrators with their mailbox (R15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recovery_core.people.rights import DeskRole


class Console(StrEnum):
    """The two consoles."""

    ADMIN = "admin"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may sign in. An administrator's password is the mailbox's; an agent has an own one."""

    id: str
    """For administrators the account's id, for agents a drawn id."""
    console: Console
    name: str
    """The mailbox address, or the agent's name; what is typed at sign-in."""
    display_name: str
    language: str
    role: DeskRole | None = None
    """None for administrators."""
    password_hash: str | None = field(default=None, repr=False)
    """Agents only; administrators' hashes are the directory's."""
    totp_sealed: bytes | None = field(default=None, repr=False)
    """What the TOTP secret is derived from with a key outside the database; None: not enrolled yet."""
    totp_last_step: int = 0
    """The last accepted time step: a code is good once."""
    totp_changed_at: datetime | None = None
    """When the second factor was taken away or replaced; None while it is still the first one."""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """One signed-in browser: 15 minutes idle, 8 hours in all, dead when the password changes (R15)."""

    token_hash: str = field(repr=False)
    operator_id: str
    console: Console
    issued_at: datetime
    last_seen_at: datetime
    second_factor_at: datetime | None
    """When the second factor was last proven; None: only the password so far."""
    password_version: int
