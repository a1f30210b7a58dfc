"""The composition root: the only place that knows every adapter; tests call it with fakes for some parts."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from portal.app import Furnishing
from portal.channels.figures import Figures
from portal.channels.messengers import Messengers
from portal.channels.port import Channel as Messenger
from portal.chat.rasa_client import Assistant, RasaClient
from portal.chat.turns import Turns
from portal.health import CountedAlerts
from portal.keys import Site
from portal.limits import Limits
from portal.networks import TrustedProxies
from portal.sessions import ExitKeys
from recovery_core.adapters.argon2 import ARGON2_PROFILES, Argon2Hasher
from recovery_core.adapters.catalogue import Catalogue
from recovery_core.adapters.choice_words import vocabulary
from recovery_core.adapters.common_passwords import CommonPasswords
from recovery_core.adapters.console import ConsoleOutbox
from recovery_core.adapters.evidence_files import EncryptedFiles
from recovery_core.adapters.ocr import RapidReader
from recovery_core.adapters.pictures import ChildPictures
from recovery_core.adapters.sessions import DoveadmSessions, NoSessions
from recovery_core.adapters.sms_http import KannelSender, SmsGateway
from recovery_core.adapters.smtp import Security, SmtpSender, SmtpServer
from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.migrate import upgrade
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.adapters.vault import AesGcmVault
from recovery_core.cases.parts import Parts
from recovery_core.cases.sweeping import Sweep
from recovery_core.clock import Clock, SystemClock
from recovery_core.entropy import Entropy, SystemEntropy
from recovery_core.errors import RecoveryError
from recovery_core.evidence.submitting import Documents
from recovery_core.keyed import KeyedHash
from recovery_core.notices.delivery import Channel
from recovery_core.notices.ports import Sender
from recovery_core.notices.worker import EndSessions, OutboxWorker
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import PROFILES
from rekey.channels import domains_of, open_channels, proofs_of
from rekey.keys import Keys, load_keys
from rekey.numbers import keeping_of, numbers_of
from rekey.settings import Settings

LOCALE = Path(__file__).resolve().parents[1] / "locale"

_log = structlog.get_logger("rekey")


class LoggedAlerts:
    """Tells the operators by a log line and a counter; a mailbox for them can watch either."""

    def __init__(self, counted: CountedAlerts) -> None:
        self._counted = counted

    def raise_alert(self, code: str) -> None:
        """Report the alert *code*; never raises, never waits."""
        _log.error("alert", code=code)
        self._counted.count(code)


class StoreHealth:
    """Asks the database and the outbox worker how they do."""

    def __init__(self, work: SqlWork, worker: OutboxWorker) -> None:
        self._work = work
        self._worker = worker

    async def store_answers(self) -> bool:
        """Tell whether the database answers."""
        try:
            async with self._work.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001  whatever it is, the store does not answer
            return False
        return True

    def sender_down(self) -> bool:
        """Tell whether a sender is down."""
        return self._worker.banner


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs, put together."""

    parts: Parts
    furnishing: Furnishing
    worker: OutboxWorker
    filled: asyncio.Event
    """Set when there is something new in the outbox; the worker's loop waits for it."""
    sweep: Sweep
    keys: Keys


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    demo: bool = False,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    assistant: Assistant | None = None,
    messengers: Mapping[str, Messenger] | None = None,
) -> AsyncIterator[House]:
    """Open the store, bring it to the newest revision and put everything together; closes it at the end."""
    clock, entropy, keys = clock or SystemClock(), entropy or SystemEntropy(), load_keys(settings)
    await upgrade(settings.database)
    vault, registry, filled = AesGcmVault(keys.encryption), CollectorRegistry(), asyncio.Event()
    work = SqlWork(make_engine(settings.database), KeyedHash(keys.audit), vault, when_filled=filled.set)
    hasher = Argon2Hasher(ARGON2_PROFILES[settings.argon2_profile], workers=settings.argon2_workers)
    alerts = LoggedAlerts(CountedAlerts(registry))
    texts, console = Catalogue(LOCALE), ConsoleOutbox(clock)
    parts = _parts(settings, work, hasher, clock, entropy, KeyedHash(keys.hashing), alerts, texts)
    worker = OutboxWorker(work, vault, senders(settings, console, clock), texts, clock, alerts)
    async with aiohttp.ClientSession() as http, open_channels(settings, clock, entropy) as channels:
        rasa = assistant or RasaClient(settings.rasa, keys.gateway.hex().encode(), clock, entropy, http)
        given = _furnishing(settings, parts, rasa, texts, registry, StoreHealth(work, worker))
        given = replace(given, documents=documents(settings, keys))
        on = channels if messengers is None else messengers
        given = replace(given, messengers=_messengers(given, on, settings))
        furnishing = replace(given, site=_site(settings, demo=demo), demo_outbox=console if demo else None)
        try:
            yield House(parts, furnishing, worker, filled, Sweep(parts, keeping_of(settings)), keys)
        finally:
            hasher.close()
            await work.engine.dispose()


