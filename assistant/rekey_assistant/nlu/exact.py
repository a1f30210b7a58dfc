"""Find what has an exact form: addresses, phones, codes, references, editions, and the language."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rekey_assistant.nlu.normal import ADDRESS, CODE, PHONE, REFERENCE, language_of

LANGUAGES = ("en", "zh")
EDITIONS = {
    "standard": re.compile(r"标准版|標準版|\bstandard(?=\b)(?! time)", re.IGNORECASE),
    "premium": re.compile(r"尊享版|\bpremium\b", re.IGNORECASE),
    "group": re.compile(r"集团版|集團版|\bgroup(?= (?:edition|version|plan|one|:)|:)", re.IGNORECASE),
}


def find_entities(text: str) -> list[dict[str, Any]]:
    """Return the entities of exact form, none overlapping another, in the order of the text."""
    found: list[dict[str, Any]] = []
    rules = [("address", ADDRESS), ("reference", REFERENCE), ("phone", PHONE), ("code", CODE)]
    for name, pattern in rules:
        for match in pattern.finditer(text):
            value = match.group().upper() if name == "reference" else match.group()
            _add(found, name, value.rstrip(".-"), match)
    for value, pattern in EDITIONS.items():
        for match in pattern.finditer(text):
            _add(found, "edition", value, match)
    return sorted(found, key=lambda entity: int(entity["start"]))


def _add(found: list[dict[str, Any]], name: str, value: str, match: re.Match[str]) -> None:
    start, end = match.span()
    if all(end <= other["start"] or start >= other["end"] for other in found):
        found.append({"entity": name, "value": value, "start": start, "end": end, "confidence_entity": 1.0})


class _Extractor(GraphComponent, EntityExtractorMixin):
    """What both extractors share: no training, entities added to each message."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],  # noqa: ARG003  Rasa passes these by name
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> _Extractor:
        """Create the component; it has no settings."""
        return cls()

    def entities(self, message: Message) -> list[dict[str, Any]]:
        """Return the entities of one message."""
        raise NotImplementedError

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities to each message."""
        for message in messages:
            new = self.add_extractor_name(self.entities(message))
            message.set(ENTITIES, message.get(ENTITIES, []) + new, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: nothing here is learned."""
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ExactEntities(_Extractor):
    """Adds the entities ``address``, ``reference``, ``phone``, ``code`` and ``edition``."""

    def entities(self, message: Message) -> list[dict[str, Any]]:
        """Return the entities of exact form."""
        return find_entities(message.get(TEXT) or "")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageEntity(_Extractor):
    """Adds the entity ``language``: what the gateway says in the metadata, else the script of the text."""

    def entities(self, message: Message) -> list[dict[str, Any]]:
        """Return one entity, the language the answer shall have."""
        text = message.get(TEXT) or ""
        told = (message.get("metadata") or {}).get("language")
        language = told if told in LANGUAGES else language_of(text)
        return [
            {"entity": "language", "value": language, "start": 0, "end": len(text), "confidence_entity": 1.0}
        ]
