"""The people a company's mail system knows, and the domains they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account may do in its company."""

    EMPLOYEE = "employee"
    ADMINISTRATOR = "administrator"
    """The postmaster of one domain."""
    SUPER_ADMINISTRATOR = "super_administrator"
    """``gmxxxx`` of a group: helps the postmasters of the group's domains."""


class Status(StrEnum):
    """Whether the mailbox may be used."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Edition(StrEnum):
    """The product edition of a domain; it decides who helps an administrator."""

    STANDARD = "standard"
    PREMIUM = "premium"
    GROUP = "group"


class ContactKind(StrEnum):
    """The two kinds of registered contact."""

    PHONE = "phone"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Domain:
    """A mail domain: its company, edition and, in a group, the domain of the super administrator."""

    name: str
    edition: Edition
    company: str
    uscc: str
    language: str = "zh"
    owner_contact: str | None = None
    group_domain: str | None = None
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone in E.164 form (``+8613800138000``) or a backup mailbox, registered before the loss."""

    id: str
    kind: ContactKind
    value: str
    language: str

    def __repr__(self) -> str:
        """Hide the value: contacts are personal data and never belong into a log."""
        return f"Contact({self.id!r}, {self.kind!s})"


@dataclass(frozen=True, slots=True)
class SecurityAnswer:
    """One registered question of the catalogue and the password hash of its normalised answer."""

    question: str
    answer_hash: str

    def __repr__(self) -> str:
        """Hide the hash."""
        return f"SecurityAnswer({self.question!r})"


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox with everything a recovery may ask about it; the password itself is the directory's."""

    id: str
    address: str
    display_name: str
    role: Role
    status: Status
    language: str
    employee_number: str | None = None
    contacts: tuple[Contact, ...] = ()
    answers: tuple[SecurityAnswer, ...] = ()
    contacts_version: int = 1
    """Counts every change of a contact; part of what kills a grant (R10)."""
    two_methods_required: bool = False
    """Set after a confirmed takeover: the next recovery needs two different methods (R12)."""
    hold_used_at: datetime | None = None
    """When the one automatic hold in 30 days was last used (R12)."""

    @property
    def domain(self) -> str:
        """Return the domain part of the address."""
        return self.address.rpartition("@")[2]

    @property
    def is_administrator(self) -> bool:
        """Tell whether the stricter rules for administrators apply (R9)."""
        return self.role is not Role.EMPLOYEE

    def contact(self, kind: ContactKind) -> Contact | None:
        """Return the first registered contact of *kind*, if there is one."""
        return next((c for c in self.contacts if c.kind is kind), None)
