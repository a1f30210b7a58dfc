"""The optional reader of texts."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from recovery_core.adapters.ocr import RapidReader
from recovery_core.evidence.evidence import Claim
from recovery_core.evidence.ports import TextReader
from recovery_core.evidence.precheck import compare
from tests.evidence_samples import picture

INSTALLED = importlib.util.find_spec("rapidocr") is not None
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
LICENCE = ("营业执照", "统一社会信用代码 91330100MA2DEMA01A", "名称 示例科技有限公司")


def licence() -> bytes:
    """Return a picture of the words of a licence."""
    image, written = Image.new("RGB", (1000, 700), "white"), io.BytesIO()
    for number, line in enumerate(LICENCE):
        font = ImageFont.truetype(FONT, 48)
        ImageDraw.Draw(image).text((60, 80 + 150 * number), line, font=font, fill="black")
    image.save(written, "PNG")
    return written.getvalue()


async def test_without_the_extra_nothing_is_read() -> None:
    """R17: where the library is not installed the reader says so and reads nothing."""
    reader: TextReader = RapidReader()

    assert reader.available is INSTALLED
    if not INSTALLED:
        assert await reader.read(picture("PNG")) == ()


@pytest.mark.skipif(not (INSTALLED and FONT.exists()), reason="the extra 'ocr' and a Chinese font")
async def test_a_licence_is_read() -> None:
    """R17: name and code are found on a picture; an empty one, and one that is none, have no text."""
    reader = RapidReader()

    lines = await reader.read(licence())

    assert compare(lines, Claim("示例科技有限公司", "91330100MA2DEMA01A", "new@private.example")) == ()
    assert await reader.read(picture("PNG")) == ()
    assert await reader.read(b"no picture") == ()
