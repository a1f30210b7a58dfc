"""The five keys: given by the environment, else made once and kept in files that only the owner can read."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path

from rekey.settings import Settings, SettingsError, variable

KEY_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """Keys of 32 bytes; none shows in ``repr``. Processes hand them on as :meth:`bytes.hex`."""

    gateway: bytes = field(repr=False)
    actions: bytes = field(repr=False)
    hashing: bytes = field(repr=False)
    encryption: bytes = field(repr=False)
    audit: bytes = field(repr=False)


def load_keys(settings: Settings) -> Keys:
    """Return the keys of *settings*, making the missing ones in the folder ``keys`` with mode 0600.

    Raises:
        SettingsError: a key is not 64 hexadecimal digits, or its file cannot be read by its owner alone.

    """
    return Keys(**{part.name: _key(settings, part.name) for part in fields(Keys)})


def _key(settings: Settings, name: str) -> bytes:
    given = getattr(settings, f"{name}_key")
    if given is not None:
        return _decoded(given.get_secret_value(), variable(f"{name}_key"))
    path = settings.key_dir / name
    _make_if_missing(path)
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path} can be read by others; run: chmod 600 {path}")
    return _decoded(path.read_text(encoding="ascii"), str(path))


def _make_if_missing(path: Path) -> None:
    """Write a new key beside *path* and link it there: two processes that start at once end with one key."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _decoded(text: str, source: str) -> bytes:
    with contextlib.suppress(ValueError):
        key = bytes.fromhex(text.strip())
        if len(key) == KEY_BYTES:
            return key
    raise SettingsError(
        f"{source} must be {KEY_BYTES * 2} hexadecimal digits; make one: openssl rand -hex 32"
    )
