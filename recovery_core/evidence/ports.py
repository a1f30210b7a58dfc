"""What the documents' part asks of its surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from recovery_core.evidence.evidence import Claim, EvidenceFile, FileKind, Finding


@dataclass(frozen=True, slots=True)
class Examined:
    """What a bounded child process found out about a file, and its harmless pictures."""

    kind: FileKind | None
    pages: int
    findings: tuple[Finding, ...]
    pictures: tuple[bytes, ...] = field(repr=False, default=())
    """Re-encoded PNG pictures, one a page, without metadata."""


class Pictures(Protocol):
    """Looks into untrusted files, in a child process with limits of time and memory."""

    async def examine(self, content: bytes) -> Examined:
        """Return what the file is; never raises for any content. Raises UnavailableError when busy."""
        ...


class TextReader(Protocol):
    """Reads text out of a picture; optional."""

    @property
    def available(self) -> bool:
        """Tell whether pictures can be read here."""
        ...

    async def read(self, picture: bytes) -> tuple[str, ...]:
        """Return the lines of text in the picture; empty when there are none."""
        ...


class EvidenceFiles(Protocol):
    """Keeps encrypted files outside the database; the key lives elsewhere."""

    async def put(self, file_id: str, page: int, content: bytes) -> None:
        """Encrypt and keep one page, counted from 1 (0: the draft of a form)."""
        ...

    async def get(self, file_id: str, page: int) -> bytes:
        """Return the page; raises UnknownError."""
        ...

    async def delete(self, file_id: str) -> None:
        """Delete every page of the file; nothing happens if it is gone."""
        ...

    async def ids(self) -> Sequence[str]:
        """Return the ids of all files that are kept."""
        ...


class EvidenceStore(Protocol):
    """What the database knows of documents."""

    async def add(self, ticket_id: str, claim: Claim, files: Sequence[EvidenceFile], at: datetime) -> None:
        """Store the claim and its files."""
        ...

    async def claim(self, ticket_id: str) -> Claim | None:
        """Return what the person typed."""
        ...

    async def files(self, ticket_id: str) -> Sequence[EvidenceFile]:
        """Return the files of the ticket."""
        ...

    async def get(self, file_id: str) -> EvidenceFile | None:
        """Return what is known of the file."""
        ...

    async def known(self, file_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the ids that belong to a ticket."""
        ...

    async def over(self, decided_before: datetime, limit: int) -> Sequence[EvidenceFile]:
        """Return files whose ticket was decided before that moment (R21)."""
        ...

    async def forget(self, file_id: str) -> None:
        """Drop the row of a deleted file."""
        ...
