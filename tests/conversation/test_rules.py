"""Every intent and every gateway event leads to the action that the house rules name."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conversation.conftest import Talk

ROOT = Path(__file__).resolve().parents[2]


def _rules() -> list[tuple[str, str]]:
    rules = YAML(typ="safe").load(ROOT / "data" / "rules.yml")["rules"]
    return [(rule["steps"][0]["intent"], rule["steps"][1]["action"]) for rule in rules]


@pytest.mark.parametrize(("intent", "action"), _rules())
def test_each_intent_reaches_its_action(talk: Talk, intent: str, action: str) -> None:
    """A ready parse leads to the action of its rule."""
    assert talk.event(intent) == action


@pytest.mark.parametrize("intent", ["greet", "password_rules", "cancel", "gateway_code_right", "lost_phone"])
def test_any_intent_works_in_the_middle(talk: Talk, intent: str) -> None:
    """After a code was sent every intent still leads to its own action."""
    conversation = uuid.uuid4().hex
    for before in ("forgot_password", "give_address", "gateway_method_sms"):
        talk.event(before, conversation=conversation)
    assert talk.event(intent, conversation=conversation) == dict(_rules())[intent]


def test_the_language_of_a_message_decides_the_words(talk: Talk) -> None:
    """The language may change with every message of a conversation."""
    conversation = uuid.uuid4().hex
    texts = [
        talk.say("forgot password", conversation=conversation, language=language)[1]["replies"][0]["text"]
        for language in ("zh", "en", "zh")
    ]
    assert ["请选择" in text for text in texts] == [True, False, True]
    assert texts[0] == texts[2]


def test_a_ready_parse_carries_the_language(talk: Talk) -> None:
    """A button pressed in Chinese is answered in Chinese although it names no language itself."""
    parse = {"text": "[button]", "intent": {"name": "gateway_start"}, "entities": []}
    _, answer = talk.say("[button]", parse=parse, language="zh")
    assert "请选择" in answer["replies"][0]["text"]
