"""Repairs of Rasa 3.6.21 for the time of one training: what is replaced, by what, and why.

Rasa prepares every training for the next one: it hashes each example at each step, to skip steps that would
answer the same, and copies and reads the same files several times over. rekey trains everything each time, so
none of it is needed. ``tests/conversation/test_training.py`` shows that the model stays the same.
"""

# ruff: noqa: ANN401  Rasa gives no usable types here
from __future__ import annotations

import copy
import functools
from typing import Any

import pkg_resources
from pykwalify.core import Core
from pykwalify.errors import PyKwalifyException
from rasa.engine.storage import local_model_storage
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.constants import PACKAGE_NAME, RESPONSES_SCHEMA_FILE, SCHEMA_EXTENSIONS_FILE
from rasa.shared.importers import utils as importing
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data import util
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils import io, validation
from ruamel.yaml.error import YAMLError
from tarsafe import TarSafe

from rekey_assistant.repair import Repair

_read_paths = importing.training_data_from_paths
_validate = validation.validate_yaml_schema
_equal = Message.__eq__


def no_fingerprint(self: TrainingHook, *_: Any, **__: Any) -> dict[str, Any]:  # noqa: ARG001  a method of Rasa
    """Remember nothing of a step."""
    return {}


def message_hash(self: Message) -> int:
    """Return a hash that equal messages share."""
    return hash(self.data.get(TEXT))


def message_equal(self: Message, other: object) -> bool:
    """Compare what two messages hold instead of the SHA of it; with features as Rasa does."""
    if not isinstance(other, Message):
        return False
    if self.features or other.features:
        return bool(_equal(self, other))
    return bool(self.data == other.data)


def merge(self: TrainingData, *others: TrainingData | None) -> TrainingData:
    """Join training data without copying each example: nobody uses the parts afterwards."""
    examples, synonyms = list(self.training_examples), dict(self.entity_synonyms)
    features, tables, responses = list(self.regex_features), list(self.lookup_tables), dict(self.responses)
    for other in others:
        if not other:
            continue
        examples += other.training_examples
        features += other.regex_features
        tables += other.lookup_tables
        for text, synonym in other.entity_synonyms.items():
            util.check_duplicate_synonym(synonyms, text, synonym, "merging training data")
        synonyms.update(other.entity_synonyms)
        responses.update(other.responses)
    return TrainingData(examples, synonyms, features, tables, responses)


@functools.cache
def _read_once(paths: tuple[str, ...]) -> TrainingData:
    return _read_paths(paths, "en")


def training_data_from_paths(paths: Any, language: str) -> TrainingData:  # noqa: ARG001  Rasa's readers ignore it
    """Read each set of files once; they are asked for with and without a language, which changes nothing."""
    return _read_once(tuple(paths))


@functools.cache
def _schema(path: str) -> dict[str, Any]:
    names = (path, RESPONSES_SCHEMA_FILE)
    found: dict[str, Any] = {}
    for package_name in names:
        found |= dict(io.read_yaml_file(pkg_resources.resource_filename(PACKAGE_NAME, package_name)))
    return found


def validate_yaml_schema(yaml_file_content: str, schema_path: str, package_name: str = PACKAGE_NAME) -> None:
    """Validate with the quick reader; what it refuses goes to Rasa's own, which tells the line."""
    extensions = pkg_resources.resource_filename(PACKAGE_NAME, SCHEMA_EXTENSIONS_FILE)
    try:
        data = io.read_yaml(yaml_file_content)
        schema = copy.deepcopy(_schema(schema_path))
        Core(source_data=data, schema_data=schema, extensions=[extensions]).validate(raise_exception=True)
    except (YAMLError, PyKwalifyException):
        _validate(yaml_file_content, schema_path, package_name)


class QuickArchive(TarSafe):
    """Packs a model without searching long for what could be smaller: weights hardly can."""

    @classmethod
    def open(cls, name: Any = None, mode: str = "r", **options: Any) -> Any:
        """Open an archive as Rasa does, packed quickly where it is written."""
        return super().open(name, mode, **({"compresslevel": 1} if mode == "w:gz" else {}), **options)


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "fingerprint before a step",
        "Rasa hashes all inputs of each step so that a later training may skip it; none is skipped.",
        TrainingHook,
        "on_before_node",
        no_fingerprint,
    ),
    Repair(
        "fingerprint after a step",
        "Rasa hashes and stores the output of each step for a later training.",
        TrainingHook,
        "on_after_node",
        no_fingerprint,
    ),
    Repair(
        "hash of a message",
        "Duplicates are found by the SHA of each example's JSON, again for every merge.",
        Message,
        "__hash__",
        message_hash,
    ),
    Repair("equal messages", "See the hash of a message.", Message, "__eq__", message_equal),
    Repair(
        "merge",
        "Each of a dozen merges copies every example deeply.",
        TrainingData,
        "merge",
        merge,
    ),
    Repair(
        "one reading",
        "Several importers read the same files, with and without the language, which no reader uses.",
        importing,
        "training_data_from_paths",
        training_data_from_paths,
    ),
    Repair(
        "schema of a file",
        "Rasa reads each file a second time, in Python, to know the lines of possible mistakes.",
        validation,
        "validate_yaml_schema",
        validate_yaml_schema,
    ),
    Repair(
        "package",
        "The model is packed as small as possible, which takes a second and makes it a fortieth smaller.",
        local_model_storage,
        "TarSafe",
        QuickArchive,
    ),
)
