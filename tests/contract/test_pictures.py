"""What the child process says of good and bad files, each limit at its last good and first bad value."""

from __future__ import annotations

import asyncio
import io
import zipfile

import pytest
from PIL import Image

from recovery_core.adapters.pictures import ChildPictures, _read
from recovery_core.adapters.pictures_child import LONG_SIDE, MAX_PAGES
from recovery_core.errors import UnavailableError
from recovery_core.evidence.evidence import FileKind, Finding
from recovery_core.evidence.ports import Examined, Pictures
from tests.evidence_samples import hidden_in_stream, huge_png, pdf, pdf_with, picture

INFLATED = 16 << 20
BROKEN = Examined(None, 0, (Finding.BROKEN,))


@pytest.fixture
def pictures() -> Pictures:
    """Return what runs the children."""
    return ChildPictures()


def archive() -> bytes:
    """Return a zip whose one file is a megabyte of zeros."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb", b"\0" * (1 << 20))
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "pages"),
    [
        (picture("JPEG"), FileKind.JPEG, 1),
        (picture("PNG"), FileKind.PNG, 1),
        (picture("PNG", (400, 400)), FileKind.PNG, 1),
        (picture("JPEG", (8000, 5000)), FileKind.JPEG, 1),
        (pdf(1), FileKind.PDF, 1),
        (pdf(MAX_PAGES), FileKind.PDF, MAX_PAGES),
        (pdf_with(), FileKind.PDF, 1),
        (pdf_with(b"/OpenAction [3 0 R /Fit]"), FileKind.PDF, 1),
        (pdf_with(b"/Author(JavaScript AA JS)"), FileKind.PDF, 1),
        (pdf_with(more=hidden_in_stream(bytes(INFLATED - 4))), FileKind.PDF, 1),
        (pdf_with(more=hidden_in_stream(b"") * 1_000), FileKind.PDF, 1),
        (pdf_with(more=b"<<>>stream\n" * 40_000), FileKind.PDF, 1),
    ],
)
async def test_good_files_become_pictures(
    pictures: Pictures, content: bytes, kind: FileKind, pages: int
) -> None:
    """R17: kind and pages by content, and one PNG for each page, no side longer than the limit."""
    seen = await pictures.examine(content)

    assert (seen.kind, seen.pages, seen.findings) == (kind, pages, ())
    assert len(seen.pictures) == pages
    for each in seen.pictures:
        with Image.open(io.BytesIO(each), formats=["PNG"]) as image:
            assert max(image.size) <= LONG_SIDE


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", Finding.EMPTY),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Finding.NOT_ACCEPTED),
        (picture("GIF"), Finding.NOT_ACCEPTED),
        (archive(), Finding.NOT_ACCEPTED),
        (b"MZ" + b"\0" * 500, Finding.NOT_ACCEPTED),
        (b" " + pdf(), Finding.NOT_ACCEPTED),
        (picture("JPEG") + archive(), Finding.NOT_ACCEPTED),
        (picture("PNG") + b"\0", Finding.NOT_ACCEPTED),
        (picture("JPEG", comment=b"%PDF-1.7 1 0 obj"), Finding.NOT_ACCEPTED),
        (picture("JPEG", comment=b"<script>alert(1)</script>"), Finding.NOT_ACCEPTED),
        (pdf() + archive(), Finding.NOT_ACCEPTED),
        (huge_png(40_000, 40_000), Finding.TOO_MANY_PIXELS),
        (picture("JPEG", (8000, 5001)), Finding.TOO_MANY_PIXELS),
        (picture("PNG", (400, 399)), Finding.TOO_FEW_PIXELS),
        (picture("JPEG")[:-300], Finding.BROKEN),
        (picture("PNG")[:-1], Finding.BROKEN),
        (b"\xff\xd8\xff\xd9", Finding.BROKEN),
        (huge_png(500, 500), Finding.BROKEN),
        (pdf()[:60], Finding.BROKEN),
        (pdf(MAX_PAGES + 1), Finding.TOO_MANY_PAGES),
    ],
)
async def test_bad_files_are_named(pictures: Pictures, content: bytes, finding: Finding) -> None:
    """R17: polyglots, bombs, cut-off files and what only calls itself a picture have one finding each."""
    seen = await pictures.examine(content)

    assert (seen.findings, seen.pictures) == ((finding,), ())


@pytest.mark.parametrize(
    "content",
    [
        pdf_with(b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
        pdf_with(b"/OpenAction 9 0 R"),
        pdf_with(b"/Names<</JavaScript 9 0 R>>"),
        pdf_with(b"/Names<</#4AavaScript 9 0 R>>"),
        pdf_with(b"/AA<</WC 9 0 R>>"),
        pdf_with(b"/AcroForm<</XFA 9 0 R>>"),
        pdf_with(more=b"9 0 obj\n<</S/Launch/F(cmd.exe)>>\nendobj\n"),
        pdf_with(b"/Names<</EmbeddedFiles 9 0 R>>"),
        pdf_with(more=hidden_in_stream(b"<</S/JavaScript/JS(1)>>")),
        pdf_with(more=hidden_in_stream(b"<</S/#4c#61unch>>")),
        pdf_with(more=hidden_in_stream(bytes(INFLATED + 1))),
        pdf_with(more=hidden_in_stream(bytes(INFLATED // 2)) * 2 + hidden_in_stream(b"")),
        pdf_with(more=hidden_in_stream(b"") * 1_001),
    ],
)
async def test_active_pdfs_are_refused(pictures: Pictures, content: bytes) -> None:
    """R17: scripts, launches, attachments and XFA, plain, escaped or in a compressed stream of objects.

    A stream that inflates beyond what is looked through, a bomb, is refused with them.
    """
    seen = await pictures.examine(content)

    assert (seen.kind, seen.findings) == (FileKind.PDF, (Finding.ACTIVE,))


async def test_an_encrypted_pdf_is_refused(pictures: Pictures) -> None:
    """R17: a PDF with a password cannot be read by a reviewer either."""
    zeros = b"00" * 32
    encrypt = b"/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<%s>/U<%s>>>/ID[<00><00>]" % (zeros, zeros)

    seen = await pictures.examine(pdf_with(trailer=encrypt))

    assert seen.findings == (Finding.ENCRYPTED,)


async def test_metadata_is_gone_and_the_picture_stands_upright(pictures: Pictures) -> None:
    """R17: place, camera and comment do not survive; the turn that they asked for does."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6
    content = picture("JPEG", (800, 400), exif=exif, comment=b"SecretPlace")
    assert b"SecretCamera" in content

    (clean,) = (await pictures.examine(content)).pictures

    assert b"Secret" not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert (image.size, dict(image.getexif()), image.info) == ((400, 800), {}, {})


