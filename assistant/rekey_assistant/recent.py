"""The part of a conversation that Rasa still needs: its last turns and what the slots hold.

Rasa walks through all events of a conversation several times in every turn, so that the hundredth turn costs
many times the fifth. Our rules look back one turn (``docs/decisions/0013-a-turn-of-rasa.md``); what lies
further back stays in the database until it is forgotten (R21).
"""

from __future__ import annotations

from collections import deque

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
from rasa.shared.core.trackers import DialogueStateTracker

KEPT = 2
"""Whole turns that stay: one more than the rules look at."""
_PLAIN = frozenset(
    (
        ActionExecuted,
        BotUttered,
        DefinePrevUserUtteredFeaturization,
        SessionStarted,
        SlotSet,
        UserUttered,
    )
)


def recent(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """Drop the events before the last turns of *tracker*, unless a later one might reach back to them.

    What the tracker holds beside its events is made of all of them and stays as it is.
    """
    events = list(tracker.events)
    ends = [at for at, event in enumerate(events) if _ends_a_turn(event)]
    if len(ends) <= KEPT + 1 or not _PLAIN.issuperset(map(type, events)):
        return tracker
    first = ends[-KEPT - 1]
    # The last value of each slot comes before the turns that are kept: Rasa plays events back at times.
    set_before = {event.key: event for event in events[:first] if isinstance(event, SlotSet)}
    tracker.events = deque([*set_before.values(), *events[first:]], tracker.events.maxlen)
    return tracker


def _ends_a_turn(event: Event) -> bool:
    return type(event) is ActionExecuted and event.action_name == ACTION_LISTEN_NAME
