"""The encrypted files of documents."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from recovery_core.adapters.evidence_files import EncryptedFiles
from recovery_core.errors import UnavailableError, UnknownError
from recovery_core.evidence.ports import EvidenceFiles

KEY = b"evidence-key-of-the-tests-32-byt"
LICENCE = b"%PDF-1.7 business licence"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that does not exist yet."""
    return tmp_path / "data" / "evidence"


@pytest.fixture
def files(folder: Path) -> EvidenceFiles:
    """Return the files in *folder*."""
    return EncryptedFiles(folder, KEY)


def names(folder: Path) -> list[str]:
    """Return what stands in *folder*."""
    return [path.name for path in folder.iterdir()]


def files_below(folder: Path) -> list[Path]:
    """Return every file below *folder*."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_pages_come_back_as_they_were(files: EvidenceFiles) -> None:
    """Original and pages are kept apart; an empty page and a large one are pages too."""
    pages = {0: LICENCE, 1: b"", 2: bytes(range(256)) * 4096}
    for page, content in pages.items():
        await files.put("file-1", page, content)
    assert {page: await files.get("file-1", page) for page in pages} == pages


async def test_a_page_put_again_is_replaced(files: EvidenceFiles) -> None:
    """The later content counts."""
    await files.put("file-1", 0, b"first")
    await files.put("file-1", 0, b"second")
    assert await files.get("file-1", 0) == b"second"


async def test_nothing_readable_is_on_the_disk(files: EvidenceFiles, folder: Path) -> None:
    """Contents are sealed, and only the owner may read the files and list the folders."""
    await files.put("file-1", 0, LICENCE)
    written = files_below(folder)
    assert [path.relative_to(folder).as_posix() for path in written] == ["file-1/0"]
    assert b"licence" not in written[0].read_bytes()
    assert written[0].stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "file-1")} == {0o700}


async def test_a_changed_file_is_not_shown(files: EvidenceFiles, folder: Path) -> None:
    """One changed bit, a cut end and an empty file are noticed."""
    await files.put("file-1", 0, LICENCE)
    path = folder / "file-1" / "0"
    sealed = path.read_bytes()
    for changed in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1], b""):
        path.write_bytes(changed)
        with pytest.raises(UnavailableError, match="evidence_changed"):
            await files.get("file-1", 0)


async def test_files_and_pages_cannot_be_swapped(files: EvidenceFiles, folder: Path) -> None:
    """A sealed page opens only under its own file's id and number."""
    await files.put("file-1", 0, LICENCE)
    await files.put("file-1", 1, LICENCE)
    await files.put("file-2", 0, LICENCE)
    for other in ("file-1/1", "file-2/0"):
        (folder / other).write_bytes((folder / "file-1" / "0").read_bytes())
    for file_id, page in (("file-1", 1), ("file-2", 0)):
        with pytest.raises(UnavailableError):
            await files.get(file_id, page)


async def test_another_key_opens_nothing(files: EvidenceFiles, folder: Path) -> None:
    """Who has the files but not the key has nothing."""
    await files.put("file-1", 0, LICENCE)
    with pytest.raises(UnavailableError):
        await EncryptedFiles(folder, KEY[::-1]).get("file-1", 0)


async def test_deleting_takes_every_page_and_may_be_repeated(files: EvidenceFiles, folder: Path) -> None:
    """R21: after the deletion nothing of the file is left; other files stay."""
    for file_id in ("file-1", "file-2"):
        await files.put(file_id, 0, LICENCE)
        await files.put(file_id, 1, LICENCE)
    await files.delete("file-1")
    await files.delete("file-1")
    with pytest.raises(UnknownError):
        await files.get("file-1", 1)
    assert names(folder) == ["file-2"]
    assert await files.get("file-2", 1) == LICENCE


@pytest.mark.parametrize("file_id", ["", ".", "..", "../file-1", "a/b", "a\\b", "x" * 97, "file\n", "文件"])
async def test_an_id_never_leads_out_of_the_folder(files: EvidenceFiles, folder: Path, file_id: str) -> None:
    """What cannot be an id is unknown, for reading, writing and deleting."""
    await files.put("file-1", 0, LICENCE)
    for attempt in (files.get(file_id, 0), files.put(file_id, 0, b"x"), files.delete(file_id)):
        with pytest.raises(UnknownError):
            await attempt
    assert names(folder) == ["file-1"]


async def test_readers_see_a_whole_page_while_it_is_written(files: EvidenceFiles, folder: Path) -> None:
    """Twenty writers and twenty readers of one page: every reader gets one writer's whole content."""
    contents = [bytes([number]) * 100_000 for number in range(20)]
    await files.put("file-1", 0, contents[0])
    writing = [files.put("file-1", 0, content) for content in contents]
    reading = [files.get("file-1", 0) for _ in contents]
    done = await asyncio.gather(*writing, *reading)
    assert {content for content in done if content is not None} <= set(contents)
    assert names(folder / "file-1") == ["0"]


async def test_a_disk_that_refuses_is_an_outage(tmp_path: Path) -> None:
    """A path where no folder can be made raises UnavailableError and says nothing of the content."""
    (tmp_path / "evidence").write_bytes(b"in the way")
    with pytest.raises(UnavailableError) as refused:
        await EncryptedFiles(tmp_path / "evidence", KEY).put("file-1", 0, LICENCE)
    assert not re.search("licence", repr(refused.value))


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    """Only 256 bits are a key."""
    with pytest.raises(ValueError, match="vault_key_length"):
        EncryptedFiles(tmp_path, KEY[:-1])


async def test_every_file_is_listed_once(files: EvidenceFiles) -> None:
    """The ids of all files, whatever their pages; none before the first, none after the last."""
    assert await files.ids() == []
    for file_id, page in (("b", 1), ("a", 1), ("a", 2)):
        await files.put(file_id, page, LICENCE)
    assert await files.ids() == ["a", "b"]
    await files.delete("a")
    await files.delete("b")

    assert await files.ids() == []
