"""The assistant without Rasa: keyword rules find the intent, everything behind it is real.

The rules of ``data/rules.yml`` name the action, the actions' own webhook runs it, and the words and buttons
come from ``domain.yml``, as they would through Rasa.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actions.webhook import Webhook
from portal.chat.rasa_client import AssistantFailedError, Turn
from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError, UnavailableError

ROOT = Path(__file__).parents[1]
_ADDRESS = r"[\w.+-]+[@＠][\w.-]+[.。．][\w.]+"
_ONLY_ADDRESSES = rf"\W*{_ADDRESS}(?:\s*(?:,|and|和|、)\s*{_ADDRESS})*\W*"
_KEYWORDS: Sequence[tuple[str, str]] = (
    ("cancel", r".*(?:\bcancel\b|取消).*"),
    ("human_agent", r".*(?:\bagent\b|\bhuman\b|人工).*"),
    ("report_takeover", r".*(?:hacked|被盗).*"),
    ("password_rules", r".*(?:rules|密码要求).*"),
    ("account_disabled", r".*(?:disabled|停用).*"),
    ("lost_phone", r".*(?:lost my phone|手机丢).*"),
    ("code_not_received", r".*(?:no code|didn't arrive|没收到).*"),
    ("admin_recovery", r".*(?:postmaster|管理员).*"),
    ("ticket_status", r".*(?:status|进度).*"),
    ("forgot_password", r".*(?:forgot|forgotten|password|忘了|忘记|密码).*"),
    ("affirm", r"\W*(?:yes|yep|是|是的|对)\W*"),
    ("deny", r"\W*(?:no|不是|不)\W*"),
    ("greet", r"\W*(?:hello|hi|你好|您好)\W*"),
    ("thanks", r".*(?:thanks|谢谢).*"),
    ("goodbye", r".*(?:\bbye|再见).*"),
    ("help", r".*(?:help|帮助).*"),
    ("out_of_scope", r".*(?:weather|天气).*"),
)
_EDITIONS = (("standard", "standard|标准"), ("premium", "premium|尊享"), ("group", "group|集团"))


def intent_of(text: str) -> str:
    """Return the intent that the keywords find; what stands in an address is no keyword."""
    if re.fullmatch(_ONLY_ADDRESSES, text):
        return "give_address"
    words = re.sub(_ADDRESS, "", text)
    for intent, pattern in _KEYWORDS:
        if re.fullmatch(pattern, words, re.IGNORECASE | re.DOTALL):
            return intent
    return "nlu_fallback"


@cache
def domain() -> Mapping[str, Any]:
    """Return what ``domain.yml`` says."""
    read: Mapping[str, Any] = YAML(typ="safe").load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return read


@cache
def action_of() -> Mapping[str, str]:
    """Return the action that ``data/rules.yml`` gives to each intent."""
    read = YAML(typ="safe").load((ROOT / "data" / "rules.yml").read_text(encoding="utf-8"))
    return {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in read["rules"]}


def render(response: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return one response in words, as Rasa's template generator would."""
    name = response["response"]
    variations = domain()["responses"][name]
    chosen = [v for v in variations if bool(v.get("condition")) == (language == "zh")]
    text = re.sub(r"{(\w+)}", lambda found: str(response[found[1]]), chosen[0]["text"])
    buttons = [dict(button) for button in chosen[0].get("buttons", ())]
    return {"text": text, "buttons": buttons, "custom": response.get("custom") or None, "id": name}


@dataclass
class FakeAssistant:
    """Answers like Rasa behind its gateway; can be away, slow, or lose an answer half-way."""

    webhook: Webhook | None = None
    turns: list[Turn] = field(default_factory=list)
    """Every turn that reached the assistant, repeats too."""
    down: bool = False
    failing: int = 0
    """How many of the next turns fail although the assistant is there."""
    lose: str = ""
    """``before`` or ``after`` remembering: the next answer is lost once, its action has run."""
    gate: asyncio.Event | None = None
    """When there is one, an answer waits for it."""
    odd_replies: list[Any] = field(default_factory=list)
    """Answered instead of anything sensible, first to last."""
    _last: dict[str, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def settle(self, parts: Parts) -> None:
        """Run the actions with *parts*."""
        self.webhook = Webhook(parts, b"key of the tests")

    async def ready(self) -> bool:
        """Tell whether it is there."""
        return not self.down

    async def answer(self, turn: Turn) -> Sequence[Mapping[str, Any]]:
        """Return the replies; the same message id again returns the same ones and runs nothing."""
        if self.down:
            raise UnavailableError("assistant")
        self.turns.append(turn)
        if self.gate:
            await self.gate.wait()
        if self.failing:
            self.failing -= 1
            raise AssistantFailedError
        if self.odd_replies:
            odd: Sequence[Mapping[str, Any]] = self.odd_replies.pop(0)
            return odd
        return await self._once(turn)

    async def _once(self, turn: Turn) -> list[dict[str, Any]]:
        message_id, known = self._last.get(turn.conversation_id, ("", []))
        if message_id == turn.message_id:
            return known
        replies = await self._replies(turn)
        lost, self.lose = self.lose, ""
        if lost != "before":
            self._last[turn.conversation_id] = (turn.message_id, replies)
        if lost:
            raise UnavailableError("assistant")
        return replies

    async def _replies(self, turn: Turn) -> list[dict[str, Any]]:
        assert self.webhook is not None
        intent = turn.intent or intent_of(turn.text)
        try:
            answer = await self.webhook.run(call_of(turn, intent))
        except RecoveryError as error:
            raise AssistantFailedError from error
        return [render(response, turn.language) for response in answer["responses"]]


def call_of(turn: Turn, intent: str) -> dict[str, Any]:
    """Return the call of the action, in rasa-sdk's protocol."""
    entities = [{"entity": "language", "value": turn.language}]
    entities += [
        {"entity": "edition", "value": name}
        for name, pattern in _EDITIONS
        if re.search(pattern, turn.text, re.IGNORECASE)
    ]
    latest = {
        "message_id": turn.message_id,
        "text": turn.text,
        "intent": {"name": intent, "confidence": 1.0},
        "entities": entities,
        "metadata": {"language": turn.language},
    }
    tracker = {"sender_id": turn.conversation_id, "slots": {}, "latest_message": latest, "events": []}
    return {"next_action": action_of()[intent], "tracker": tracker, "domain": {}}
