"""The assistant's own environment: no TensorFlow, and repairs that answer as Rasa does."""

# ruff: noqa: S603  code for the other interpreter, started from here
from __future__ import annotations

import re
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


def test_no_package_is_compiled_where_it_is_installed() -> None:
    """Every package comes as a wheel that others built: a newcomer needs no compiler."""
    need(PYTHON.exists(), "the assistant's environment (assistant/.venv)")
    wheels = {
        path.parent.name: path.read_text("utf-8") for path in PYTHON.parents[1].rglob("*.dist-info/WHEEL")
    }
    assert len(wheels) > 100
    assert [name for name, text in wheels.items() if re.search("^Tag: .*-linux_", text, re.MULTILINE)] == []


@pytest.mark.parametrize("code", [STUB, AGENT], ids=["stub", "agent"])
def test_the_bare_interpreter_runs_it_from_any_folder(code: str) -> None:
    """The stub refuses only computing, and Agent can be imported."""
    done = _run(code)
    assert done.returncode == 0, done.stderr[-2000:]


def test_logs_of_others_lose_their_words() -> None:
    """Lines of other code keep only their place and their errors' names, at every level."""
    done = _run(QUIET)
    assert "Xylophone" not in done.stderr + done.stdout
    assert "ValueError" in done.stderr
    assert "ours passes" in done.stderr
