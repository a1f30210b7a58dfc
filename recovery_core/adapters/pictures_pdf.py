"""The part of the child process that reads PDFs; loaded only there, and only for a file that is one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

ToPng = Callable[[Any, int], bytes]
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoTo[RE]|Movie|Rendition)"
    rb"(?![A-Za-z0-9])"
    rb"|/OpenAction\s*(?!\s*\[)"
)
"""Names of what acts by itself or hides another file (ISO 32000-1, 12.6.4 and 7.11.4). An ``OpenAction``
that is an array only says which page is shown first."""
_SHORT = re.compile(rb"/(?:XFA|AA|JS)(?![A-Za-z0-9])")
"""Names so short that compressed bytes may hold them by chance: looked for outside of streams only."""
_STREAM = re.compile(rb">>\s*stream\r?\n")
_END = b"endstream"
_INFLATED = 16 << 20
"""Bytes; streams of objects that are longer together are no honest ones."""
_MOST_STREAMS = 1_000
"""Streams of objects that are looked into: a page has a handful."""
_POINTS = 72
_XFA_FORMS = (2, 3)
_MAX_POINTS = 14_400
"""The largest side of a page (ISO 32000-1, annex C.2)."""


def render(
    content: bytes, limits: tuple[int, int], to_png: ToPng, refused: Callable[..., Exception]
) -> list[bytes]:
    """Return a PNG of every page; raises *refused* for what is encrypted, active, too long or broken.

    *limits* are the most pages and the pixels of a picture's long side.
    """
    max_pages, long_side = limits
    if is_active(content):
        raise refused("active", "pdf")
    import pypdfium2  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
    from pypdfium2 import raw  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise refused("encrypted" if encrypted else "broken", "pdf") from None
    pages = len(document)
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise refused("encrypted", "pdf", pages)
    if _acts(document, raw):
        raise refused("active", "pdf", pages)
    if pages > max_pages:
        raise refused("too_many_pages", "pdf", pages)
    if pages == 0:
        raise refused("broken", "pdf")
    try:
        return [_picture(document[number], long_side, to_png) for number in range(pages)]
    except (pypdfium2.PdfiumError, ValueError):
        raise refused("broken", "pdf") from None


def is_active(content: bytes) -> bool:
    """Tell whether the bytes name an action, a script, a form that runs or an embedded file.

    A stream too long to be looked through counts as one: what is in its rest nobody knows.
    """
    plain = _unescaped(content)
    if _ACTIVE.search(plain) or _SHORT.search(_without_streams(plain)):
        return True
    return any(text is None or _ACTIVE.search(text) or _SHORT.search(text) for text in _hidden(content))


def _hidden(content: bytes) -> Iterator[bytes | None]:
    """Yield what the streams of objects hold, inflated; None when they are too long or too many."""
    left, view = _INFLATED, memoryview(content)
    for number, found in enumerate(_OBJECT_STREAM.finditer(content)):
        inflater = zlib.decompressobj()
        try:
            text = inflater.decompress(view[found.end() :], max(1, left))
        except zlib.error:
            text = b""
        left -= len(text)
        yield None if inflater.unconsumed_tail or number >= _MOST_STREAMS else _unescaped(text)


def _without_streams(content: bytes) -> bytes:
    """Return the bytes outside of streams, in one pass: an end that is missing is looked for once."""
    kept, at = [], 0
    while (begin := _STREAM.search(content, at)) and (end := content.find(_END, begin.end())) >= 0:
        kept.append(content[at : begin.start()])
        at = end + len(_END)
    return b"".join([*kept, content[at:]])


def _unescaped(content: bytes) -> bytes:
    """Return the bytes with ``#4A`` in names as the character that it stands for (ISO 32000-1, 7.3.5)."""
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)


def _acts(document: Any, raw: Any) -> bool:  # noqa: ANN401  a library without types
    return bool(
        raw.FPDFDoc_GetJavaScriptActionCount(document) > 0
        or raw.FPDFDoc_GetAttachmentCount(document) > 0
        or raw.FPDF_GetFormType(document) in _XFA_FORMS
    )


def _picture(page: Any, long_side: int, to_png: ToPng) -> bytes:  # noqa: ANN401
    width, height = page.get_size()
    if not (0 < width <= _MAX_POINTS and 0 < height <= _MAX_POINTS):
        raise ValueError
    scale = min(long_side / max(width, height), 300 / _POINTS)
    return to_png(page.render(scale=scale, may_draw_forms=False).to_pil(), long_side)
