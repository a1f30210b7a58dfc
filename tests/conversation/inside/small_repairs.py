"""Each small repair of Rasa answers as the original; run by the assistant's interpreter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import jsonschema
from rasa.core.actions.action import ActionExtractSlots, RemoteAction, action_for_name_or_text
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain, SessionConfig
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from rekey_assistant import action_repairs, repair, repairs, tracker_repairs, turn_repairs


def validator() -> None:
    """The same answers are accepted and refused, with the same words."""
    for answer in (
        {"events": [], "responses": []},
        {"events": [{"event": "slot"}]},
        {"events": 1},
        {},
        [],
        {"responses": {}},
        {"responses": [{}], "events": []},
        {"responses": [1], "events": []},
        {"responses": None},
        {"events": None},
        {"events": {}},
        None,
    ):
        seen: list[Any] = []
        for check in (action_repairs.ORIGINALS["validator"], action_repairs.validate_action_result):
            try:
                seen.append(check(RemoteAction("x", None), answer))
            except jsonschema.ValidationError as refused:
                seen.append((refused.message, list(refused.path), refused.validator))
        assert seen[0] == seen[1], seen


def event_classes() -> None:
    """The same class is found for a name, and none for an unknown one."""
    original = turn_repairs.ORIGINALS["event classes"].__func__
    for name in ("user", "bot", "slot", "action", "restart", "session_started", "topic"):
        assert original(name) is turn_repairs.resolve_by_type(name), name
    assert original("unheard", Event) is turn_repairs.resolve_by_type("unheard", Event) is Event
    for find in (original, turn_repairs.resolve_by_type):
        assert _refusal(find, "unheard") == ("ValueError", "Unknown event name 'unheard'.")


def _refusal(call: Callable[..., object], *arguments: object) -> tuple[str, str]:
    try:
        call(*arguments)
    except Exception as refused:  # noqa: BLE001  whatever it is, both must raise it
        return type(refused).__name__, str(refused)
    raise AssertionError(arguments)


class Node:
    """A node that counts how often it ran."""

    def __init__(self, name: str, work: Callable[..., Any]) -> None:
        """Answer as *name* what *work* makes of the needs."""
        self.name, self.work, self.runs = name, work, 0

    def __call__(self, *needs: tuple[str, Any]) -> tuple[str, Any]:
        """Run."""
        self.runs += 1
        return self.name, self.work(*[need[1] if isinstance(need, tuple) else need for need in needs])


def _fail(_: object) -> None:
    raise RuntimeError("broken")


def _runner() -> DaskGraphRunner:
    def node(needs: dict[str, str], *, target: bool = False) -> SchemaNode:
        return SchemaNode(needs, Node, "x", "y", {}, is_target=target)

    made = DaskGraphRunner.__new__(DaskGraphRunner)
    made._graph_schema = GraphSchema(
        {
            "a": node({"m": "given"}),
            "b": node({"l": "a", "r": "a"}, target=True),
            "c": node({"o": "b"}),
            "d": node({"o": "a"}),
        }
    )
    works: dict[str, Callable[..., Any]] = {
        "a": lambda m: m + 1,
        "b": lambda left, right: left * right,
        "c": lambda o: -o,
        "d": _fail,
    }
    made._instantiated_nodes = {name: Node(name, work) for name, work in works.items()}
    made._execution_context = None
    return made


def graph_runner() -> None:
    """Each node runs as often and answers the same; a second run uses the new input."""
    original = turn_repairs.ORIGINALS["graph runner"]
    for targets in (None, ["c"], ["b", "c"]):
        one, other = _runner(), _runner()
        for given in (2, 3):
            assert turn_repairs.run_graph(other, {"given": given}, targets) == original(
                one, {"given": given}, targets
            )
        runs = [[node.runs for node in each._instantiated_nodes.values()] for each in (one, other)]
        assert runs[0] == runs[1], targets
    for run in (original, turn_repairs.run_graph):
        assert _refusal(run, _runner(), {"given": 1}, ["d"])[0] == "GraphRunError"
        assert _refusal(run, _runner(), {"given": "a"}, None)[0] == "GraphRunError"


def actions_by_name() -> None:
    """The same kind of action is found for each name of the domain, with the endpoint of the call."""
    domain = Domain.load("domain.yml")
    for endpoint in (EndpointConfig("http://one"), EndpointConfig("http://two"), None):
        for name in domain.action_names_or_texts:
            expected = turn_repairs.ORIGINALS["actions"](name, domain, endpoint)
            for _ in range(2):
                found = turn_repairs.action_for_name_or_text(name, domain, endpoint)
                assert (type(found), found.name()) == (type(expected), expected.name())
                kept = {**vars(found)}
                assert kept.get("action_endpoint", endpoint) is endpoint, name
    for find in (turn_repairs.ORIGINALS["actions"], turn_repairs.action_for_name_or_text):
        assert _refusal(find, "action_unheard", domain, None)[0] == "ActionNotFoundException"
    assert action_for_name_or_text is not None


def empty_domain() -> None:
    """An empty domain is empty and ours is not, at the first and the second question."""
    for domain in (Domain.empty(), Domain.load("domain.yml")):
        expected = turn_repairs.ORIGINALS["empty domain"](domain)
        assert [turn_repairs.is_empty(domain) for _ in range(2)] == [expected, expected]


TOLD: tuple[Event, ...] = (
    ActionExecuted("action_session_start"),
    SessionStarted(),
    ActionExecuted("action_listen"),
    UserUttered("x", {"name": "greet"}, [{"entity": "language", "value": "zh"}], input_channel="gateway"),
    SlotSet("language", "zh"),
    DefinePrevUserUtteredFeaturization(use_text_for_featurization=False),
    ActionExecuted("action_small_talk"),
    BotUttered("y", {"buttons": []}),
    ActionExecuted("action_listen"),
    UserUttered("z", {"name": "deny"}),
    UserUtteranceReverted(),
    ActiveLoop("form"),
    ActionExecuted("form"),
    ActionExecutionRejected("form"),
    FollowupAction("action_deny"),
    SlotSet("language", None),
    ConversationPaused(),
    Restarted(),
    ActionExecuted("action_session_start"),
    ActionExecuted("action_listen"),
)


def copies() -> None:
    """A copy holds what a play-back of the events makes, at every step and after a forced action."""
    domain = Domain.load("domain.yml")
    quick = 0
    for at in range(len(TOLD) + 1):
        for cleared in (False, True):
            tracker = DialogueStateTracker.from_events("one", list(TOLD[:at]), domain.slots)
            tracker.model_id = tracker.sender_source = tracker.assistant_id = "m"
            if cleared:
                tracker.clear_followup_action()
            made, expected = tracker_repairs.copy_tracker(tracker), tracker_repairs.ORIGINALS["copy"](tracker)
            assert _inside(made) == _inside(expected), at
            quick += tracker_repairs._forces_nothing(tracker)
            made.update(SlotSet("language", "en"))
            assert (len(tracker.events), tracker.get_slot("language")) == (at, expected.get_slot("language"))
    assert quick > len(TOLD)
    forced = DialogueStateTracker.from_events("one", list(TOLD[:9]), domain.slots)
    forced.trigger_followup_action("action_deny")
    assert _inside(tracker_repairs.copy_tracker(forced)) == _inside(tracker_repairs.ORIGINALS["copy"](forced))
    free = DialogueStateTracker("one", None)
    assert _inside(tracker_repairs.copy_tracker(free)) == _inside(tracker_repairs.ORIGINALS["copy"](free))


def _inside(tracker: DialogueStateTracker) -> dict[str, Any]:
    return {**vars(tracker), "slots": {name: vars(slot) for name, slot in tracker.slots.items()}}


def sessions() -> None:
    """A session begins in the same conversations, whether or not they may expire."""
    TOLD[3].timestamp = 0.0  # so long ago that a session would have ended
    for minutes in (0, 1):
        domain = Domain.load("domain.yml")
        domain.session_config = SessionConfig(minutes, carry_over_slots=True)
        for at in range(len(TOLD) + 1):
            begun = [
                _begun(update, domain, at) for update in (tracker_repairs.ORIGINALS["session"], _OUR_SESSION)
            ]
            assert begun[0] == begun[1], (minutes, at)
    assert begun[0] is False
    assert _begun(_OUR_SESSION, domain, 0)


_OUR_SESSION = tracker_repairs.update_tracker_session


def _begun(update: Callable[..., Any], domain: Domain, at: int) -> bool:
    processor, ran = MessageProcessor.__new__(MessageProcessor), list[object]()

    async def run(**asked: object) -> None:
        ran.append(asked["action"])

    processor.domain, processor.action_endpoint, processor.nlg = domain, None, None
    vars(processor)["_run_action"] = run
    tracker = DialogueStateTracker.from_events("one", list(TOLD[:at]), domain.slots)
    asyncio.run(update(processor, tracker, None, None))
    return bool(ran)


def slots() -> None:
    """The same slots are filled, with the last value; a domain that asks for more is left to Rasa."""
    ours, other = Domain.load("domain.yml"), Domain.load("domain.yml")
    other.slots[0].mappings.append({"type": "from_intent", "intent": "greet", "value": "en"})
    given: tuple[list[dict[str, Any]], ...] = (
        [],
        [{"entity": "language", "value": "zh"}],
        [
            {"entity": "language", "value": "zh"},
            {"entity": "phone", "value": "1"},
            {"entity": "language", "value": "en"},
        ],
        [{"entity": "language", "value": None}],
        [{"entity": "language", "value": "zh", "role": "from"}],
        [{"entity": "language", "value": "zh", "group": "1"}],
    )
    for domain, is_plain in ((ours, True), (other, False)):
        assert (tracker_repairs._from_entities(domain) is not None) is is_plain
        for entities in given:
            for before in ((), (SlotSet("language", "zh"),), (ActiveLoop("form"),)):
                heard = UserUttered("x", {"name": "greet"}, entities)
                found = [
                    _filled(run, domain, [*before, heard]) for run in (ActionExtractSlots.run, _OUR_SLOTS)
                ]
                assert found[0] == found[1], (entities, before)
    assert _filled(_OUR_SLOTS, ours, [heard]) == []
    assert _filled(_OUR_SLOTS, ours, [UserUttered("x", {"name": "greet"}, given[2])]) == [
        SlotSet("language", "en")
    ]


_OUR_SLOTS = tracker_repairs.extract_slots


def _filled(run: Callable[..., Any], domain: Domain, told: list[Event]) -> list[Event]:
    tracker = DialogueStateTracker.from_events("one", told, domain.slots)
    return list(asyncio.run(run(ActionExtractSlots(None), None, None, tracker, domain)))


def version() -> None:
    """No other version of Rasa is repaired, and the table holds every repair once."""
    assert _refusal(repair.install, repairs.REPAIRS, lambda: "3.6.22") == ("WrongRasa", "3.6.22")
    places = [(each.owner, each.attribute) for each in repairs.REPAIRS]
    assert len(set(places)) == len(places)
    assert all(each.reason.endswith(".") for each in repairs.REPAIRS)


if __name__ == "__main__":
    for fact in (
        validator,
        event_classes,
        graph_runner,
        actions_by_name,
        empty_domain,
        copies,
        sessions,
        slots,
        version,
    ):
        fact()
