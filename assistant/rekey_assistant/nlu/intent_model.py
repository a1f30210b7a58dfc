"""Understand by statistics: n-grams and concepts of one language, weighed by logistic regression.

scikit-learn learns the weights (:func:`learn`); a sentence is then weighed without it, because building
sparse matrices for one sentence takes ten times as long as the sum. Both ways give the same chances.
"""

# ruff: noqa: ANN401  scikit-learn gives no usable types here
from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from rekey_assistant.nlu.grams import bricks, letter_grams, word_grams
from rekey_assistant.nlu.spelling import Spelling

Concepts = dict[str, str]
_LATIN = re.compile(r"[a-z']+")
_MEANING_WEIGHT = 0.5
_NO_TASK = frozenset(
    {"affirm", "deny", "greet", "goodbye", "thanks", "cancel", "help", "give_address", "out_of_scope"}
)
_LONGEST = 12
_RAREST = 3
_BENEFIT = 2
"""Familiar words that every sentence is granted: one strange word does not make a short one strange."""


class Meanings:
    """Finds what a sentence is about: its concepts, their pairs, and how long it is."""

    def __init__(self, concepts: Concepts) -> None:
        """Look for the patterns of *concepts*; a Han character ends a Latin word as a space does."""
        self._patterns = [(name, re.compile(pattern, re.ASCII)) for name, pattern in concepts.items()]

    def tags(self, prepared: str) -> list[str]:
        """Return the names of the concepts found in a normalised sentence."""
        return [name for name, pattern in self._patterns if pattern.search(prepared)]

    def __call__(self, prepared: str) -> list[str]:
        """Return the features of a normalised sentence."""
        return self.features(prepared, self.tags(prepared))

    @staticmethod
    def features(prepared: str, tags: list[str]) -> list[str]:
        """Return the features of a sentence whose concepts are known."""
        pairs = [f"{one}+{other}" for one, other in combinations(tags, 2)]
        length = len(re.findall(r"[a-z']+|[\u3400-\u9fff]", prepared))
        return [*tags, *pairs, f"count{min(len(tags), 5)}", f"size{min(length, _LONGEST) // 3}"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of a sentence."""

    ranking: list[tuple[str, float]]
    """All intents with their probabilities, the likeliest first."""
    concepts: frozenset[str]
    strangeness: float
    """The share (0 to 1) of its words that no sentence within the scope uses, lower for short sentences."""


@dataclass(frozen=True)
class IntentModel:
    """What was learned of one language: the weight of each feature for each intent."""

    concepts: Concepts
    intents: list[str]
    terms: list[list[str]]
    """The known features: runs of words, runs of letters, meanings; their order is that of the weights."""
    rarity: Any
    """How rare each feature is: idf, and a constant for meanings."""
    weights: Any
    """A row of weights for each feature, and a last row that every sentence adds."""
    familiar: frozenset[str]
    """The bricks (:func:`bricks`) that sentences within rekey's scope are made of."""

    @cached_property
    def meanings(self) -> Meanings:
        """Return the finder of concepts."""
        return Meanings(self.concepts)

    @cached_property
    def spelling(self) -> Spelling:
        """Return the mender of words; rarer words weigh less (idf is the negative logarithm of the share)."""
        pairs = zip(self.terms[0], self.rarity, strict=False)
        return Spelling({term: 1.0 - float(idf) for term, idf in pairs if _LATIN.fullmatch(term)})

    @cached_property
    def _places(self) -> list[dict[str, int]]:
        start, places = 0, []
        for terms in self.terms:
            places.append({term: start + at for at, term in enumerate(terms)})
            start += len(terms)
        return places

    def read(self, normalised: str) -> Reading:
        """Return all intents with their probabilities, the concepts named, and how strange the words are."""
        prepared = self.spelling.mend(normalised)
        tags, words = self.meanings.tags(prepared), word_grams(prepared)
        parts = [
            self._tfidf(0, words),
            self._tfidf(1, letter_grams(prepared)),
            self._binary(2, self.meanings.features(prepared, tags)),
        ]
        sums = self.weights[-1].astype(float)
        for places, values in parts:
            sums += values @ self.weights.take(places, 0)
        chances = 1.0 / (1.0 + np.exp(-sums))
        chances /= chances.sum()
        order, certain = np.argsort(-chances).tolist(), chances.tolist()
        ranking = [(self.intents[at], certain[at]) for at in order]
        return Reading(ranking, frozenset(tags), self._strangeness(words))

    def _strangeness(self, words: list[str]) -> float:
        found = bricks(words)
        return sum(brick not in self.familiar for brick in found) / (len(found) + _BENEFIT)

    def _tfidf(self, kind: int, grams: Iterable[str]) -> tuple[Any, Any]:
        known = self._places[kind]
        counts = {known[gram]: count for gram, count in Counter(grams).items() if gram in known}
        places = np.fromiter(counts, np.intp, len(counts))
        values = (1.0 + np.log(np.fromiter(counts.values(), float, len(counts)))) * self.rarity.take(places)
        length = np.sqrt(values @ values)
        return places, values / length if length else values

    def _binary(self, kind: int, grams: Iterable[str]) -> tuple[Any, Any]:
        known = self._places[kind]
        places = np.array([known[gram] for gram in grams if gram in known], np.intp)
        return places, self.rarity.take(places)

    def save(self, stem: Path) -> None:
        """Write ``<stem>.json`` and ``<stem>.npz``; neither can run anything when it is read."""
        words = {
            "concepts": self.concepts,
            "intents": self.intents,
            "terms": self.terms,
            "familiar": sorted(self.familiar),
        }
        stem.with_suffix(".json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        np.savez(stem.with_suffix(".npz"), rarity=self.rarity, weights=self.weights)

    @classmethod
    def load(cls, stem: Path) -> IntentModel:
        """Read what :meth:`save` wrote."""
        words = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(stem.with_suffix(".npz"), allow_pickle=False) as arrays:
            words["familiar"] = frozenset(words["familiar"])
            return cls(**words, rarity=arrays["rarity"], weights=arrays["weights"])


def vectorizers(concepts: Concepts) -> list[Any]:
    """Return scikit-learn's counters of words, letters and meanings, not yet fitted."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer  # noqa: PLC0415  only to learn

    def counting(analyzer: Callable[[str], list[str]], **options: Any) -> Any:
        return TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, **options)

    meanings = CountVectorizer(analyzer=Meanings(concepts), binary=True, dtype=np.float64)
    return [counting(word_grams), counting(letter_grams, min_df=_RAREST), meanings]


def regression(strength: float) -> Any:
    """Return scikit-learn's classifier, not yet fitted; *strength* is its C."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  only to learn

    return LogisticRegression(
        C=strength,
        solver="liblinear",
        dual=True,
        class_weight="balanced",
        max_iter=200,
        tol=1.0,
        random_state=0,
    )


def matrix(parts: Sequence[Any]) -> Any:
    """Join the counts of words, letters and meanings into one row for each sentence."""
    from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415  only to learn

    words, letters, meanings = parts
    return csr_matrix(hstack([words, letters, meanings * _MEANING_WEIGHT]))


def learn(
    prepared: Sequence[str], intents: Sequence[str], concepts: Concepts, strength: float
) -> IntentModel:
    """Learn from labelled sentences of one language, normalised."""
    counters, classifier = vectorizers(concepts), regression(strength)
    classifier.fit(matrix([counter.fit_transform(prepared) for counter in counters]), intents)
    terms = [[str(term) for term in counter.get_feature_names_out()] for counter in counters]
    constant = np.full(len(terms[2]), _MEANING_WEIGHT)
    rarity = np.concatenate([counters[0].idf_, counters[1].idf_, constant])
    # A feature's weights lie together; single precision halves them and moves the seventh digit of a chance.
    weights = np.ascontiguousarray(np.vstack([classifier.coef_.T, classifier.intercept_]), np.float32)
    names = [str(name) for name in classifier.classes_]
    return IntentModel(concepts, names, terms, rarity, weights, _familiar(prepared, intents))


def _familiar(prepared: Sequence[str], intents: Sequence[str]) -> frozenset[str]:
    """Return the bricks that several sentences of one of rekey's tasks hold."""
    inside = (text for text, intent in zip(prepared, intents, strict=True) if intent not in _NO_TASK)
    counts = Counter(brick for text in inside for brick in set(bricks(word_grams(text))))
    return frozenset(brick for brick, count in counts.items() if count >= _RAREST)