def _messengers(
    given: Furnishing, channels: Mapping[str, Messenger], settings: Settings
) -> Messengers | None:
    if not channels:
        return None
    figures = Figures(given.metrics, tuple(channels))
    named = (settings.channels_anonymous, domains_of(settings))
    return Messengers(given.parts, given.texts, given.turns, given.limits, channels, figures, *named)


def documents(settings: Settings, keys: Keys) -> Documents:
    """Return what keeps and examines documents; their key is derived, so that it seals nothing else."""
    key = hmac.digest(keys.encryption, b"evidence files", hashlib.sha256)
    files = EncryptedFiles(settings.evidence_dir, key)
    keeping = timedelta(days=settings.evidence_days)
    return Documents(files, ChildPictures(), RapidReader(), keeping)


def _site(settings: Settings, *, demo: bool) -> Site:
    return Site(settings.site, demo=demo, embed_origins=settings.embed_origins)


def _furnishing(
    settings: Settings,
    parts: Parts,
    assistant: Assistant,
    texts: Catalogue,
    registry: CollectorRegistry,
    health: StoreHealth,
) -> Furnishing:
    return Furnishing(
        parts=parts,
        texts=texts,
        site=_site(settings, demo=False),
        turns=Turns(parts, assistant),
        assistant=assistant,
        limits=Limits(parts.clock),
        proxies=TrustedProxies.of(settings.trusted_proxies, settings.client_allowlist),
        health=health,
        metrics=registry,
    )


def _parts(
    settings: Settings,
    work: SqlWork,
    hasher: Argon2Hasher,
    clock: Clock,
    entropy: Entropy,
    keyed: KeyedHash,
    alerts: LoggedAlerts,
    texts: Catalogue,
) -> Parts:
    return Parts(
        work=work,
        clock=clock,
        entropy=entropy,
        keyed=keyed,
        hasher=hasher,
        blocklist=CommonPasswords(),
        policy=PasswordPolicy.of(PROFILES[settings.profile]),
        numbers=numbers_of(settings),
        alerts=alerts,
        public_url=settings.site,
        trusted_clients=ExitKeys(),
        messenger_proofs=proofs_of(settings),
        choices=vocabulary(texts),
        sessions_end=bool(settings.doveadm_command),
    )


def senders(settings: Settings, console: ConsoleOutbox, clock: Clock) -> Mapping[Channel, Sender]:
    """Return what delivers by each channel; raises RecoveryError when a live sender is not set up."""
    command = shlex.split(settings.doveadm_command)
    sessions = EndSessions(DoveadmSessions(command) if command else NoSessions())
    if settings.sender == "console":
        return {
            Channel.SMS: console.sender(Channel.SMS),
            Channel.MAIL: console.sender(Channel.MAIL),
            Channel.SESSIONS: sessions,
        }
    if not settings.smtp_host or not settings.sms_url:
        raise RecoveryError("live_sender_not_set_up")
    return {
        Channel.SMS: KannelSender(_gateway(settings)),
        Channel.MAIL: SmtpSender(_mail_server(settings), settings.smtp_from, clock),
        Channel.SESSIONS: sessions,
    }


def _gateway(settings: Settings) -> SmsGateway:
    password = settings.sms_password.get_secret_value() if settings.sms_password else ""
    return SmsGateway(settings.sms_url, settings.sms_user, password, settings.sms_from)


def _mail_server(settings: Settings) -> SmtpServer:
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        Security.STARTTLS if settings.smtp_starttls else Security.NONE,
        settings.smtp_user,
        settings.smtp_password.get_secret_value() if settings.smtp_password else "",
    )
