"""What the rules after the classifier share: settings, no training, and how a ranking is written."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message


class IntentRule(GraphComponent, IntentClassifier):
    """A component that may change the intent another component found."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the settings."""
        self.config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003  Rasa passes these by name
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> IntentRule:
        """Create the rule with its settings."""
        return cls(config)


def set_ranking(message: Message, ranking: list[dict[str, Any]]) -> None:
    """Write the ranking of intents into *message*, its first as the intent."""
    message.set(INTENT, ranking[0], add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


def ask_again(message: Message) -> None:
    """Put ``nlu_fallback`` before what was found, so that rekey asks instead of guessing."""
    ranking = message.get(INTENT_RANKING_KEY) or []
    doubt = 1.0 - (ranking[0]["confidence"] if ranking else 0.0)
    set_ranking(message, [{"name": "nlu_fallback", "confidence": doubt}, *ranking])
