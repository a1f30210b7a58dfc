"""The tables of the people's part in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from recovery_core.evidence.evidence import Claim, EvidenceFile
from recovery_core.people.operators import ConsoleSession, Operator
from recovery_core.people.tickets import Note, Ticket, Vote
from tests.fakes_store_data import Data


@dataclass
class PeopleData(Data):
    """The tables of the people's part too."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    votes: list[Vote] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    operators: dict[str, Operator] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, ConsoleSession] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    files: dict[str, EvidenceFile] = field(default_factory=dict)
    status_at: dict[str, datetime] = field(default_factory=dict)
