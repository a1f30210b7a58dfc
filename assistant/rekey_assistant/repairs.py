"""Repairs of Rasa 3.6.21, one open table: what is replaced, by what, and why.

Each repair answers as the original does; ``tests/conversation/test_repairs.py`` compares them. They are
installed by :func:`install`, which refuses any other version of Rasa, because a repair of unknown code is a
fault.
"""

# ruff: noqa: ANN401  Rasa and scikit-learn give no usable types here
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import rasa
from jsonschema import Draft202012Validator, ValidationError, validators
from rasa.core import tracker_store
from rasa.core.actions.action import DOCS_BASE_URL, RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import SQLTrackerStore
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from rekey_assistant.tracker_file import engine_options

RASA_VERSION = "3.6.21"


class WrongRasa(RuntimeError):  # noqa: N818  it names what was found
    """The installed Rasa is not the one that the repairs were written for."""


@dataclass(frozen=True)
class Repair:
    """One replaced attribute of Rasa."""

    name: str
    reason: str
    owner: type | ModuleType
    attribute: str
    replacement: Any


def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    chosen = validators.validator_for(schema, default=Draft202012Validator)
    chosen.check_schema(schema)
    return chosen(schema)


_VALIDATOR = _validator()


def validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:  # noqa: ARG001  a method of Rasa
    """Check the answer of an action with the validator built once."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415  only needed to tell what is wrong

    error: ValidationError | None = best_match(_VALIDATOR.iter_errors(result))
    if error is None:
        return True
    error.message += (
        ". Failed to validate Action server response from API, "
        "make sure your response from the Action endpoint is "
        f"valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    raise error


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
    """Run the nodes of the graph in order, each once, without dask."""
    wanted = targets or self._graph_schema.target_names
    graph = self._build_dask_graph(self._graph_schema.minimal_graph_schema(wanted))
    if inputs:
        self._add_inputs_to_graph(inputs, graph)
    done: dict[str, Any] = {}

    def value(name: str) -> Any:
        if name not in done:
            task = graph[name]
            if not callable(task[0]):  # an input is (name, value)
                done[name] = task
            else:
                done[name] = task[0](*(value(need) for need in task[1:]))
        return done[name]

    return dict(value(name) for name in wanted)


_ORIGINALS: dict[str, Any] = {
    "validator": RemoteAction._validate_action_result,  # noqa: SLF001  what is repaired is private
    "event classes": Event.__dict__["resolve_by_type"],
    "graph runner": DaskGraphRunner.run,
    "remote action": RemoteAction.run,
    "pool": tracker_store.create_engine_kwargs,
    "saving": SQLTrackerStore.save,
    "failed action": MessageProcessor._run_action,  # noqa: SLF001  what is repaired is private
}


async def run_remote_action(
    self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any
) -> list[Event]:
    """Run a custom action; tell the channel when it could not be run."""
    try:
        events: list[Event] = await _ORIGINALS["remote action"](self, output_channel, nlg, tracker, domain)
    except Exception:
        output_channel.failed = True
        raise
    return events


async def run_action(
    self: MessageProcessor, action: Any, tracker: Any, output_channel: Any, nlg: Any, prediction: Any
) -> bool:
    """Run an action and stop the turn, before anything is saved, when it could not be run."""
    go_on: bool = await _ORIGINALS["failed action"](self, action, tracker, output_channel, nlg, prediction)
    if getattr(output_channel, "failed", False):
        raise RuntimeError("action_failed")
    return go_on


def create_engine_kwargs(url: Any) -> dict[str, Any]:
    """Return Rasa's options for an engine, and a pool where it has none."""
    return engine_options(url) | dict(_ORIGINALS["pool"](url))


async def save(self: SQLTrackerStore, tracker: Any) -> None:
    """Store the new events of a tracker in one statement."""
    await self.stream_events(tracker)
    with self.session_scope() as session:
        rows = [_row(tracker.sender_id, event) for event in self._additional_events(session, tracker)]
        if rows:
            session.execute(self.SQLEvent.__table__.insert(), rows)
        session.commit()


def _row(sender: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "pool",
        "SQLAlchemy 1.4 opens an SQLite file anew for every session: three times a turn.",
        tracker_store,
        "create_engine_kwargs",
        create_engine_kwargs,
    ),
    Repair(
        "saving",
        "Rasa makes an object of the mapper for every event; a list of rows is a single statement.",
        SQLTrackerStore,
        "save",
        save,
    ),
    Repair(
        "validator",
        "Rasa builds a JSON schema validator anew for every answer of an action: most of a turn's time.",
        RemoteAction,
        "_validate_action_result",
        validate_action_result,
    ),
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
        "remote action",
        "Rasa swallows an unreachable action server and saves the turn as handled; the channel must know.",
        RemoteAction,
        "run",
        run_remote_action,
    ),
    Repair(
        "failed action",
        "A turn whose action failed must not reach save_tracker, so that the portal can send it again.",
        MessageProcessor,
        "_run_action",
        run_action,
    ),
)


def install(
    repairs: tuple[Repair, ...] = REPAIRS, version: Callable[[], str] = lambda: rasa.__version__
) -> None:
    """Put the repairs in place.

    Raises:
        WrongRasa: another version of Rasa than 3.6.21 is installed.

    """
    if version() != RASA_VERSION:
        raise WrongRasa(version())
    for repair in repairs:
        setattr(repair.owner, repair.attribute, repair.replacement)
