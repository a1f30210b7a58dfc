"""Training is quick because it does less, and the model answers as the slow way would."""

# ruff: noqa: E501, S603  code for the other interpreter, started from here
from __future__ import annotations

import subprocess

import pytest

from tests.needs import need
from tests.rasa_process import PYTHON, ROOT

MODEL = """
import json, tempfile
from pathlib import Path
import numpy as np
from rekey_assistant.nlu import intent_model as m
from rekey_assistant.nlu.normal import normalise

texts = ["I forgot my password", "forgot it", "lost the phone", "my phone is gone!", "密码忘了", "手机丢了 手机"] * 4
intents = ["forgot", "forgot", "lost", "lost", "forgot", "lost"] * 4
intents[0] = "third"
concepts = {"password": "password|密码", "phone": "phone|手机"}
counters, slow = m.vectorizers(concepts), m.regression(8.0)
slow.fit(m.matrix([one.fit_transform([normalise(text) for text in texts]) for one in counters]), intents)
texts = [normalise(text) for text in texts]
quick = m.learn(texts, intents, concepts, 8.0)
assert (m.learn(texts, intents, concepts, 8.0).weights == quick.weights).all()
with tempfile.TemporaryDirectory() as folder:
    quick.save(Path(folder) / "en")
    loaded = m.IntentModel.load(Path(folder) / "en")
for text in [*texts[:6], "phone phone phone", "forgot password forgot", "unheard of", "?", "a"]:
    expected = slow.predict_proba(m.matrix([one.transform([normalise(text)]) for one in counters]))[0]
    for model in (quick, loaded):
        found = dict(model.read(normalise(text)).ranking)
        assert np.allclose([found[name] for name in slow.classes_], expected), text
"""

GRAMS = """
from sklearn.feature_extraction.text import CountVectorizer
from rekey_assistant.nlu.grams import letter_grams, word_grams
words = CountVectorizer(token_pattern=r"(?u)[a-z]+(?:'[a-z]+)?|[^\\W\\d_]|[?!？！]", ngram_range=(1, 3), lowercase=False)
letters = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), lowercase=False)
for text in ("", "a", "i can't log in!", "我 忘了密码？", "x y", "ab  zcode "):
    assert sorted(words.build_analyzer()(text)) == sorted(word_grams(text)), text
    assert sorted(letters.build_analyzer()(text)) == sorted(letter_grams(text)), text
"""

REPAIRS = """
import logging, tempfile
from rekey_assistant import quiet
quiet.configure(logging.CRITICAL)
from pathlib import Path
from rasa.shared.exceptions import YamlException
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils import validation
from tarsafe import TarSafe
from rekey_assistant import repair, training_repairs as t

slow_equal, slow_merge, slow_check = Message.__eq__, TrainingData.merge, validation.validate_yaml_schema
one, same = Message.build("hello", "greet"), Message.build("hello", "greet")
other, silent = Message.build("hello", "goodbye"), Message(data={"action_name": "action_listen"})
for left in (one, same, other, silent):
    for right in (one, same, other, silent, "hello"):
        assert slow_equal(left, right) == t.message_equal(left, right)
        if t.message_equal(left, right):
            assert t.message_hash(left) == t.message_hash(right)

def outline(data):
    return [m.data for m in data.training_examples], data.entity_synonyms, data.regex_features, data.responses

parts = lambda: [load_data(f"data/nlu/{name}") for name in ("greet.en.yml", "greet.zh.yml", "greet.en.yml", "concepts.yml")]
assert outline(slow_merge(TrainingData(), *parts(), None)) == outline(t.merge(TrainingData(), *parts(), None))

good = Path("data/nlu/greet.en.yml").read_text()
for text in (good, good.replace("intent: greet", "intend: greet"), "nlu: [", "nlu: 3"):
    seen = []
    for check in (slow_check, t.validate_yaml_schema):
        try:
            seen.append(check(text, "shared/nlu/training_data/schemas/nlu.yml"))
        except YamlException as refused:
            seen.append((type(refused), str(refused)))
    assert seen[0] == seen[1], seen
    assert (seen[0] is None) == (text is good)

def packed(archive, folder):
    with archive.open(folder / "packed", "w:gz") as tar:
        tar.add("data/nlu/greet.en.yml", arcname="greet.yml")
    with TarSafe.open(folder / "packed") as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar.getmembers()]

with tempfile.TemporaryDirectory() as folder:
    assert packed(t.QuickArchive, Path(folder)) == packed(TarSafe, Path(folder)) == [("greet.yml", good.encode())]

repair.install(t.REPAIRS)
assert outline(load_data("data/nlu/greet.en.yml")) == outline(parts()[0])
"""


@pytest.mark.parametrize("code", [MODEL, GRAMS, REPAIRS], ids=["model", "grams", "repairs"])
def test_the_quick_way_answers_as_the_slow_one(code: str) -> None:
    """Chances and n-grams equal scikit-learn's, and each repair of training equals Rasa's way."""
    need(PYTHON.exists(), "the assistant's environment (assistant/.venv)")
    command = [str(PYTHON), "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
