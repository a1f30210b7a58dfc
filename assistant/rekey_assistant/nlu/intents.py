"""Rasa components around the intent model: learning, reading, and address-only messages."""

# ruff: noqa: ANN401  Rasa and scikit-learn give no usable types here
from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rekey_assistant.nlu.belief import READINGS
from rekey_assistant.nlu.clauses import parts
from rekey_assistant.nlu.intent_model import Concepts, IntentModel, Reading, learn
from rekey_assistant.nlu.normal import ADDRESS, HAN, has_words, language_of, normalise
from rekey_assistant.nlu.rule import IntentRule, ask_again, set_ranking

_ABOUT_ADDRESS = re.compile(
    r"[\s,，。.!！:：?？;；'\"()（）<>-]+|"
    r"\b(?:hi|hello|sure|ok|okay|yes|so|well|it'?s|it|is|its|that'?s|that|this|here|the|my|mine|our|work|company|address|"
    r"e-?mail|mail|mailbox|account|user|name|would|be|called|use|i'?m|am|i|please|thanks|thank|you|under|with)\b|"
    r"我的|我|的|是|就是|用的|邮箱|地址|账号|帐号|账户|企业|公司|工作|好的|好|嗯|谢谢|您|你|这个|叫|为|为了"
)


def _ranked(ranking: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": confidence} for name, confidence in ranking]


def concepts_of(training_data: TrainingData, language: str) -> Concepts:
    """Join the lines of every concept in the training data into one pattern.

    A line with Han characters finds nothing in an English sentence and would only take time there.
    """
    patterns: dict[str, list[str]] = {}
    for feature in training_data.regex_features:
        if language == "zh" or not HAN.search(feature["pattern"]):
            patterns.setdefault(feature["name"], []).append(feature["pattern"])
    return {name: "|".join(lines) for name, lines in patterns.items()}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LanguageIntentClassifier(GraphComponent, IntentClassifier):
    """Keeps one :class:`IntentModel` for each language and asks the one of the script of the message."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Prepare an untrained classifier."""
        self._config, self._storage, self._resource = config, storage, resource
        self.models: dict[str, IntentModel] = {}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the strength of the regression (scikit-learn's C)."""
        return {"strength": 8.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003  Rasa passes it by name
    ) -> LanguageIntentClassifier:
        """Create an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit one model for each language and store them."""
        groups: dict[str, tuple[list[str], list[str]]] = {}
        for example in training_data.intent_examples:
            prepared = normalise(example.get(TEXT))
            texts, intents = groups.setdefault(language_of(prepared), ([], []))
            texts.append(prepared)
            intents.append(example.get(INTENT))
        # A process each: liblinear has one source of chance for all threads, who would not learn alike twice.
        with ProcessPoolExecutor(len(groups) or 1) as processes:
            learning = {
                language: processes.submit(
                    learn, texts, intents, concepts_of(training_data, language), self._config["strength"]
                )
                for language, (texts, intents) in groups.items()
            }
            self.models = {language: future.result() for language, future in learning.items()}
        with self._storage.write_to(self._resource) as folder:
            for language, model in self.models.items():
                model.save(folder / language)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> LanguageIntentClassifier:
        """Load the stored models."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component.models = {path.stem: IntentModel.load(path) for path in folder.glob("*.json")}
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message its ranking of intents."""
        for message in messages:
            readings = self.read(message.get(TEXT) or "")
            message.set(READINGS, readings)
            nothing = [("out_of_scope", 1.0)]
            set_ranking(message, _ranked(readings[0][1].ranking if readings else nothing))
        return messages

    def read(self, text: str) -> list[tuple[str, Reading]]:
        """Return what the models make of *text* and, where it has several, of its parts."""
        found = []
        for part in [text, *parts(text)] if text.strip() else []:
            prepared = normalise(part)
            language = language_of(prepared)
            if language in self.models:
                found.append((language, self.models[language].read(prepared)))
        return found


def only_an_address(text: str) -> bool:
    """Tell whether *text* is one address and nothing but the words around an address."""
    rest, count = ADDRESS.subn(" ", text)
    return count > 0 and not _ABOUT_ADDRESS.sub("", rest.lower()).strip()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AddressOnly(IntentRule):
    """Names a message ``give_address`` when it holds an address and nothing else that says something."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Rewrite the intent of messages that are only an address."""
        for message in messages:
            if only_an_address(message.get(TEXT) or ""):
                set_ranking(message, [{"name": "give_address", "confidence": 1.0}])
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Wordless(IntentRule):
    """Asks again where nothing is said: "?", "..." or a lone number may be meant in any way."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Put the fallback before the intent of messages without a word."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text.strip() and not has_words(text):
                ask_again(message)
        return messages
