"""One frozen object with every setting; the environment is read here and nowhere else."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rekey.channel_settings import DOMAINS, Channels
from rekey.setting_groups import Keys, Processes, Sending, Storage, Web
from rekey.setting_rules import Deciding, Granting, Keeping, Proofs

PREFIX = "REKEY_"
_LISTS = (
    "embed_origins",
    "trusted_proxies",
    "client_allowlist",
    "sms_countries",
    "channels",
    "channels_anonymous",
    "channels_proof",
    *DOMAINS,
)


class SettingsError(Exception):
    """Raised when a ``REKEY_`` variable is unknown or its value does not fit; never repeats a value."""


class Settings(
    Web, Storage, Keys, Sending, Proofs, Granting, Deciding, Keeping, Processes, Channels, BaseSettings
):
    """Everything an operator can decide; see ``docs/operations.md``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True
    )

    @field_validator(*_LISTS, mode="before")
    @classmethod
    def split_commas(cls, value: object) -> object:
        """Turn ``a, b`` into ``("a", "b")``."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def known_database(cls, value: str) -> str:
        """Refuse a database that rekey cannot use, or one in memory, which two processes cannot share."""
        is_file = value.startswith("sqlite+aiosqlite:///") and not value.endswith(("///", ":memory:"))
        if value and not is_file and not value.startswith("postgresql+asyncpg://"):
            raise ValueError("must be sqlite+aiosqlite:///FILE or postgresql+asyncpg://…")
        return value

    @property
    def database(self) -> str:
        """The URL of the database, with its default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'rekey.db'}"

    @property
    def tracker(self) -> str:
        """The URL of Rasa's tracker database, with its default filled in."""
        return self.tracker_url or f"sqlite:///{self.data_dir.absolute() / 'tracker.db'}"

    @property
    def site(self) -> str:
        """The address people see, without a slash at its end."""
        return (self.public_url or f"http://{_bracketed(self.host)}:{self.port}").rstrip("/")

    @property
    def rasa(self) -> str:
        """The address of Rasa, without a slash at its end."""
        return (self.rasa_url or f"http://127.0.0.1:{self.rasa_port or 5005}").rstrip("/")

    @property
    def actions(self) -> int:
        """The loopback port on which the actions listen."""
        return self.actions_port or 5055

    @property
    def key_dir(self) -> Path:
        """The folder of generated keys."""
        return self.data_dir / "keys"

    @property
    def evidence_dir(self) -> Path:
        """The folder of sealed documents."""
        return self.data_dir / "evidence"

    @property
    def log_dir(self) -> Path:
        """The folder of the children's logs."""
        return self.data_dir / "logs"


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment, with *overrides* (by field name) on top.

    Raises:
        SettingsError: a variable is unknown, or values do not fit; one line per variable.

    """
    given = [name for name in os.environ if name.startswith(PREFIX)]
    unknown = [name for name in given if name[len(PREFIX) :].lower() not in Settings.model_fields]
    if unknown:
        raise SettingsError("\n".join(_unknown(name) for name in sorted(unknown)))
    try:
        return Settings(**cast("dict[str, Any]", overrides))
    except ValidationError as error:
        raise SettingsError("\n".join(_unfit(error))) from None


def variable(field: str) -> str:
    """Return the environment variable of *field*."""
    return PREFIX + field.upper()


def _unknown(name: str) -> str:
    known = [variable(field) for field in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0)
    return f"{name} is not a setting of rekey. Did you mean {near[0]}?"


def _unfit(error: ValidationError) -> list[str]:
    return [f"{variable(str(part['loc'][0]))}: {part['msg']}." for part in error.errors(include_input=False)]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
