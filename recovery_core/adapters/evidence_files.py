"""Documents as AES-256-GCM files in a folder beside the database; only their owner can read them."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from recovery_core.adapters.vault import AesGcmVault
from recovery_core.errors import UnavailableError, UnknownError

_ID = re.compile(r"[A-Za-z0-9_-]{1,96}", re.ASCII)
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700


class EncryptedFiles:
    """One folder a file, one sealed file a page; a page is bound to its file's id and its number."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """Keep the files below *folder*, sealed with a *key* of 32 bytes; raises ValueError for others."""
        self._folder = folder
        self._vault = AesGcmVault(key)

    async def put(self, file_id: str, page: int, content: bytes) -> None:
        """Encrypt and keep one page (0: the draft of a form); all of it is on the disk or nothing.

        Raises UnavailableError if the disk does not take it, UnknownError for what cannot be an id.
        """
        path = self._path(file_id, page)
        await asyncio.to_thread(self._write, path, content, _context(file_id, page))

    async def get(self, file_id: str, page: int) -> bytes:
        """Return the page; raises UnknownError, or UnavailableError if it is unreadable or was changed."""
        path = self._path(file_id, page)
        return await asyncio.to_thread(self._read, path, _context(file_id, page))

    async def delete(self, file_id: str) -> None:
        """Delete every page of the file; nothing happens if it is gone. Raises UnavailableError."""
        await asyncio.to_thread(_remove, self._path(file_id, 0).parent)

    async def ids(self) -> Sequence[str]:
        """Return the ids of all files that are kept; raises UnavailableError."""
        return await asyncio.to_thread(self._ids)

    def _ids(self) -> list[str]:
        try:
            return sorted(path.name for path in self._folder.iterdir() if _ID.fullmatch(path.name))
        except FileNotFoundError:
            return []
        except OSError:
            raise UnavailableError from None

    def _path(self, file_id: str, page: int) -> Path:
        if not _ID.fullmatch(file_id) or page < 0:
            raise UnknownError("evidence")
        return self._folder / file_id / str(page)

    def _write(self, path: Path, content: bytes, context: str) -> None:
        sealed = self._vault.seal(content, context)
        try:
            self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            path.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            _write_whole(path, sealed)
        except OSError:
            raise UnavailableError from None

    def _read(self, path: Path, context: str) -> bytes:
        try:
            return self._vault.open(path.read_bytes(), context)
        except FileNotFoundError:
            raise UnknownError("evidence") from None
        except OSError:
            raise UnavailableError from None
        except ValueError:
            raise UnavailableError("evidence_changed") from None


def _context(file_id: str, page: int) -> str:
    return f"evidence {file_id} {page}"


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside *path* and rename: a reader, and a machine that loses power, sees all or nothing."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    _sync_folder(path.parent.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError:
        raise UnavailableError from None
