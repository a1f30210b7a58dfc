"""Secure forms: what a token may show, to whom and for how long (DESIGN: secrets stay out)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from recovery_core.messages import FormPurpose


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one case; the token in its address is derived from the id and never stored."""

    id: str
    case_id: str
    conversation_id: str
    purpose: FormPurpose
    issued_at: datetime
    expires_at: datetime
    finished_at: datetime | None = None
    claim_hash: str | None = field(default=None, repr=False)
    """Keyed hash of the browser that posted first; forms of the widget need the conversation's cookie."""
