"""From settings to messengers: what each platform's file is given, and a session through its proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from portal.channels import registry
from portal.channels.config import Config, ConfigError, Secret, Tools
from portal.channels.port import Channel
from recovery_core.accounts.address import AddressError, parse
from recovery_core.clock import Clock
from recovery_core.entropy import Entropy
from rekey.settings import Settings, SettingsError, variable

_FILE = "_file"
_ASK_NO_DIRECTORY = frozenset({"matrix"})
"""Messengers in which a rule of the settings says who somebody is."""
_SECONDS = aiohttp.ClientTimeout(total=30, sock_connect=10)


def config_of(settings: Settings, name: str) -> Config:
    """Return the settings of the platform *name* under their names without its prefix."""
    texts: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    for field, about in Settings.model_fields.items():
        short, value = field.removeprefix(f"{name}_"), getattr(settings, field)
        if short == field or short.endswith(_FILE):
            continue
        if f"{field}{_FILE}" in Settings.model_fields or "SecretStr" in str(about.annotation):
            secrets[short] = _secret(value, getattr(settings, f"{field}{_FILE}", None))
        elif isinstance(value, tuple):
            texts[short] = ",".join(value)
        elif value is not None:
            texts[short] = str(value)
    return Config(name, texts, secrets)


def domains_of(settings: Settings) -> Mapping[str, frozenset[str]]:
    """Return the mail domains whose people each messenger's directory may name, where that is set.

    Raises:
        SettingsError: one of them is no mail domain.
    """
    found = {}
    for name in registry.NAMES:
        given = getattr(settings, f"{name}_domains")
        try:
            found[name] = frozenset(parse(f"postmaster@{domain}").domain for domain in given)
        except AddressError:
            raise SettingsError(f"{variable(f'{name}_domains')}: a mail domain is expected.") from None
    return {name: domains for name, domains in found.items() if domains}


def proofs_of(settings: Settings) -> Mapping[str, frozenset[str]]:
    """Return the messengers whose accounts count as a proof, each with the mail domains for which they do.

    Raises:
        SettingsError: nobody has stated that people sign in there with something else than the mailbox, or
            for which domains its directory speaks, or the accounts are looked up in no directory
            (docs/decisions/0041-messenger-accounts.md).
    """
    domains = domains_of(settings)
    named = variable("channels_proof")
    for name in settings.channels_proof:
        _check_known("channels_proof", name)
        if name in settings.channels_anonymous:
            raise SettingsError(f"{named}: {name} is in {variable('channels_anonymous')} too.")
        if name in _ASK_NO_DIRECTORY:
            raise SettingsError(f"{named}: {name} asks no directory, and so its accounts prove nothing.")
        if name not in domains:
            raise SettingsError(
                f"{named}: {name} needs {variable(f'{name}_domains')}; see docs/channels/README.md."
            )
        if getattr(settings, f"{name}_signs_in_with") != "other":
            stated = variable(f"{name}_signs_in_with")
            raise SettingsError(f"{named}: {name} needs {stated}=other; see docs/channels/README.md.")
    return {name: domains[name] for name in settings.channels_proof}


@asynccontextmanager
async def open_channels(
    settings: Settings, clock: Clock, entropy: Entropy, names: Sequence[str] | None = None
) -> AsyncIterator[Mapping[str, Channel]]:
    """Build the messengers that are on, or those called *names*; raises SettingsError for what is missing."""
    async with AsyncExitStack() as stack:
        built: dict[str, Channel] = {}
        for name in settings.channels if names is None else names:
            _check_known("channels", name)
            config = config_of(settings, name)
            http = aiohttp.ClientSession(proxy=config.optional("proxy") or None, timeout=_SECONDS)
            await stack.enter_async_context(http)
            try:
                built[name] = registry.build(config, Tools(http, clock, entropy))
            except ConfigError as error:
                missing = variable(f"{name}_{error.setting}")
                raise SettingsError(f"{missing} is needed for {name}; see docs/channels/{name}.md.") from None
        yield built


def _secret(value: SecretStr | None, file: Path | None) -> Secret:
    return Secret(value.get_secret_value() if value else "", file)


def _check_known(field: str, name: str) -> None:
    if name not in registry.NAMES:
        raise SettingsError(f"{variable(field)}: {name} is none of {', '.join(registry.NAMES)}.")
