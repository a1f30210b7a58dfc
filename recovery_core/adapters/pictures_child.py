"""A program of its own: reads one untrusted file, writes what it is and harmless pictures of it.

It runs with little memory and time and imports nothing of ours; whoever breaks out of a decoder finds an
empty environment, no key and no database. The file comes by standard input. The answer is one line of JSON
and then the PNG pictures, one behind the other.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import zipfile
from typing import Any

MAX_PAGES = 10
MAX_PIXELS = 40_000_000
"""More than any phone's camera sends by default; decoded they fit into the memory of this process."""
MIN_SIDE = 400
"""Pixels; a licence with fewer cannot be read."""
LONG_SIDE = 2000
"""Pixels of the pictures that are kept."""
MEMORY = 1 << 30
"""Bytes of address space."""
CPU_SECONDS = 20
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PDF = b"%PDF-"
_MARKUP = (b"<script", b"<html", b"<svg", b"<?php", b"<!doctype")
_HEAD = 1024
"""Readers look for ``%PDF-`` in this many first bytes (PDF 32000-1, annex H.3.4.1)."""


class Refused(Exception):  # noqa: N818  it is an answer, not an error
    """Raised with the finding that ends the examination, and the kind where it is known."""

    def __init__(self, finding: str, kind: str | None = None, pages: int = 0) -> None:
        """Keep what was found."""
        self.finding, self.kind, self.pages = finding, kind, pages
        super().__init__(finding)


def examine(content: bytes) -> tuple[str, list[bytes]]:
    """Return the kind and one PNG for each page; raises :class:`Refused`."""
    if not content:
        raise Refused("empty")
    if content.startswith(_PDF):
        from pictures_pdf import render  # type: ignore[import-not-found]  # noqa: PLC0415  beside this file

        _only_one_format(content[:_HEAD] + content[content.rfind(b"%%EOF") :], content)
        return "pdf", list(render(content, (MAX_PAGES, LONG_SIDE), to_png, Refused))
    kind = "png" if content.startswith(_PNG) else "jpeg" if content.startswith(_JPEG) else None
    if kind is None:
        raise Refused("not_accepted")
    if _PDF in content[:_HEAD]:
        raise Refused("not_accepted")
    _only_one_format(content, content)
    _whole(kind, content)
    return kind, [_reencoded(kind, content)]


def _only_one_format(text: bytes, content: bytes) -> None:
    """Refuse a file that another program would read as something else."""
    lowered = text.lower()
    if any(mark in lowered for mark in _MARKUP) or zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("not_accepted")


def _whole(kind: str, content: bytes) -> None:
    """Refuse what was cut off, and a PNG that goes on after its end."""
    if kind == "jpeg":
        if b"\xff\xd9" not in content[2:]:
            raise Refused("broken", kind)
        return
    at, name = len(_PNG), b""
    while name != b"IEND":
        head = content[at : at + 8]
        if len(head) < 8:  # noqa: PLR2004  length and name of a chunk (PNG, 5.3)
            raise Refused("broken", kind)
        length, name = struct.unpack(">I4s", head)
        at += 12 + length
    if at > len(content):
        raise Refused("broken", kind)
    if at < len(content):
        raise Refused("not_accepted")


def _reencoded(kind: str, content: bytes) -> bytes:
    from PIL import Image, ImageOps  # noqa: PLC0415  only after the limits of this process are set

    Image.MAX_IMAGE_PIXELS = None  # the size is judged here, before anything is decoded
    try:
        with Image.open(io.BytesIO(content), formats=[kind.upper()]) as image:
            _sized(kind, *image.size)
            image.load()
            upright = ImageOps.exif_transpose(image)
    except Refused:
        raise
    except MemoryError:
        raise Refused("too_many_pixels", kind, 1) from None
    except Exception:  # noqa: BLE001  whatever a decoder raises, the file cannot be read
        raise Refused("broken", kind) from None
    return to_png(upright, LONG_SIDE)


def _sized(kind: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Refused("too_many_pixels", kind, 1)
    if min(width, height) < MIN_SIDE:
        raise Refused("too_few_pixels", kind, 1)


def to_png(image: Any, long_side: int) -> bytes:  # noqa: ANN401  a picture of PIL, which is not loaded yet
    """Return new bytes with the pixels alone: no metadata, no colour profile, nothing hidden."""
    from PIL import Image  # noqa: PLC0415

    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    plain = image.convert("RGB")
    plain.thumbnail((long_side, long_side))
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    written = io.BytesIO()
    clean.save(written, "PNG")
    return written.getvalue()


def limit() -> None:
    """Take memory, time, files and core dumps away from this process, for good."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def main() -> None:
    """Examine standard input."""
    limit()
    sys.path.insert(0, __file__.rpartition("/")[0])
    kind: str | None = None
    pages, findings = 0, []
    pictures: list[bytes] = []
    try:
        kind, pictures = examine(sys.stdin.buffer.read())
        pages = len(pictures)
    except Refused as refused:
        kind, pages, findings = refused.kind, refused.pages, [refused.finding]
    except MemoryError:
        findings = ["broken"]
    head = {"kind": kind, "pages": pages, "findings": findings, "sizes": [len(each) for each in pictures]}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(pictures))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
