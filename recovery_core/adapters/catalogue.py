"""The words of everything but the chat itself: gettext catalogues, read once and strictly (Babel)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from recovery_core.notices.delivery import Channel, Template

LANGUAGES = ("en", "zh")


class CatalogueError(Exception):
    """Raised at the start when the catalogues are incomplete; its text lists keys, for the maintainer."""


class Catalogue:
    """All texts by key and language: ``<folder>/<language>/*.po``, where a message's id is its key.

    A text holds variables as ``{name}``. Every language has the same keys with the same variables, no text is
    empty or marked fuzzy and no key stands twice: anything else raises :class:`CatalogueError`.
    """

    def __init__(self, folder: Path, zone: str = "UTC") -> None:
        self._zone = ZoneInfo(zone)
        self._texts = {language: _read(folder / language) for language in LANGUAGES}
        problems = list(_differences(self._texts))
        if problems:
            raise CatalogueError("; ".join(problems))

    def keys(self) -> frozenset[str]:
        """Return every key."""
        return frozenset(self._texts[LANGUAGES[0]])

    def variables(self, key: str) -> frozenset[str]:
        """Return the names of the variables of *key*; raises KeyError for an unknown key."""
        return _variables(self._texts[LANGUAGES[0]][key])

    def text(self, key: str, language: str, **variables: str | int) -> str:
        """Return the text; raises KeyError for an unknown key or language or a variable that is missing."""
        return self._texts[language][key].format_map(variables)

    def render(
        self, channel: Channel, template: Template, variables: Mapping[str, str], language: str
    ) -> tuple[str, str]:
        """Return subject (mail only) and text; an order to a machine has neither.

        The values of ``time`` (ISO 8601), ``method`` (names joined by commas), ``channel`` and ``alert`` are
        put into words too.
        """
        if channel is Channel.SESSIONS:
            return "", ""
        said = {name: self._value(name, value, language) for name, value in variables.items()}
        key = f"{channel.value}.{template.value}"
        subject = self.text(f"{key}.subject", language, **said) if channel is Channel.MAIL else ""
        return subject, self.text(f"{key}.text", language, **said)

    def _value(self, name: str, value: str, language: str) -> str:
        if name == "time":
            return self._time(value, language)
        if name in ("method", "channel", "alert", "news"):
            parts = [self._name(name, part.strip(), language) for part in value.split(",")]
            return self.text("word.and", language).join(parts)
        return value

    def _name(self, kind: str, value: str, language: str) -> str:
        """Return the word for a code such as ``sms``; a code that has none stands for itself."""
        return self._texts[language].get(f"word.{kind}.{value}", value)

    def _time(self, value: str, language: str) -> str:
        moment = datetime.fromisoformat(value)
        pattern = self.text("word.time", language)
        return format_datetime(moment, pattern, tzinfo=self._zone, locale=language)


def _read(folder: Path) -> dict[str, str]:
    """Return the texts of one language; raises CatalogueError for what could not be used."""
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        for message in _messages(path):
            key, text = message.id, message.string
            if not isinstance(key, str) or not isinstance(text, str) or not text or message.fuzzy:
                raise CatalogueError(f"{path}: {key} has no usable text")
            if key in texts:
                raise CatalogueError(f"{path}: {key} stands twice")
            texts[key] = text
    if not texts:
        raise CatalogueError(f"{folder}: no texts")
    return texts


def _messages(path: Path) -> Iterator[Message]:
    try:
        with path.open("rb") as file:
            catalog = read_po(file, charset="utf-8", abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: not a catalogue") from error
    return (message for message in catalog if message.id)


def _differences(texts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Tell how the languages differ in keys and variables."""
    first, *others = LANGUAGES
    for language in others:
        for key in sorted(texts[first].keys() ^ texts[language].keys()):
            yield f"{key} is not in every language"
        for key in sorted(texts[first].keys() & texts[language].keys()):
            if _variables(texts[first][key]) != _variables(texts[language][key]):
                yield f"{key} has other variables in {language}"


def _variables(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
