"""Repairs of what Rasa does with a conversation at every turn: what is replaced, by what, and why."""

# ruff: noqa: ANN401  Rasa gives no usable types here
from __future__ import annotations

import copy
from typing import Any, cast

from rasa.core.actions.action import ActionExtractSlots
from rasa.core.processor import MessageProcessor
from rasa.shared.constants import DEFAULT_SENDER_ID
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import ListSlot, Slot
from rasa.shared.core.trackers import DialogueStateTracker

from rekey_assistant.repair import Repair, twin

ORIGINALS: dict[str, Any] = {
    "copy": DialogueStateTracker.copy,
    "session": MessageProcessor._update_tracker_session,  # noqa: SLF001  what is repaired is private
    "slots": ActionExtractSlots.run,
}


def copy_tracker(self: DialogueStateTracker) -> DialogueStateTracker:
    """Copy what the tracker holds instead of playing all events back, which makes the same of them.

    A forced action is the exception: it is taken back without an event, so that a play-back finds it again.
    """
    if type(self.slots) is not dict or not _forces_nothing(self):
        return cast(DialogueStateTracker, ORIGINALS["copy"](self))
    made = twin(self)
    made.events, made.sender_id = self.events.copy(), self.sender_id or DEFAULT_SENDER_ID
    made.slots = {name: twin(slot) for name, slot in self.slots.items()}
    made.active_loop = copy.copy(self.active_loop)
    made.sender_source = made.model_id = made.assistant_id = None
    return made


def _forces_nothing(tracker: DialogueStateTracker) -> bool:
    for event in reversed(tracker.events):
        if type(event) is ActionExecuted:
            return tracker.followup_action is None
        if type(event) not in _FORCING_NOTHING:
            return False
    return False


_FORCING_NOTHING = frozenset((UserUttered, BotUttered, SlotSet, DefinePrevUserUtteredFeaturization))


async def update_tracker_session(
    self: MessageProcessor, tracker: DialogueStateTracker, output_channel: Any, metadata: Any = None
) -> None:
    """Begin a session where there is none; one that ends with listening is there, and ours never expire."""
    last = tracker.events[-1] if tracker.events else None
    listens = type(last) is ActionExecuted and last.action_name == ACTION_LISTEN_NAME
    if not listens or self.domain.session_config.are_sessions_enabled():
        await ORIGINALS["session"](self, tracker, output_channel, metadata)


async def extract_slots(
    self: ActionExtractSlots, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain
) -> list[Event]:
    """Fill the slots from the entities of the last message, where the domain asks for nothing else."""
    known = vars(domain)
    if "rekey_slots" not in known:
        known["rekey_slots"] = _from_entities(domain)
    wanted: list[tuple[str, str]] | None = known["rekey_slots"]
    if wanted is None or tracker.active_loop or tracker.latest_message is None:
        events: list[Event] = await ORIGINALS["slots"](self, output_channel, nlg, tracker, domain)
        return events
    said = {
        entity.get("entity"): entity["value"]
        for entity in tracker.latest_message.entities
        if entity.get("role") is None and entity.get("group") is None
    }
    return [
        SlotSet(slot, said[entity])
        for slot, entity in wanted
        if entity in said and (said[entity] is not None or tracker.get_slot(slot) is not None)
    ]


def _from_entities(domain: Domain) -> list[tuple[str, str]] | None:
    """Return each slot that is filled with its entity, None where some slot is filled in another way."""
    slots = [slot for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES]
    plain = all(_is_plain(slot, domain) for slot in slots)
    if not plain or ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions:
        return None
    return [(slot.name, slot.mappings[0]["entity"]) for slot in slots if slot.mappings]


def _is_plain(slot: Slot, domain: Domain) -> bool:
    if not slot.mappings:
        return True
    first = slot.mappings[0]
    by_entity = first.keys() == {"type", "entity"} and first["type"] == "from_entity"
    known = by_entity and first["entity"] in domain.entities
    return known and len(slot.mappings) == 1 and not isinstance(slot, ListSlot)


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "copy",
        "Rasa plays back all events of a conversation to copy it, before every action.",
        DialogueStateTracker,
        "copy",
        copy_tracker,
    ),
    Repair(
        "session",
        "Rasa goes through all events to find that a conversation has begun.",
        MessageProcessor,
        "_update_tracker_session",
        update_tracker_session,
    ),
    Repair(
        "slots",
        "Rasa judges every mapping of every slot anew at each message; ours take the value of an entity.",
        ActionExtractSlots,
        "run",
        extract_slots,
    ),
)
