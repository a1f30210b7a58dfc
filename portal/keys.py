"""What the handlers share, typed: one key per thing, filled by the composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import jinja2
from aiohttp import web

from portal.chat.turns import Turns
from portal.limits import Limits
from portal.networks import TrustedProxies
from portal.upload_slots import UploadSlots
from recovery_core.cases.parts import Parts
from recovery_core.evidence.ports import EvidenceFiles
from recovery_core.evidence.submitting import Documents


class Texts(Protocol):
    """Turns a key of the catalogues into words."""

    def text(self, key: str, language: str, **variables: str | int) -> str:
        """Return the text in *language*; raises KeyError for a key or variable that is not there."""
        ...


class DemoOutbox(Protocol):
    """The messages of the demo, in memory only."""

    def messages(self) -> Sequence[Mapping[str, object]]:
        """Return the last 200 messages, oldest first, with the fields of ``/demo/outbox.json``."""
        ...


class Health(Protocol):
    """What makes the portal ready."""

    async def store_answers(self) -> bool:
        """Tell whether the database answers."""
        ...

    def sender_down(self) -> bool:
        """Tell whether a sender is down (one banner for everyone, R2)."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """Where the portal is and what it may be embedded in."""

    origin: str
    """Scheme, host and port that people see, without a slash at the end."""
    demo: bool = False
    embed_origins: tuple[str, ...] = ()
    static: Path = field(default=Path(__file__).parent / "static")
    templates: Path = field(default=Path(__file__).parent / "templates")

    @property
    def secure(self) -> bool:
        """Tell whether cookies can be bound to HTTPS."""
        return self.origin.startswith("https://")


PARTS = web.AppKey("parts", Parts)
TEXTS = web.AppKey("texts", Texts)
SITE = web.AppKey("site", Site)
PAGES = web.AppKey("pages", jinja2.Environment)
TURNS = web.AppKey("turns", Turns)
LIMITS = web.AppKey("limits", Limits)
PROXIES = web.AppKey("proxies", TrustedProxies)
HEALTH = web.AppKey("health", Health)
DOCUMENTS = web.AppKey("documents", Documents)
UPLOADS = web.AppKey("uploads", UploadSlots)
DEMO_OUTBOX = web.AppKey("demo_outbox", DemoOutbox)
EVIDENCE_FILES = web.AppKey("evidence_files", EvidenceFiles)
