"""What every action shares: who asked, and how the core's answer is said."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from recovery_core.accounts.address import find_addresses
from recovery_core.cases.parts import Parts
from recovery_core.messages import Message


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: the conversation, and of the last line its intent and words. Slots are not read."""

    conversation_id: str
    intent: str
    text: str
    edition: str | None = None
    heard: str | None = None
    """Of a line that was not understood, the intent that was likeliest."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the normalised addresses that the line names."""
        return tuple(address.text for address in find_addresses(self.text))


class CoreAction(Action, ABC):  # type: ignore[misc]  # rasa_sdk ships no types
    """Asks the core with the conversation's id and says what it answers."""

    action_name: str

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def name(self) -> str:
        """Return the name that ``domain.yml`` lists."""
        return self.action_name

    @abstractmethod
    async def answer(self, asked: Asked) -> Sequence[Message]:
        """Return what the core wants to be said."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Ask and say; sets no slot and leaves no event."""
        del domain
        for message in await self.answer(asked_of(tracker)):
            say(dispatcher, message)
        return []


def asked_of(tracker: Tracker) -> Asked:
    """Return the call that the tracker describes."""
    latest = tracker.latest_message
    editions = [e["value"] for e in latest.get("entities") or () if e.get("entity") == "edition"]
    return Asked(
        tracker.sender_id,
        (latest.get("intent") or {}).get("name") or "",
        latest.get("text") or "",
        editions[0] if editions else None,
        _heard(latest.get("intent_ranking") or ()),
    )


def _heard(ranking: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the likeliest intent; ``nlu_fallback`` only says that it is not likely enough."""
    names = (str(one.get("name")) for one in ranking)
    return next((name for name in names if name != "nlu_fallback"), None)


def say(dispatcher: CollectingDispatcher, message: Message) -> None:
    """Queue the response of *message*, with the form it opens as a word that the portal turns into a link."""
    form = message.spec.form
    extra = {"json_message": {"form": form.value}} if form else {}
    dispatcher.utter_message(response=f"utter_{message.id.value}", **message.variables, **extra)