async def test_a_child_that_takes_too_long_is_killed() -> None:
    """The time is over before Python has started: the file counts as broken, nothing hangs."""
    assert await ChildPictures(seconds=0).examine(picture()) == BROKEN


async def test_one_too_many_is_turned_away() -> None:
    """With one place and no waiting room, the second of two files raises UnavailableError."""
    pictures = ChildPictures(at_once=1, waiting=0)
    results = await asyncio.gather(
        pictures.examine(picture()), pictures.examine(picture()), return_exceptions=True
    )

    assert sum(isinstance(each, UnavailableError) for each in results) == 1
    assert (await pictures.examine(picture())).findings == ()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"not json\n",
        b'{"kind":"exe","pages":1,"findings":[],"sizes":[1]}\nx',
        b'{"kind":"png","pages":1,"findings":[],"sizes":[]}\n',
        b'{"kind":"png","pages":1,"findings":[],"sizes":[5]}\n<svg>',
        b'{"kind":"png","pages":1,"findings":[],"sizes":[9]}\n\x89PNG\r\n\x1a\n',
        b'{"kind":null,"pages":1,"findings":[],"sizes":[8]}\n\x89PNG\r\n\x1a\n',
    ],
)
def test_a_child_is_not_believed(answer: bytes) -> None:
    """Whatever a captured child writes, only whole PNG pictures of a known kind come through."""
    assert _read(answer) == BROKEN
