"""What a sentence is found to be about, by the patterns of ``data/nlu/concepts.yml``."""

# ruff: noqa: S603  code for the other interpreter, started from here
from __future__ import annotations

import json
import subprocess

import pytest

from tests.needs import need
from tests.rasa_process import PYTHON, ROOT

CODE = """
import json, sys
from rasa.shared.nlu.training_data.loading import load_data
from rekey_assistant.nlu.intent_model import Meanings
from rekey_assistant.nlu.intents import concepts_of
from rekey_assistant.nlu.normal import language_of, normalise

data = load_data(sys.argv[1])
found = {}
for text in json.loads(sys.argv[2]):
    prepared = normalise(text)
    found[text] = Meanings(concepts_of(data, language_of(prepared))).tags(prepared)
print(json.dumps(found))
"""

ABOUT = {
    "I didn't get the code": "not_arrived",
    "i didnt get it": "not_arrived",
    "havent received anything": "not_arrived",
    "it hasn’t come": "not_arrived",
    "it has not come": "not_arrived",
    "i didnt request this": "not_me",
    "I did not ask for it": "not_me",
    "that isn't mine": "not_me",
    "the number isnt mine": "lost",
    "验证码没收到": "not_arrived",
    "不是我申请的，莫名其妙": "not_me",
}


@pytest.fixture(scope="module")
def concepts() -> dict[str, list[str]]:
    """Return the concepts of each sentence."""
    need(PYTHON.exists(), "the assistant's environment (assistant/.venv)")
    order = [str(PYTHON), "-W", "ignore", "-c", CODE, str(ROOT / "data" / "nlu" / "concepts.yml")]
    done = subprocess.run([*order, json.dumps(list(ABOUT))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("text", ABOUT)
def test_a_sentence_is_about_what_it_names(concepts: dict[str, list[str]], text: str) -> None:
    """With its apostrophe, without it, and in full."""
    assert ABOUT[text] in concepts[text]
