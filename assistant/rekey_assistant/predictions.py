"""Remember what the rules predicted after the same last steps of a conversation.

RulePolicy compares its rules with the last states of a conversation, as many as its longest rule has. Those
states are made of the intents, entities and actions of the last turns and of nothing else as long as no slot
influences the conversation, no loop runs and nothing was taken back. When such a prediction is certain (1.0)
it is also the ensemble's: no other policy of ours has RulePolicy's priority. So the same steps lead to the
same prediction. Everything else asks Rasa.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from rekey_assistant.repair import twin

AT_MOST = 4096
"""Predictions that are remembered."""


@dataclass
class Memory:
    """Predictions by the last steps of a conversation; with a *depth* of None nothing is remembered.

    *depth* is the number of states that the longest rule compares.
    """

    depth: int | None
    featurised: frozenset[str] = frozenset()
    _known: OrderedDict[Hashable, PolicyPrediction] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, processor: MessageProcessor) -> Memory:
        """Return the memory for the model of *processor*."""
        slots = frozenset(slot.name for slot in processor.domain.slots if slot.influence_conversation)
        return cls(_depth(_policies(processor)), slots)

    def predict(self, tracker: DialogueStateTracker, ask: Callable[[], PolicyPrediction]) -> PolicyPrediction:
        """Return the prediction for *tracker*, from :attr:`_known` or from *ask*."""
        steps = self.steps(tracker)
        if steps is None:
            return ask()
        known = self._known.get(steps)
        if known is not None:
            self._known.move_to_end(steps)
            return _fresh(known)
        found = ask()
        if _is_certain(found):
            self._known[steps] = _fresh(found)
            if len(self._known) > AT_MOST:
                self._known.popitem(last=False)
        return found

    def steps(self, tracker: DialogueStateTracker) -> Hashable | None:
        """Return what the last states of *tracker* are made of, or None where that is not all."""
        if self.depth is None or tracker.followup_action or tracker.active_loop:
            return None
        steps: list[Hashable] = []
        actions, said = 0, False
        for event in reversed(tracker.events):
            kind = type(event)
            if kind is ActionExecuted:
                # The oldest state lies before the last but one of these actions; it holds what was said last.
                if actions >= self.depth and said:
                    return tuple(steps)
                actions, said = actions + 1, False
            elif kind is SessionStarted:
                break
            elif kind not in _STEPS or (kind is SlotSet and event.key in self.featurised):
                return None
            said = said or kind is UserUttered
            taken = _STEPS[kind]
            if taken is not None:
                steps.append(taken(event))
        return (*steps, "start")


def _said(event: UserUttered) -> Hashable:
    entities = frozenset([(e.get("entity"), e.get("role"), e.get("group")) for e in event.entities])
    return event.intent_name, bool(event.text), event.use_text_for_featurization, entities


_STEPS: dict[type[Event], Callable[[Any], Hashable] | None] = {
    ActionExecuted: lambda event: (event.action_name, event.action_text),
    UserUttered: _said,
    DefinePrevUserUtteredFeaturization: lambda event: event.use_text_for_featurization,
    BotUttered: None,
    SlotSet: None,
}
"""What a state takes from each kind of event: nothing of bot and slot."""


def _is_certain(prediction: PolicyPrediction) -> bool:
    by_rule = prediction.policy_name == RulePolicy.__name__ and not prediction.is_end_to_end_prediction
    return by_rule and prediction.max_confidence == 1.0


def _fresh(prediction: PolicyPrediction) -> PolicyPrediction:
    """Return a copy whose lists and events may be changed."""
    made = twin(prediction)
    made.probabilities = list(prediction.probabilities)
    made.events = [twin(event) for event in prediction.events]
    return made


def _policies(processor: MessageProcessor) -> list[Any]:
    nodes = processor.graph_runner._instantiated_nodes.values()  # noqa: SLF001
    components = [node._component for node in nodes]  # noqa: SLF001
    return [one for one in components if isinstance(one, Policy)]


def _depth(policies: list[Any]) -> int | None:
    """Return the number of states in the longest rule, or None where the policies are not ours alone."""
    rules = [one for one in policies if type(one) is RulePolicy]
    others = [one for one in policies if type(one) is not RulePolicy]
    if len(rules) != 1 or any(
        type(one) is not MemoizationPolicy or one.priority >= rules[0].priority for one in others
    ):
        return None
    keys = [json.loads(key) for lookup in _lookups(rules[0]) for key in lookup]
    if any("text" in state.get("user", {}) for states in keys for state in states):
        return None
    return max((len(states) for states in keys), default=1)


def _lookups(policy: RulePolicy) -> list[Any]:
    return [policy.lookup[name] for name in ("rules", "rules_for_loop_unhappy_path")]
