"""Decide what to believe of what was read: enough evidence, enough certainty, one of several problems."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from rekey_assistant.nlu.clauses import STORY
from rekey_assistant.nlu.intent_model import Reading
from rekey_assistant.nlu.rule import IntentRule, ask_again, set_ranking

_CERTAIN = 0.97
"""What is this likely is believed however strange its words are."""
READINGS = "readings"
"""Where the classifier leaves what it read: the whole message first, then its clauses."""
Sets = dict[str, list[str]]
Read = tuple[str, Reading]
"""A language, and what its model makes of a message or of one of its clauses."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A task that is believed, and how likely it is."""

    intent: str
    confidence: float


def supported(intent: str, concepts: frozenset[str], sets: Sets) -> bool:
    """Tell whether one of the sets of concepts listed for *intent* lies within *concepts*."""
    return any(concepts.issuperset(needed.split()) for needed in sets.get(intent, []))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Belief(IntentRule):
    """Turns what is not believed into ``nlu_fallback``, so that rekey asks instead of guessing.

    Letters and words alone make a classifier over-sure: "ring my phone" looks like a lost phone. A task needs
    a higher probability the less the sentence names what it is about. ``evidence`` lists the sets of concepts
    that suffice for ``task``, ``weak`` those that suffice for ``weak_task``; without any it must reach
    ``bare_task``, and ``beside`` where something else is named too; ``strange`` is added for words that no
    sentence of a task uses, in proportion to their share. ``order`` says which of several problems
    is solved first; a clause names a problem at ``clause``, and where the whole message gives it ``whole``
    as well. In a story of many sentences the problem is what its sentences name most.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return settings that believe everything likely."""
        return {
            "evidence": {},
            "weak": {},
            "task": 0.5,
            "strange": {"en": 0.0, "zh": 0.0},
            "weak_task": 0.7,
            "bare_task": 0.85,
            "beside": 0.7,
            "others": [],
            "other": 0.3,
            "clause": 0.75,
            "whole": 0.1,
            "order": [],
        }

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge each message that a rule before this one has not decided."""
        for message in messages:
            readings: list[Read] = message.get(READINGS) or []
            ranking = message.get(INTENT_RANKING_KEY) or []
            if readings and ranking[0]["name"] == readings[0][1].ranking[0][0]:
                self._judge(message, readings)
        return messages

    def _judge(self, message: Message, readings: list[Read]) -> None:
        name, confidence = readings[0][1].ranking[0]
        believed = _Heard(name, confidence) if self._believes(readings[0]) else None
        chosen = self._of_story(readings[1:]) if len(readings) > STORY else None
        likely = {intent for intent, chance in readings[0][1].ranking if chance >= self.config["whole"]}
        chosen = chosen or self._first(believed, readings[1:], likely)
        if chosen is None:
            ask_again(message)
        elif chosen.intent != name:
            rest = [one for one in message.get(INTENT_RANKING_KEY) if one["name"] != chosen.intent]
            set_ranking(message, [{"name": chosen.intent, "confidence": chosen.confidence}, *rest])

    def _believes(self, read: Read) -> bool:
        language, reading = read
        intent, confidence = reading.ranking[0]
        if intent not in self.config["evidence"]:
            return bool(confidence >= self.config["other"])
        least = self._least(intent, reading, language)
        return bool(confidence >= min(least, _CERTAIN))

    def _least(self, intent: str, reading: Reading, language: str) -> float:
        """Return the probability from which on a task is believed."""
        least: float = self.config["bare_task"]
        if supported(intent, reading.concepts, self.config["evidence"]):
            least = self.config["task"]
        elif supported(intent, reading.concepts, self.config["weak"]):
            least = self.config["weak_task"]
        if not reading.concepts.isdisjoint(self.config["others"]):
            least = max(least, self.config["beside"])
        return least + float(self.config["strange"][language]) * reading.strangeness

    def _problem(self, read: Read) -> _Heard | None:
        """Return the task that a clause names beyond doubt."""
        clause = read[1]
        intent, confidence = clause.ranking[0]
        named = supported(intent, clause.concepts, self.config["evidence"])
        other = not clause.concepts.isdisjoint(self.config["others"])
        sure = confidence >= self.config["clause"] and self._believes(read)
        return _Heard(intent, confidence) if named and sure and not other else None

    def _first(self, believed: _Heard | None, clauses: list[Read], likely: set[str]) -> _Heard | None:
        """Return of the problems named the one that is solved first, or what the whole message says.

        A clause torn out of its message may say something else, so its problem must be *likely* there too.
        """
        order = self.config["order"]
        if believed is not None and believed.intent not in order:
            return believed
        named = [one for one in map(self._problem, clauses) if one and one.intent in likely]
        problems = [one for one in [believed, *named] if one and one.intent in order]
        return min(problems, key=lambda one: order.index(one.intent), default=believed)

    def _of_story(self, sentences: list[Read]) -> _Heard | None:
        """Return what a story is about: the task its sentences name most, in order if there are several."""
        told = [one for one in map(self._told, sentences) if one]
        weights: defaultdict[str, float] = defaultdict(float)
        for one in told:
            weights[one.intent] += one.confidence
        most = max(weights.values(), default=0.0)
        order = [*self.config["order"], *weights]
        often = [one for one in told if weights[one.intent] > most / 2]
        return min(often, key=lambda one: order.index(one.intent), default=None)

    def _told(self, sentence: Read) -> _Heard | None:
        """Return the task of a sentence, if it names one and is believed."""
        reading = sentence[1]
        intent, confidence = reading.ranking[0]
        sets = (self.config["evidence"], self.config["weak"])
        named = any(supported(intent, reading.concepts, some) for some in sets)
        return _Heard(intent, confidence) if named and self._believes(sentence) else None
