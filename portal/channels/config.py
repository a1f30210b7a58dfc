"""What the file of a platform is given: its settings, secrets that may change while it runs, and tools.

Every platform's file has a function ``build(config: Config, tools: Tools) -> Channel`` for the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from recovery_core.clock import Clock
from recovery_core.entropy import Entropy

if TYPE_CHECKING:
    from portal.channels.port import Channel


class ConfigError(Exception):
    """Raised when a platform that is switched on lacks a setting; names it and never repeats a value."""

    def __init__(self, channel: str, setting: str) -> None:
        super().__init__(f"{channel}: {setting}")
        self.channel = channel
        self.setting = setting
        """Name of the setting without the platform's prefix."""


class Secret:
    """A secret by value or by file; the file is read again when it changes, so that no restart is needed.

    Call it at every use and never keep what it returns.
    """

    def __init__(self, value: str = "", file: Path | None = None) -> None:
        self._value = value
        self._file = file
        self._seen: tuple[int, int, int] | None = None

    def __call__(self) -> str:
        """Return the secret as it is now; the last one that could be read while the file is not there."""
        if self._file is not None:
            try:
                found = self._file.stat()
                seen = (found.st_mtime_ns, found.st_size, found.st_ino)
                if seen != self._seen:
                    self._value, self._seen = self._file.read_text(encoding="utf-8").strip(), seen
            except (OSError, UnicodeDecodeError):
                return self._value
        return self._value

    def __repr__(self) -> str:
        """Return no secret."""
        return "Secret(…)"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one platform, by their names without the platform's prefix (``base_url``)."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict, repr=False)

    def text(self, setting: str) -> str:
        """Return the setting; raises ConfigError if it is empty."""
        value = self.texts.get(setting, "")
        if not value:
            raise ConfigError(self.name, setting)
        return value

    def optional(self, setting: str) -> str:
        """Return the setting, empty if it was not given."""
        return self.texts.get(setting, "")

    def secret(self, setting: str) -> Secret:
        """Return the secret; raises ConfigError if there is none now."""
        secret = self.secrets.get(setting)
        if secret is None or not secret():
            raise ConfigError(self.name, setting)
        return secret

    def optional_secret(self, setting: str) -> Secret | None:
        """Return the secret, None if it was not given."""
        secret = self.secrets.get(setting)
        return secret if secret is not None and secret() else None


@dataclass(frozen=True, slots=True)
class Tools:
    """What every platform may use."""

    http: aiohttp.ClientSession
    """A session of this platform's own, through its proxy if one is set; closed by whoever made it."""
    clock: Clock
    entropy: Entropy


Build = Callable[[Config, Tools], "Channel"]
