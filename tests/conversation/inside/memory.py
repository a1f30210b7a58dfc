"""What a prediction is remembered by, and what stays of a conversation.

Run by the assistant's interpreter.
"""

from __future__ import annotations

from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rekey_assistant.predictions import Memory
from rekey_assistant.recent import KEPT, recent

LISTEN = "action_listen"
SLOTS = [TextSlot("language", [], influence_conversation=False), TextSlot("mood", [])]


def said(intent: str, entity: str = "phone") -> UserUttered:
    """Return what a person said."""
    return UserUttered("x", {"name": intent, "confidence": 0.9}, [{"entity": entity, "value": "1"}])


def turn(intent: str, action: str = "action_a") -> list[Event]:
    """Return a whole turn."""
    return [
        said(intent),
        SlotSet("language", "zh"),
        ActionExecuted(action),
        BotUttered("y"),
        ActionExecuted(LISTEN),
    ]


def tracker(*events: Event) -> DialogueStateTracker:
    """Return the conversation of *events*."""
    return DialogueStateTracker.from_events("one", [ActionExecuted(LISTEN), *events], SLOTS)


def steps_reach_as_far_as_the_rules() -> None:
    """With two states the turn before counts, the turns before that do not."""
    memory = Memory(2)
    base = memory.steps(tracker(*turn("a"), *turn("b"), said("c")))
    assert base == memory.steps(tracker(*turn("z"), *turn("b"), BotUttered("z"), said("c")))
    for other in (
        (*turn("a"), *turn("z"), said("c")),
        (*turn("a"), *turn("b", "action_z"), said("c")),
        (*turn("a"), *turn("b"), said("z")),
        (*turn("a"), *turn("b"), said("c", "address")),
        (
            *turn("a"),
            *turn("b"),
            said("c"),
            DefinePrevUserUtteredFeaturization(use_text_for_featurization=True),
        ),
        (*turn("a"), *turn("b"), said("c"), ActionExecuted("action_a")),
        (said("c"),),
    ):
        assert memory.steps(tracker(*other)) != base
    deeper = Memory(4)
    assert deeper.steps(tracker(*turn("a"), *turn("b"), said("c"))) != deeper.steps(
        tracker(*turn("z"), *turn("b"), said("c"))
    )
    begun = tracker(*turn("a"), SessionStarted(), ActionExecuted(LISTEN), said("c"))
    assert memory.steps(begun) == memory.steps(tracker(said("c")))


def steps_are_unknown_where_more_counts() -> None:
    """Loops, slots that influence, forced actions and what takes back are Rasa's own to predict."""
    memory = Memory(2, frozenset({"mood"}))
    assert memory.steps(tracker(*turn("b"), said("c"))) is not None
    for event in (
        SlotSet("mood", "x"),
        ActiveLoop("form"),
        FollowupAction("action_a"),
        Restarted(),
        UserUtteranceReverted(),
    ):
        assert memory.steps(tracker(*turn("b"), event, said("c"))) is None, event
    assert Memory(None).steps(tracker(said("c"))) is None


def what_is_remembered_may_be_changed() -> None:
    """A prediction from memory shares no list and no event; an uncertain one is not remembered."""
    for certainty, policy, asked in (
        (1.0, "RulePolicy", 1),
        (0.3, "RulePolicy", 3),
        (1.0, "MemoizationPolicy", 3),
    ):
        memory, calls = Memory(2), []

        def ask(
            certainty: float = certainty, policy: str = policy, calls: list[int] = calls
        ) -> PolicyPrediction:
            calls.append(1)
            return PolicyPrediction(
                [0.0, certainty],
                policy,
                6,
                [DefinePrevUserUtteredFeaturization(use_text_for_featurization=False)],
            )

        made = [memory.predict(tracker(said("c")), ask) for _ in range(3)]
        assert len(calls) == asked
        assert (
            len({id(each.events[0]) for each in made}) == len({id(each.probabilities) for each in made}) == 3
        )
        assert {(each.max_confidence, each.policy_name, len(each.events)) for each in made} == {
            (certainty, policy, 1)
        }


def the_last_turns_stay() -> None:
    """A long conversation keeps its slots and its last turns, a short one and a loop stay whole."""
    turns = [turn("a"), turn("b"), turn("c"), turn("d")]
    whole = tracker(SlotSet("mood", "bad"), *[event for each in turns for event in each])
    before = whole.copy()
    cut = recent(whole)
    again = DialogueStateTracker.from_events("one", list(cut.events), SLOTS)  # Rasa plays them back at times
    assert [event.intent_name for event in cut.events if isinstance(event, UserUttered)] == ["c", "d"]
    for each in (cut, again):
        assert each.current_slot_values() == before.current_slot_values() == {"language": "zh", "mood": "bad"}
        assert each.latest_action_name == before.latest_action_name
        assert each.latest_message == before.latest_message
        assert each.followup_action == before.followup_action
    short = tracker(*[event for each in turns[:KEPT] for event in each])
    assert recent(short) is short
    for event in (ActiveLoop("form"), Restarted(), UserUtteranceReverted()):
        odd = tracker(event, *[event for each in turns for event in each])
        assert recent(odd) is odd


if __name__ == "__main__":
    for fact in (
        steps_reach_as_far_as_the_rules,
        steps_are_unknown_where_more_counts,
        what_is_remembered_may_be_changed,
        the_last_turns_stay,
    ):
        fact()
