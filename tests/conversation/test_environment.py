"""The assistant's own environment: no TensorFlow, and repairs that answer as Rasa does."""

# ruff: noqa: E501, S603  code for the other interpreter, started from here
from __future__ import annotations

import subprocess

import pytest

from tests.needs import need
from tests.rasa_process import PYTHON

STUB = """
import tensorflow as tf, keras
from tensorflow.keras.utils import Sequence
import tensorflow.keras.backend as K
import tensorflow_hub, tensorflow_text
class Layer(tf.keras.layers.Layer): pass
@tf.function
def doubled(number): return number * 2
assert doubled(2) == 4
for call in (lambda: tf.constant(1), Layer, lambda: keras.Model(), lambda: tensorflow_hub.load("x")):
    try:
        call()
    except tf.TensorFlowLeftOut as refused:
        assert "needs TensorFlow" in str(refused)
    else:
        raise SystemExit("computed without TensorFlow")
"""

AGENT = "from rasa.core.agent import Agent; print(Agent.__name__)"

REPAIRS = """
import logging
from rekey_assistant import quiet
quiet.configure(logging.CRITICAL)
import jsonschema
from rekey_assistant import repairs
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

for answer in ({"events": [], "responses": []}, {"events": [{"event": "slot"}]}, {"events": 1}, {}, [], {"responses": {}}):
    seen = []
    for check in (repairs._ORIGINALS["validator"], repairs.validate_action_result):
        try:
            seen.append(check(RemoteAction("x", None), answer))
        except jsonschema.ValidationError as refused:
            seen.append((refused.message, list(refused.path), refused.validator))
    assert seen[0] == seen[1], seen

original = repairs._ORIGINALS["event classes"].__func__
for name in ("user", "bot", "slot", "action", "restart", "session_started", "topic"):
    assert original(name) is repairs.resolve_by_type(name), name
assert original("unheard", Event) is repairs.resolve_by_type("unheard", Event) is Event
for find in (original, repairs.resolve_by_type):
    try:
        find("unheard")
    except ValueError as refused:
        assert str(refused) == "Unknown event name 'unheard'."
    else:
        raise SystemExit("found what does not exist")

class Node:
    def __init__(self, name, work): self.name, self.work, self.runs = name, work, 0
    def __call__(self, *needs):
        self.runs += 1
        return self.name, self.work(*[value for _, value in needs])

def runner():
    made = DaskGraphRunner.__new__(DaskGraphRunner)
    node = lambda needs, target=False: SchemaNode(needs, Node, "x", "y", {}, is_target=target)
    made._graph_schema = GraphSchema({"a": node({"m": "given"}), "b": node({"l": "a", "r": "a"}, True), "c": node({"o": "b"})})
    made._instantiated_nodes = {"a": Node("a", lambda m: m + 1), "b": Node("b", lambda l, r: l * r), "c": Node("c", lambda o: -o)}
    made._execution_context = None
    return made

for targets in (None, ["c"], ["b", "c"]):
    one, other = runner(), runner()
    expected = repairs._ORIGINALS["graph runner"](one, {"given": 2}, targets)
    assert repairs.run_graph(other, {"given": 2}, targets) == expected, targets
    assert [n.runs for n in one._instantiated_nodes.values()] == [n.runs for n in other._instantiated_nodes.values()]

import asyncio, json, tempfile
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

def stored(save, events):
    with tempfile.TemporaryDirectory() as folder:
        store = SQLTrackerStore(Domain.empty(), host=f"sqlite:///{folder}/t.db")
        tracker = DialogueStateTracker.from_events("one", [])
        for event in events:
            tracker.update(event)
            asyncio.run(save(store, tracker))
        with store.session_scope() as session:
            rows = session.query(SQLTrackerStore.SQLEvent).order_by(SQLTrackerStore.SQLEvent.id).all()
            return [(r.sender_id, r.type_name, r.timestamp, r.intent_name, r.action_name, r.data) for r in rows]

said = UserUttered("hi", {"name": "greet", "confidence": 1.0}, timestamp=1.0)
told = [said, ActionExecuted("action_listen", timestamp=2.0), SlotSet("language", "zh", timestamp=3.0)]
assert stored(repairs._ORIGINALS["saving"], told) == stored(repairs.save, told)
assert len(stored(repairs.save, told)) == 3
for url in ("postgresql://x/y", "sqlite://"):
    assert repairs.create_engine_kwargs(url) == repairs._ORIGINALS["pool"](url)

try:
    repairs.install(version=lambda: "3.6.22")
except repairs.WrongRasa:
    pass
else:
    raise SystemExit("repaired an unknown Rasa")
"""

QUIET = """
import logging, sys
from rekey_assistant import quiet
quiet.configure(logging.DEBUG)
import structlog, warnings
secret = "Xylophone-4711"
logging.getLogger("rasa.core").error(f"text {secret}")
logging.getLogger("sanic.root").debug("text %s", secret)
try:
    raise ValueError(secret)
except ValueError:
    logging.getLogger().exception(secret)
structlog.get_logger().error("event", text=secret)
warnings.warn(secret)
logging.getLogger("rekey_assistant.x").warning("ours passes")
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    need(PYTHON.exists(), "the assistant's environment (assistant/.venv)")
    return subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", code], capture_output=True, text=True, cwd="/", check=False
    )


@pytest.mark.parametrize("code", [STUB, AGENT, REPAIRS], ids=["stub", "agent", "repairs"])
def test_the_bare_interpreter_runs_it_from_any_folder(code: str) -> None:
    """The stub refuses only computing, Agent can be imported, and each repair answers as the original."""
    done = _run(code)
    assert done.returncode == 0, done.stderr[-2000:]


def test_logs_of_others_lose_their_words() -> None:
    """Lines of other code keep only their place and their errors' names, at every level."""
    done = _run(QUIET)
    assert "Xylophone" not in done.stderr + done.stdout
    assert "ValueError" in done.stderr
    assert "ours passes" in done.stderr
