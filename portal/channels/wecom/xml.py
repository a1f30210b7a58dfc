"""Reads WeCom's XML, which is one element with flat fields; definitions of entities are refused."""

from __future__ import annotations

from typing import Never
from xml.parsers import expat

from portal.channels.port import NotReadableError

_FIELD = 2
"""The depth of a field below the root."""


class _Fields:
    """Collects the texts of the fields directly below the root."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._depth = 0
        self._name = ""

    def start(self, name: str, _attributes: object) -> None:
        """Enter an element."""
        self._depth += 1
        if self._depth == _FIELD:
            self._name = name
            self.found[name] = ""

    def end(self, _name: str) -> None:
        """Leave an element."""
        self._depth -= 1

    def text(self, text: str) -> None:
        """Keep the text of a field."""
        if self._depth == _FIELD:
            self.found[self._name] += text


def fields(raw: bytes) -> dict[str, str]:
    """Return the fields of *raw* by name, the last one where a name stands twice.

    Raises:
        NotReadableError: it is no XML in UTF-8, or declares a document type (entities would follow).
    """
    collected, parser = _Fields(), expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = collected.start
    parser.EndElementHandler = collected.end
    parser.CharacterDataHandler = collected.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(raw, True)  # noqa: FBT003  the interface of expat
    except (expat.ExpatError, ValueError, LookupError):
        raise NotReadableError("xml") from None
    return collected.found


def _refuse(*_declaration: object) -> Never:
    raise NotReadableError("doctype")
