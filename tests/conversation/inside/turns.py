"""Whole conversations with the real model: as Rasa comes, then repaired, event by event.

Run by the assistant's interpreter; the argument is the model.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random  # noqa: TID251  the same conversations each time
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.tracker_store import SQLTrackerStore
from rasa.utils.endpoints import EndpointConfig
from rekey_assistant import predictions, recent, repair, repairs
from rekey_assistant.conversations import Conversations
from rekey_assistant.gateway import Collector
from rekey_assistant.wording import Wording
from ruamel.yaml import YAML

TURNS = 30
SEEDS = range(3)
WITH_RESTART = 0
"""The conversation that Rasa's own command restarts, which nobody can send through the gateway."""
MOST = 40
"""Events of two turns and a half, by far."""
ENTITIES = (
    [],
    [{"entity": "language", "value": "zh"}],
    [{"entity": "language", "value": "en"}, {"entity": "address", "value": "a@example.com"}],
)


class Actions(EndpointConfig):
    """Answers every action at once and notes what it was told."""

    def __init__(self) -> None:
        """Begin with no calls."""
        super().__init__("http://127.0.0.1:1", enable_selective_domain=True)
        self.calls: list[dict[str, Any]] = []

    async def request(self, json: dict[str, Any], **_: object) -> dict[str, Any]:
        """Answer as a server would."""
        self.calls.append(json)
        events = [{"event": "slot", "name": "language", "value": "zh", "timestamp": None}]
        said = {"response": "utter_code_sent", "minutes": 5}
        return {"events": events if json["next_action"] == "action_cancel" else [], "responses": [said]}


def script(seed: int) -> list[dict[str, Any]]:
    """Return parses of one conversation: intents of the rules, an unknown one, none, in any order."""
    chance = random.Random(seed)  # noqa: S311  no secret
    rules = YAML(typ="safe").load(Path("data/rules.yml"))["rules"]
    stories = YAML(typ="safe").load(Path("data/stories.yml"))["stories"]
    told = [step["intent"] for story in stories for step in story["steps"] if "intent" in step]
    intents = [*(rule["steps"][0]["intent"] for rule in rules), *told, "unheard", None]
    intents += ["restart"] if seed == WITH_RESTART else []
    return [_parse(chance.choice(intents), chance.choice(ENTITIES)) for _ in range(TURNS)]


def _parse(intent: str | None, entities: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "text": "x",
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [dict(e) for e in entities],
    }


async def talk(agent: Agent, seed: int) -> list[list[dict[str, Any]]]:
    """Return the replies to every line of one conversation."""
    heard = []
    for number, parse in enumerate(script(seed)):
        channel, name = Collector(), f"conversation{seed}"
        message = UserMessage("x", channel, name, parse, "gateway", str(number))
        store = agent.tracker_store._tracker_store
        if isinstance(store, Conversations):
            assert store.begin(name, str(number)) is None
        await agent.handle_message(message)
        if isinstance(store, Conversations):
            store.end(name, str(number), channel.replies)()
        heard.append(channel.replies)
    return heard


def rows(url: str) -> list[tuple[Any, ...]]:
    """Return what is stored, without the times."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT sender_id, type_name, intent_name, action_name, data FROM events ORDER BY id")
        )
        every = [(*row[:4], _timeless(json.loads(row[4]))) for row in found]
    engine.dispose()
    return every


def _timeless(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "timestamp"}


def asked(calls: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what the actions were told, without the events and the times."""
    left_out = {"events", "latest_event_time"}
    return [
        (call["next_action"], {k: v for k, v in call["tracker"].items() if k not in left_out})
        for call in calls
    ]


def run(
    model: str, store: SQLTrackerStore | Conversations, wording: NaturalLanguageGenerator | None = None
) -> tuple[list[list[list[dict[str, Any]]]], list[dict[str, Any]], Agent]:
    """Return replies, calls and the agent after the conversations of all seeds."""
    actions = Actions()
    agent = Agent.load(model, tracker_store=store, action_endpoint=actions, generator=wording)
    replies = [asyncio.run(talk(agent, seed)) for seed in SEEDS]
    return replies, actions.calls, agent


def main(model: str) -> None:
    """Compare."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("plain", "repaired")]
        plain, calls, _ = run(model, SQLTrackerStore(host=urls[0]))
        repair.install(repairs.REPAIRS)
        quick, told, agent = run(model, Conversations(urls[1]), Wording())
        assert plain == quick
        assert asked(calls) == asked(told)
        assert all(call["tracker"]["events"] == [] for call in told)
        assert rows(urls[0]) == rows(urls[1])
    at_hand = agent.tracker_store._tracker_store._at_hand.values()
    assert min(len(each.tracker.events) for each in at_hand) < MOST  # cut, else this compares nothing
    memory: predictions.Memory = vars(agent.processor)["rekey_predictions"]
    assert len(memory._known) > TURNS  # the rules were remembered, else this compares nothing
    # What the rules look at lies within the turns that are kept: two states a turn.
    assert memory.depth is not None
    assert memory.depth <= 2 * recent.KEPT


if __name__ == "__main__":
    main(sys.argv[1])
