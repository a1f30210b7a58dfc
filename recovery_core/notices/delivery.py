"""What leaves the house: codes, links and notices, as a template with variables and never as a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PADDED = 1024
"""Every sealed delivery is padded to a multiple of this many bytes, so that sizes tell nothing (R2)."""


class Channel(StrEnum):
    """By what a delivery leaves."""

    SMS = "sms"
    MAIL = "mail"
    SESSIONS = "sessions"
    """Not a message: the order to end the open sessions of a mailbox."""


class Template(StrEnum):
    """The texts that leave the house; words and subject stand in the catalogues as ``<value>.text`` etc."""

    CODE = "code"
    """SMS: ``code``, ``minutes``."""
    LINK = "link"
    """Mail: ``link``, ``minutes``."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    """To a contact: ``address``, ``time``, ``channel``, ``method``; mail: ``veto_link``; SMS: ``veto_page``,
    ``veto_code``."""
    PASSWORD_CHANGED_OWN = "password_changed_own"  # noqa: S105
    """To the recovered mailbox itself: ``time``, ``channel``, ``method``."""
    ADMIN_CHANGED = "admin_changed"
    """To administrators at once: ``address``, ``time``, ``channel``, ``method``, ``reference``."""
    ADMIN_DIGEST = "admin_digest"
    """To administrators once a day: ``domain``, ``count``, ``lines``."""
    CASE_FROZEN = "case_frozen"
    """To administrators: ``address``, ``reference``, ``time``."""
    RECOVERY_REVOKED = "recovery_revoked"
    """To every contact and the administrators: ``address``, ``reference``, ``time``."""
    CONTACT_CHANGED = "contact_changed"
    """To the old and the new contact: ``address``, ``time`` (R19)."""
    OPERATOR_ALERT = "operator_alert"
    """To the operators: ``alert``, ``time``."""
    REQUEST_NOTICE = "request_notice"
    """To an administrator, at most once in 15 minutes: ``address``, ``number``, ``time``, ``page`` (R14)."""
    OWNER_APPROVAL = "owner_approval"
    """To the owner of the cloud account: ``address``, ``number``, ``time``, ``approval_link`` (R14)."""
    TICKET_NEWS = "ticket_news"
    """To a contact proven in the case: ``number``, ``news`` (R18)."""
    REVIEW_SUBMITTED = "review_submitted"
    """To every old contact, with the veto of ``password_changed``: ``address``, ``time`` (R17)."""
    REVIEW_APPROVED = "review_approved"
    """To every old contact, with the veto of ``password_changed``: ``address``, ``time`` (R17)."""
    NEW_MAILBOX = "new_mailbox"
    """To the mailbox that a review is to register: ``code``, ``minutes`` (R17)."""
    NEW_PHONE = "new_phone"
    """SMS to the phone that is to be registered after a review: ``code``, ``minutes`` (R17)."""
    END_SESSIONS = "end_sessions"
    """Channel *sessions*: ``address``."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to deliver. *topic* names what it belongs to, so that it can be dropped with it."""

    id: str
    channel: Channel
    to: str = field(repr=False)
    template: Template
    variables: Mapping[str, str] = field(repr=False)
    language: str
    topic: str
    decoy: bool = False
    expires_at: datetime | None = None

    def packed(self) -> bytes:
        """Return recipient, template and variables as JSON padded to a multiple of :data:`PADDED` bytes."""
        body = {"to": self.to, "template": self.template, "variables": dict(self.variables)}
        raw = json.dumps(body | {"language": self.language}, ensure_ascii=True).encode()
        return raw + b" " * (-len(raw) % PADDED)


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A stored delivery, leased to one worker; ``sealed`` is encrypted and blanked when it is sent."""

    id: str
    channel: Channel
    sealed: bytes = field(repr=False)
    decoy: bool
    attempts: int
    expires_at: datetime | None
