"""The part of a conversation that Rasa still needs: its last turns and what the slots hold.

Rasa walks through all events of a conversation several times in every turn, so that the hundredth turn costs
many times the fifth. Our rules look back one turn (``docs/decisions/0013-a-turn-of-rasa.md``); what lies
further back stays in the database until it is forgotten (R21).
"""

from __future__ import annotations

from collections.abc import Iterable

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

KEPT = 2
"""Whole turns that stay: one more than the rules look at."""
_PLAIN = (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    SessionStarted,
    SlotSet,
    UserUttered,
)


def recent(tracker: DialogueStateTracker, slots: Iterable[Slot]) -> DialogueStateTracker:
    """Return a tracker of the last turns of *tracker*, or itself where an event might reach further back."""
    events = list(tracker.events)
    ends = [at for at, event in enumerate(events) if _ends_a_turn(event)]
    if len(ends) <= KEPT + 1 or not all(isinstance(event, _PLAIN) for event in events):
        return tracker
    first = ends[-KEPT - 1]
    # The slots stay as they were: the last value of each comes before the turns that are kept.
    set_before = {event.key: event for event in events[:first] if isinstance(event, SlotSet)}
    kept = [*set_before.values(), *events[first:]]
    return DialogueStateTracker.from_events(tracker.sender_id, kept, slots)


def _ends_a_turn(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
