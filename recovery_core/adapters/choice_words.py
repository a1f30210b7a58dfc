"""The words of typed choices, read from the catalogues of every language."""

from __future__ import annotations

from itertools import count, takewhile

from recovery_core.adapters.catalogue import LANGUAGES, Catalogue
from recovery_core.conversations.choosing import Vocabulary
from recovery_core.messages import Button


def vocabulary(catalogue: Catalogue) -> Vocabulary:
    """Return the vocabulary of ``choice.<button>``, ``choice.place.<n>`` and ``choice.small``.

    Raises KeyError for a button without words.
    """
    keys = catalogue.keys()
    places = takewhile(keys.__contains__, (f"choice.place.{number}" for number in count(1)))
    return Vocabulary.of(
        {button.value: _words(catalogue, f"choice.{button.value}") for button in Button},
        [_words(catalogue, key) for key in places],
        _words(catalogue, "choice.small"),
    )


def _words(catalogue: Catalogue, key: str) -> list[str]:
    return [word for language in LANGUAGES for word in catalogue.text(key, language).split("|")]
