"""Believe a task only when the sentence names what the task is about."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from rekey_assistant.nlu.intents import CONCEPTS
from rekey_assistant.nlu.rule import IntentRule, ask_again

Sets = dict[str, list[str]]


def supported(intent: str, concepts: set[str], sets: Sets) -> bool:
    """Tell whether one of the sets of concepts listed for *intent* lies within *concepts*."""
    return any(set(needed.split()) <= concepts for needed in sets.get(intent, []))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class NeedsEvidence(IntentRule):
    """Turns a task into ``nlu_fallback`` when no listed set of concepts is in the sentence.

    Letters and words alone make a classifier over-sure: "ring my phone" looks like a lost phone.
    ``evidence`` lists the sets that suffice for each task, ``weak`` further sets that suffice when the
    classifier is surer than ``sure``.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return settings that let everything pass."""
        return {"evidence": {}, "weak": {}, "sure": 0.8}

    def process(self, messages: list[Message]) -> list[Message]:
        """Ask again about tasks that the sentence does not support."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            concepts = set(message.get(CONCEPTS) or [])
            if ranking and not self._believes(ranking[0]["name"], ranking[0]["confidence"], concepts):
                ask_again(message)
        return messages

    def _believes(self, intent: str, confidence: float, concepts: set[str]) -> bool:
        if intent not in self.config["evidence"] or supported(intent, concepts, self.config["evidence"]):
            return True
        return confidence >= self.config["sure"] and supported(intent, concepts, self.config["weak"])
