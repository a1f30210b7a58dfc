"""The veto, "this was not me": the right of a contact to stop a recovery or to take it back (R12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Veto:
    """One veto sent to one contact: a link's token, or the code typed at the fixed address for SMS."""

    id: str
    account_id: str
    case_id: str
    contact_id: str
    gave_proof: bool
    token_hash: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
