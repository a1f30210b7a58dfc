"""Repairs of how Rasa goes through a turn: what is replaced, by what, and why."""

# ruff: noqa: ANN401  Rasa gives no usable types here
from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from rasa import server
from rasa.core import processor
from rasa.core.actions import action as actions
from rasa.core.actions.action import (
    Action,
    ActionExtractSlots,
    ActionListen,
    ActionSessionStart,
    RemoteAction,
)
from rasa.core.policies import memoization, rule_policy
from rasa.core.processor import MessageProcessor
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.common import all_subclasses

from rekey_assistant import predictions
from rekey_assistant.repair import Repair

ORIGINALS: dict[str, Any] = {
    "event classes": Event.__dict__["resolve_by_type"],
    "graph runner": DaskGraphRunner.run,
    "failed action": MessageProcessor._run_action,  # noqa: SLF001  what is repaired is private
    "empty domain": Domain.is_empty,
    "actions": actions.action_for_name_or_text,
    "prediction": MessageProcessor._predict_next_with_tracker,  # noqa: SLF001
    "foreign sites": server.configure_cors,
}
_event_classes: dict[str, type[Event]] = {}


def resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """Find the class of an event by its name, remembering what was found."""
    if type_name not in _event_classes:
        for cls in all_subclasses(Event):
            _event_classes.setdefault(cls.type_name, cls)
    found = _event_classes.get(type_name)
    if found is not None:
        return found
    if type_name == "topic":
        return None
    if default is not None:
        return default
    raise ValueError(f"Unknown event name '{type_name}'.")


def run_graph(
    self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """Run the nodes of the graph in order, each once, without dask; the order is found once."""
    wanted = tuple(targets or self._graph_schema.target_names)
    orders = vars(self).setdefault("rekey_orders", {})
    if wanted not in orders:
        orders[wanted] = _order(self, wanted)
    done: dict[str, Any] = {}
    for name, value in (inputs or {}).items():
        if isinstance(value, str) and value in self._graph_schema.nodes:
            raise GraphRunError(f"Input value '{value}' clashes with a node name.")
        done[name] = (name, value)
    try:
        for name, node, needs in orders[wanted]:
            done[name] = node(*[done.get(need, need) for need in needs])
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(done[name] for name in wanted)


def _order(runner: DaskGraphRunner, wanted: tuple[str, ...]) -> list[tuple[str, Any, tuple[str, ...]]]:
    """Return name, node and needs of all nodes that *wanted* depends on, each after those it needs."""
    nodes, found = runner._graph_schema.nodes, {}  # noqa: SLF001

    def visit(name: str) -> None:
        if name in found or name not in nodes:  # what is no node is an input
            return
        needs = tuple(nodes[name].needs.values())
        for need in needs:
            visit(need)
        found[name] = (name, _direct(runner._instantiated_nodes[name]), needs)  # noqa: SLF001

    for name in wanted:
        visit(name)
    return list(found.values())


def _direct(node: Any) -> Any:
    """Return what calls the component of *node* at once, where a node has no hooks and is built already."""
    if type(node) is not GraphNode or node._hooks or not node._eager:  # noqa: SLF001
        return node
    name, names = node._node_name, tuple(node._inputs)  # noqa: SLF001
    work, component = node._fn, node._component  # noqa: SLF001

    def call(*outputs: Any) -> tuple[str, Any]:
        if not all(type(each) is tuple for each in outputs):
            return cast(tuple[str, Any], node(*outputs))  # an input is missing, and the node says which
        try:
            return name, work(
                component, **{each: output[1] for each, output in zip(names, outputs, strict=False)}
            )
        except RasaException:
            raise
        except Exception as error:
            raise GraphComponentException(f"Error running graph component for node {name}.") from error

    return call


async def run_action(
    self: MessageProcessor, action: Any, tracker: Any, output_channel: Any, nlg: Any, prediction: Any
) -> bool:
    """Run an action and stop the turn, before anything is saved, when it could not be run.

    To listen is to do nothing: what Rasa prepares for an action that does something is left out.
    """
    if type(action) is ActionListen:
        tracker.update_with_events(prediction.events, self.domain)
        tracker.update(action.event_for_successful_execution(prediction))
        return False
    go_on: bool = await ORIGINALS["failed action"](self, action, tracker, output_channel, nlg, prediction)
    if getattr(output_channel, "failed", False):
        raise RuntimeError("action_failed")
    return go_on


_STATELESS = (RemoteAction, ActionListen, ActionSessionStart, ActionExtractSlots)


def action_for_name_or_text(name: str, domain: Any, endpoint: Any) -> Action:
    """Return the action of that name, made once for each domain where it keeps nothing of a turn."""
    known = vars(domain).setdefault("rekey_actions", {})
    found = known.get(name)
    if found is not None and found[0] is endpoint:
        return found[1]
    made: Action = ORIGINALS["actions"](name, domain, endpoint)
    if type(made) in _STATELESS:
        known[name] = (endpoint, made)
    return made


def is_empty(self: Domain) -> bool:
    """Tell whether the domain is empty; asked once, because a served domain does not change."""
    known = vars(self)
    if "rekey_is_empty" not in known:
        known["rekey_is_empty"] = ORIGINALS["empty domain"](self)
    return bool(known["rekey_is_empty"])


def predict_next(self: MessageProcessor, tracker: Any) -> Any:
    """Return what the policies predict, from memory where they were asked the same before."""
    memory = vars(self).get("rekey_predictions")
    if memory is None:
        memory = self.rekey_predictions = predictions.Memory.of(self)
    return memory.predict(tracker, lambda: ORIGINALS["prediction"](self, tracker))


def no_foreign_sites(app: Any, cors_origins: Any = "") -> None:
    """Allow no other site, as without any word of CORS; what somebody does allow is left to Rasa."""
    if cors_origins:
        ORIGINALS["foreign sites"](app, cors_origins)


# These modules copy deeply only to write a line of debugging, which nobody reads (quiet.py).
_NO_COPY = SimpleNamespace(deepcopy=lambda value: value)

REPAIRS: tuple[Repair, ...] = (
    Repair(
        "event classes",
        "Rasa walks all subclasses of Event for every event it reads from the tracker store.",
        Event,
        "resolve_by_type",
        staticmethod(resolve_by_type),
    ),
    Repair(
        "graph runner",
        "dask orders and schedules a handful of nodes anew for every message; they are run in order instead.",
        DaskGraphRunner,
        "run",
        run_graph,
    ),
    Repair(
        "failed action",
        "A turn whose action failed must not reach its end, so that the portal can send it again.",
        MessageProcessor,
        "_run_action",
        run_action,
    ),
    Repair(
        "actions",
        "Rasa makes a dozen default actions to find one by its name, five times a turn.",
        actions,
        "action_for_name_or_text",
        action_for_name_or_text,
    ),
    Repair(
        "empty domain",
        "Rasa writes the domain and a new empty one into dictionaries to compare them, at every message.",
        Domain,
        "is_empty",
        is_empty,
    ),
    Repair(
        "prediction",
        "RulePolicy compares every rule with every state of the conversation, four times a turn.",
        MessageProcessor,
        "_predict_next_with_tracker",
        predict_next,
    ),
    Repair(
        "foreign sites",
        "Rasa asks at every answer which other sites may read it: none, as no browser reaches this port.",
        server,
        "configure_cors",
        no_foreign_sites,
    ),
    *(
        Repair(
            f"debugging of {module.__name__}",
            "Rasa copies events and states deeply for lines of debugging that are not written.",
            module,
            "copy",
            _NO_COPY,
        )
        for module in (processor, rule_policy, memoization)
    ),
)
