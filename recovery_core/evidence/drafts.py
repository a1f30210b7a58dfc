"""What was accepted so far, sealed beside the documents until the form is sent or dies."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from recovery_core.errors import UnknownError
from recovery_core.evidence.evidence import Claim, EvidenceFile, FileKind, Finding
from recovery_core.evidence.ports import EvidenceFiles


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One accepted file; its pictures are already kept under its id."""

    id: str
    kind: FileKind
    pages: int
    size: int
    sha256: str
    at: datetime
    lines: tuple[str, ...] = field(default=(), repr=False)
    """What could be read on it."""

    def stored(self, ticket_id: str, findings: tuple[Finding, ...]) -> EvidenceFile:
        """Return the file as the database will know it."""
        return EvidenceFile(
            self.id, ticket_id, self.kind, self.pages, self.size, self.sha256, self.at, findings
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """The code that was mailed to the new mailbox."""

    hash: str = field(repr=False)
    issued_at: datetime
    tries_left: int


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of one form."""

    files: tuple[DraftFile, ...] = ()
    claim: Claim | None = None
    findings: tuple[Finding, ...] = ()
    """Soft findings that the person chose to send anyway."""
    pending: Pending | None = None
    """Set: everything is accepted, only the new mailbox has to be proven."""

    @property
    def lines(self) -> list[str]:
        """Return everything that could be read."""
        return [line for file in self.files for line in file.lines]


def draft_id(form_id: str) -> str:
    """Return the id under which the draft of a form is kept."""
    return f"{form_id}-draft"


def form_of(file_id: str) -> str:
    """Return the id of the form by which a file came."""
    return file_id.rpartition("-")[0]


async def load(files: EvidenceFiles, form_id: str) -> Draft:
    """Return the draft of the form, an empty one if there is none."""
    try:
        raw = await files.get(draft_id(form_id), 0)
    except UnknownError:
        return Draft()
    read = json.loads(raw)
    pending = read["pending"]
    return Draft(
        files=tuple(_file(item) for item in read["files"]),
        claim=Claim(**read["claim"]) if read["claim"] else None,
        findings=tuple(Finding(name) for name in read["findings"]),
        pending=_pending(pending) if pending else None,
    )


async def save(files: EvidenceFiles, form_id: str, draft: Draft) -> None:
    """Keep the draft of the form, sealed."""
    raw = json.dumps(asdict(draft), default=_written, ensure_ascii=True).encode()
    await files.put(draft_id(form_id), 0, raw)


def _pending(item: dict[str, Any]) -> Pending:
    return Pending(item["hash"], datetime.fromisoformat(item["issued_at"]), item["tries_left"])


def _file(item: dict[str, Any]) -> DraftFile:
    known = {"kind": FileKind(item["kind"]), "at": datetime.fromisoformat(item["at"])}
    return DraftFile(**(item | known | {"lines": tuple(item["lines"])}))


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
