"""Mend Latin words that training has never seen: one slip of the finger, or spaces left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_SHORTEST = 4
"""Letters of a word that may be mended; shorter ones are one slip away from too many others."""
_ONE_LETTER = frozenset("ai")
_COMMON = -6.5
"""Weight (logarithm of the share of sentences) from which on a short word is what somebody meant."""
_LONG = 5
"""Letters from which on a part of a glued word may be a rare word, too."""
_CUT = -3.0
"""Weight of every space that was left out: two long words are likelier than four short ones."""
_SURE_PARTS = 2


def _shorter(word: str) -> Iterator[str]:
    """Yield *word* with each letter but the first left out: first letters are rarely mistyped."""
    return (word[:at] + word[at + 1 :] for at in range(1, len(word)))


class Spelling:
    """Knows the words of the training sentences and how frequent they are."""

    def __init__(self, words: Mapping[str, float]) -> None:
        """Take the known *words* with the logarithm of the share of sentences that hold them."""
        self._words = dict(words)
        self._longest = max(map(len, words), default=0)
        self._near: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= _SHORTEST - 1:
                for form in {word, *_shorter(word)}:
                    self._near.setdefault(form, []).append(word)

    def mend(self, prepared: str) -> str:
        """Return a normalised sentence with unknown Latin words replaced by known ones where one is near."""
        return _WORD.sub(lambda found: self._mended(found.group()), prepared)

    def _mended(self, word: str) -> str:
        if len(word) < _SHORTEST or word in self._words:
            return word
        parts, near = self._parted(word), self._nearest(word)
        if parts and (near is None or len(parts) == _SURE_PARTS):
            return " ".join(parts)
        return near or word

    def _nearest(self, word: str) -> str | None:
        """Return the most frequent known word one letter away: missing, doubled, wrong or swapped.

        A wrong letter counts in long words alone; "admit" is not meant to be "admin".
        """
        forms = {word, *_shorter(word)}
        known = {one for form in forms for one in self._near.get(form, ()) if self._weight(one) is not None}
        near = [
            one for one in known if len(word) > _LONG or len(one) != len(word) or _same_letters(one, word)
        ]
        return max(near, key=lambda one: (self._words[one], one), default=None)

    def _parted(self, word: str) -> list[str] | None:
        """Return the known words that *word* is made of, the likeliest way; None where none makes it all."""
        best: list[tuple[float, int] | None] = [(0.0, 0)] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - self._longest), end):
                before, weight = best[start], self._weight(word[start:end])
                if before is not None and weight is not None:
                    found = (before[0] + weight + _CUT, start)
                    best[end] = max(best[end] or found, found)
        return _path(word, best)

    def _weight(self, part: str) -> float | None:
        """Return how frequent a word is; None for what is no word, or too rare to be meant."""
        if len(part) == 1 and part not in _ONE_LETTER:
            return None
        weight = self._words.get(part)
        return None if weight is None or (weight < _COMMON and len(part) < _LONG) else weight


def _same_letters(one: str, other: str) -> bool:
    return sorted(one) == sorted(other)


def _path(word: str, best: list[tuple[float, int] | None]) -> list[str] | None:
    parts, end = [], len(word)
    while end:
        step = best[end]
        if step is None:
            return None
        parts.append(word[step[1] : end])
        end = step[1]
    return parts[::-1]
