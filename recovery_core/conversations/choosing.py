"""A choice that is typed instead of pressed: "sms", "the second one", 短信, 选第一个.

Only a line that holds nothing but words of one choice and small words around them chooses. Everything else
("I get no sms", 短信收不到) goes to the assistant, which understands sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recovery_core.conversations.text import fold

MAX_CHOICE = 60
"""Characters, in compatibility form, of the longest line that may be a choice."""

_SILENT = frozenset("'’`")
"""Taken out before words are compared: don't, dont."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name buttons, a place in the list (from 1), or nothing: then they are *small*, or both."""

    names: frozenset[str] = frozenset()
    place: int | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Meant:
    """The phrases of a line that may be a choice; which one it is depends on what is offered."""

    phrases: Sequence[Phrase]

    def among(self, offered: Sequence[str]) -> str | None:
        """Return the one button of *offered*, in their order, that is meant; None for none or several."""
        meant: set[str] | None = None
        for phrase in self.phrases:
            place = phrase.place
            named = set(offered[place - 1 : place]) if place else set(offered) & phrase.names
            if named or not phrase.small:
                meant = named if meant is None else meant & named
        return meant.pop() if meant and len(meant) == 1 else None


@dataclass(frozen=True)
class Vocabulary:
    """The words that choose, in every language at once: people mix them."""

    phrases: Mapping[str, Phrase] = field(default_factory=dict)
    """Each phrase in compatibility form and lower case, without signs."""
    longest: int = 0
    """Characters of the longest phrase."""

    @classmethod
    def of(
        cls, choices: Mapping[str, Iterable[str]], places: Sequence[Iterable[str]], small: Iterable[str]
    ) -> Vocabulary:
        """Return the vocabulary of *choices* (phrases by button) and *places* (of the first, the second …).

        *small* words may stand around a choice.
        """
        named: dict[str, set[str]] = {}
        for name, words in choices.items():
            for word in words:
                named.setdefault(_plain(word), set()).add(name)
        placed = {_plain(word): place for place, words in enumerate(places, 1) for word in words}
        around = {_plain(word) for word in small}
        phrases = {
            word: Phrase(frozenset(named.get(word, ())), placed.get(word), word in around)
            for word in named.keys() | placed.keys() | around
        }
        return cls(phrases, max(map(len, phrases)))

    def meant(self, text: str) -> Meant | None:
        """Return what *text* may choose; None where a word of it is neither a choice nor small."""
        line = _plain(text)
        if len(line) > MAX_CHOICE:
            return None
        found = list(self._read(line))
        chooses = [phrase for phrase in found if phrase is not None and (phrase.names or phrase.place)]
        return Meant(chooses) if chooses and None not in found else None

    def _read(self, line: str) -> Iterator[Phrase | None]:
        """Yield the phrases of the line from left to right, the longest first; None for what is none."""
        at = 0
        while at < len(line):
            if line[at] == " ":
                at += 1
                continue
            end = self._end(line, at)
            if end is None:
                yield None
                return
            yield self.phrases[line[at:end]]
            at = end

    def _end(self, line: str, start: int) -> int | None:
        for end in range(min(len(line), start + self.longest), start, -1):
            if line[start:end] in self.phrases and not _inside_word(line, end):
                return end
        return None


NO_CHOICES = Vocabulary()
"""Understands no typed choice."""


def _plain(text: str) -> str:
    """Return *text* in compatibility form and lower case, its signs as single blanks."""
    kept = (char for char in fold(text).text.casefold() if char not in _SILENT)
    return " ".join("".join(char if char.isalnum() else " " for char in kept).split())


def _inside_word(line: str, at: int) -> bool:
    """Tell whether a word that is written with blanks around it goes on at *at*."""
    return at < len(line) and _spaced(line[at - 1]) and _spaced(line[at])


def _spaced(char: str) -> bool:
    return char.isascii() and char.isalnum()
