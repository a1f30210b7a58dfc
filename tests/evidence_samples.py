"""Real files for tests: pictures by Pillow, PDFs by PDFium or by hand; and what takes them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pypdfium2
from PIL import Image

from recovery_core.adapters.evidence_files import EncryptedFiles
from recovery_core.adapters.pictures import ChildPictures
from recovery_core.evidence.submitting import Documents

SIDE = (800, 600)


def picture(kind: str = "JPEG", size: tuple[int, int] = SIDE, **options: object) -> bytes:
    """Return a picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, "white").save(written, kind, **options)
    return written.getvalue()


def pdf(pages: int = 1) -> bytes:
    """Return a PDF of empty pages."""
    document, written = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(595, 842)
    document.save(written)
    document.close()
    return written.getvalue()


def pdf_with(catalog: bytes = b"", more: bytes = b"", trailer: bytes = b"") -> bytes:
    """Return a PDF of one page written by hand, with *catalog* entries, *more* objects, *trailer* entries."""
    objects = [
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R " + catalog + b">>\nendobj\n",
        b"2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n",
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>\nendobj\n",
    ]
    body, offsets = b"%PDF-1.7\n", []
    for item in objects:
        offsets.append(len(body))
        body += item
    body += more
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    end = b"trailer\n<</Size 4/Root 1 0 R " + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + table + end


def hidden_in_stream(text: bytes) -> bytes:
    """Return a compressed stream of objects that holds *text*."""
    packed = zlib.compress(b"9 0 " + text)
    head = b"8 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    return head + packed + b"\nendstream\nendobj\n"


def huge_png(width: int, height: int) -> bytes:
    """Return a PNG that says it is huge, in a few bytes."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(b"\0" * 100)),
            (b"IEND", b""),
        )
    )


def documents_in(folder: Path) -> Documents:
    """Return real files and real child processes for documents, without a reader of texts."""
    key = b"evidence-key-of-the-tests-32-byt"
    return Documents(EncryptedFiles(folder / "evidence", key), ChildPictures())
