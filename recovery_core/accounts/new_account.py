"""An account that is about to be added, as a row of an import or the demo company names it."""

from __future__ import annotations

from dataclasses import dataclass, field

from recovery_core.accounts.account import Contact, ContactKind, Role, Status


@dataclass(frozen=True, slots=True)
class NewAccount:
    """One account with its first contacts and, if it comes with one, the hash of its password."""

    id: str
    """Opaque and drawn by the caller from the Entropy port, for example ``token(128)``."""
    address: str
    """Already normalised; the part after the last @ names a domain that exists."""
    display_name: str
    role: Role = Role.EMPLOYEE
    status: Status = Status.ACTIVE
    language: str = "zh"
    employee_number: str | None = None
    phone: str | None = field(default=None, repr=False)
    """E.164, for example ``+8613800138000``."""
    backup_mailbox: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    """As the directory stores it, without a Dovecot scheme prefix; None: nobody can sign in yet."""

    @property
    def domain(self) -> str:
        """Return the domain part of the address."""
        return self.address.rpartition("@")[2]

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Return the first contacts; their ids derive from the account's, later ones are drawn anew."""
        named = ((ContactKind.PHONE, self.phone), (ContactKind.MAIL, self.backup_mailbox))
        return tuple(
            Contact(f"{self.id}.{kind}", kind, value, self.language)
            for kind, value in named
            if value is not None
        )
