"""Both languages say the same things: ids, variables, buttons and forms of ``recovery_core.messages``."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from recovery_core.messages import SPECS, MessageId

ROOT = Path(__file__).resolve().parents[2]
DOMAIN: dict[str, Any] = YAML(typ="safe").load(ROOT / "domain.yml")
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]


def _variables(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_has_words_and_no_words_are_idle() -> None:
    """The responses are exactly the messages of the core."""
    assert set(RESPONSES) == {f"utter_{id_.value}" for id_ in MessageId}


@pytest.mark.parametrize("id_", list(MessageId))
def test_each_message_speaks_both_languages_alike(id_: MessageId) -> None:
    """Chinese with the language's condition, English without, with the same variables and buttons."""
    chinese, english = RESPONSES[f"utter_{id_.value}"]
    assert chinese["condition"] == [{"type": "slot", "name": "language", "value": "zh"}]
    assert "condition" not in english
    for words in (chinese, english):
        assert _variables(words["text"]) == set(SPECS[id_].variables)
        payloads = [button["payload"] for button in words.get("buttons", [])]
        assert payloads == [button.value for button in SPECS[id_].buttons]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese["text"])


def test_identity_is_never_a_slot() -> None:
    """The assistant remembers nothing but the language."""
    assert set(DOMAIN["slots"]) == {"language"}


def test_the_guide_stands_where_it_belongs() -> None:
    """Menus and hotline of the guide are named in both languages."""
    places = {
        "utter_administrator_helps": "组织与用户 › 员工账号管理",
        "utter_path_standard": "邮箱列表",
        "utter_path_premium": "邮箱列表",
        "utter_path_group": "域管理 › 域列表",
        "utter_lost_everything": "95187",
    }
    for response, menu in places.items():
        assert all(menu in words["text"] for words in RESPONSES[response])
