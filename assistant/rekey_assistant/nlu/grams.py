"""Cut a normalised sentence into the features that the intent model counts."""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[^\W\d_]|[?!？！]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = 3
_LETTERS = (2, 3, 4)


def word_grams(prepared: str) -> list[str]:
    """Return the runs of one to three words; a Han character is a word."""
    words = _WORD.findall(prepared)
    starts = range(len(words))
    longer = [
        " ".join(words[at : at + size])
        for size in range(2, _WORDS + 1)
        for at in starts[: len(words) - size + 1 if len(words) >= size else 0]
    ]
    return words + longer


def letter_grams(prepared: str) -> list[str]:
    """Return the runs of two to four letters within each word, the spaces around it included."""
    found: list[str] = []
    for word in prepared.split():
        padded = f" {word} "
        for size in _LETTERS:
            found += [padded[at : at + size] for at in range(max(1, len(padded) - size + 1))]
            if len(padded) <= size:
                break
    return found


def bricks(words: list[str]) -> list[str]:
    """Return of the :func:`word_grams` those by which a sentence is familiar or strange.

    Pairs of Han characters where there are any, else the words of more than one letter.
    """
    if any(_HAN.match(word) for word in words):
        return [gram for gram in words if gram.count(" ") == 1]
    return [gram for gram in words if " " not in gram and len(gram) > 1]
