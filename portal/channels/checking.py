"""The findings of ``rekey channels check`` that platforms share; the words are in the catalogue."""

from __future__ import annotations

from urllib.parse import urlsplit

from portal.channels.port import ChannelAwayError, ChannelRefusedError, Finding

NOT_DIRECTORY = Finding(good=False, key="channel.check.not_directory")
DIRECTORY = Finding(good=True, key="channel.check.directory")


def signed_in(address: str) -> list[Finding]:
    """Return that *address* answers and takes our credentials, and that we can prove what it sends."""
    return [
        _reachable(address),
        Finding(good=True, key="channel.check.credentials"),
        Finding(good=True, key="channel.check.events_configured"),
    ]


def failed(address: str, error: ChannelAwayError | ChannelRefusedError) -> list[Finding]:
    """Return what *error* means: no way to *address*, or credentials that it does not take."""
    if isinstance(error, ChannelAwayError) and error.reason not in ("sign_in", "permission"):
        return [Finding(good=False, key="channel.check.not_reachable", variables={"host": host(address)})]
    return [_reachable(address), Finding(good=False, key="channel.check.not_credentials")]


def host(address: str) -> str:
    """Return the host of *address* for people to read, without what else stands there."""
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _reachable(address: str) -> Finding:
    return Finding(good=True, key="channel.check.reachable", variables={"host": host(address)})
