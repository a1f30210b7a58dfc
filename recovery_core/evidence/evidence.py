"""Documents for a review (R17): what a file is, what the pre-check found, how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FileKind(StrEnum):
    """What is accepted, recognised by content and never by name."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


class Finding(StrEnum):
    """What the pre-check may find; only the failing item is asked for again."""

    NOT_ACCEPTED = "not_accepted"
    """Not a PDF, JPEG or PNG by content (also polyglots and SVG)."""
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_FEW_PIXELS = "too_few_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    ENCRYPTED = "encrypted"
    ACTIVE = "active"
    """A PDF with scripts, launch actions or embedded files."""
    BROKEN = "broken"
    USCC_CHECK_DIGIT = "uscc_check_digit"
    NOT_A_LICENCE = "not_a_licence"
    NAME_DIFFERS = "name_differs"
    USCC_DIFFERS = "uscc_differs"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One stored document; the file itself is encrypted outside the database."""

    id: str
    ticket_id: str
    kind: FileKind
    pages: int
    size: int
    """Bytes as they were sent."""
    sha256: str
    at: datetime
    findings: tuple[Finding, ...] = ()
    """Soft findings that the person chose to send anyway, for the reviewer."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the person typed beside the documents; compared with them by the pre-check (R17)."""

    company: str
    uscc: str
    new_mailbox: str = field(repr=False)
