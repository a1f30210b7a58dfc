"""Reads text out of pictures with RapidOCR, whose package carries its models; an optional extra (``ocr``)."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import threading
from typing import Any

_MIN_SCORE = 0.5
"""Lines that the model is less sure of say more about noise than about the document."""


class RapidReader:
    """Reads one picture at a time, in a thread; the models are loaded with the first one.

    It is given only pictures that a child process has encoded anew, never what a person sent.
    """

    def __init__(self) -> None:
        """Look once whether the extra is installed."""
        self._there = all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime"))
        self._lock = threading.Lock()
        self._engine: Any = None

    @property
    def available(self) -> bool:
        """Tell whether pictures can be read here."""
        return self._there

    async def read(self, picture: bytes) -> tuple[str, ...]:
        """Return the lines of text in the picture; empty when there are none or it cannot be read."""
        if not self._there:
            return ()
        try:
            return await asyncio.to_thread(self._read, picture)
        except Exception:  # noqa: BLE001  a reader that fails must not keep anybody from sending documents
            return ()

    def _read(self, picture: bytes) -> tuple[str, ...]:
        import numpy as np  # noqa: PLC0415  comes with the extra
        from PIL import Image  # noqa: PLC0415

        with self._lock:
            if self._engine is None:
                self._engine = _engine()
            with Image.open(io.BytesIO(picture), formats=["PNG"]) as image:
                found = self._engine(np.asarray(image.convert("RGB"))[:, :, ::-1])
        texts, scores = found.txts or (), found.scores or ()
        return tuple(text for text, score in zip(texts, scores, strict=True) if score >= _MIN_SCORE)


def _engine() -> Any:  # noqa: ANN401  a library without types
    from rapidocr import RapidOCR  # noqa: PLC0415

    return RapidOCR(params={"Global.log_level": "critical"})
