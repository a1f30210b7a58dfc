"""The masked transcript as the desk shows it: no link, no token and no match number ever gets here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from recovery_core.conversations.conversation import Line, LineKind

_HIDDEN_KEYS = {"gateway.match_number": "desk.line.match_number"}
"""Only the browser of the conversation reads the number (R14)."""

Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the talk, in words."""

    id: int
    who: str
    """``person``, ``assistant``, ``agent`` or ``notice``."""
    text: str
    by: str
    """The agent's name; empty for everybody else."""
    at: str
    """ISO 8601, UTC, to the second."""
    choices: tuple[str, ...] = ()

    def as_event(self) -> Mapping[str, Any]:
        """Return the line as the event stream sends it."""
        return asdict(self)


def transcript(lines: Sequence[Line], t: Words) -> list[Shown]:
    """Return the lines in words; pressed buttons carry the titles they were offered with."""
    titles: dict[str, str] = {}
    said = []
    for line in lines:
        for button in line.payload.get("buttons") or ():
            titles[button["name"]] = _title(button, t)
        said.append(one(line, t, titles))
    return said


def one(line: Line, t: Words, titles: Mapping[str, str] | None = None) -> Shown:
    """Return one line in words."""
    payload = line.payload
    at = line.at.isoformat(timespec="seconds")
    if line.kind is LineKind.SAID:
        return Shown(line.seq, "person", _said(payload, t, titles or {}), "", at)
    buttons = tuple(_title(button, t) for button in payload.get("buttons") or ())
    who = payload["kind"] if payload["kind"] in {"agent", "notice"} else "assistant"
    return Shown(line.seq, who, _replied(payload, t), str(payload.get("by") or ""), at, buttons)


def _title(button: Mapping[str, str], t: Words) -> str:
    return button.get("title") or t(button["key"])


def _said(payload: Mapping[str, Any], t: Words, titles: Mapping[str, str]) -> str:
    name = payload.get("button")
    if name:
        return t("desk.line.pressed", title=titles.get(name, name))
    return str(payload.get("text") or "")


def _replied(payload: Mapping[str, Any], t: Words) -> str:
    key = payload.get("key")
    text = t(_HIDDEN_KEYS.get(key, key)) if key else str(payload.get("text") or "")
    form = payload.get("form")
    return f"{text} [{t('desk.form.' + form['purpose'])}]" if form else text
