"""The actions: thin, all listed, and all reachable by a rule."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from actions.registry import ACTIONS
from portal.chat.turns import INTENTS
from recovery_core.cases.events import Event
from recovery_core.messages import SPECS, Button, MessageId
from tests.fake_assistant import action_of, domain

FOLDER = Path(__file__).parents[2] / "actions"
SHARED = {"__init__.py", "base.py", "registry.py", "webhook.py"}


def code_lines(path: Path) -> int:
    """Return the lines of *path* that are neither empty nor docstring nor import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = [
        node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    apart = {line for node in (*words, *imports) for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    lines = path.read_text(encoding="utf-8").splitlines()
    return sum(1 for number, line in enumerate(lines, 1) if line.strip() and number not in apart)


@pytest.mark.parametrize(
    "path", sorted(set(FOLDER.glob("*.py")) - {FOLDER / name for name in SHARED}), ids=str
)
def test_an_action_is_thin(path: Path) -> None:
    """An action has one class and fewer than 20 lines of code."""
    classes = [
        node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
    ]

    assert len(classes) == 1
    assert code_lines(path) < 20


def test_the_domain_lists_these_actions() -> None:
    """``domain.yml`` and the registry hold the same names, each once."""
    names = [action.action_name for action in ACTIONS]

    assert sorted(names) == sorted(set(names))
    assert sorted(names) == sorted(domain()["actions"])


def test_every_intent_has_a_rule_and_an_action() -> None:
    """Each intent of the domain leads to an action that exists."""
    intents = {each if isinstance(each, str) else next(iter(each)) for each in domain()["intents"]}

    assert set(action_of()) == intents
    assert set(action_of().values()) == {action.action_name for action in ACTIONS}


def test_every_event_and_button_is_an_intent() -> None:
    """What the gateway sends as a ready parse is known to the assistant."""
    sent = {event.value for event in Event} | {INTENTS.get(name, f"gateway_{name}") for name in Button}

    assert sent <= set(action_of())


@pytest.mark.parametrize("message_id", list(MessageId))
def test_every_message_has_its_words_and_buttons(message_id: MessageId) -> None:
    """Both variations of a response carry the buttons of the contract, in order."""
    chinese, english = domain()["responses"][f"utter_{message_id.value}"]

    for variation in (chinese, english):
        assert [b["payload"] for b in variation.get("buttons", ())] == list(SPECS[message_id].buttons)
        for name in SPECS[message_id].variables:
            assert f"{{{name}}}" in variation["text"]
