"""Replies on their way to the person: buttons become opaque ids, forms are minted, links never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from recovery_core.cases import forms
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Line
from recovery_core.messages import Button, FormPurpose
from recovery_core.people.matching import shown_number
from recovery_core.work import UnitOfWork

_BUTTON_BITS = 96


class Texts(Protocol):
    """Turns a key of the catalogues into words."""

    def text(self, key: str, language: str, **variables: str | int) -> str:
        """Return the text in *language*."""
        ...


async def to_store(
    work: UnitOfWork, parts: Parts, conversation_id: str, replies: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what is stored of the assistant's *replies*: no link, no token, no button payload."""
    return [await _one(work, parts, conversation_id, reply) for reply in replies]


def to_person(parts: Parts, texts: Texts, line: Line, language: str) -> dict[str, Any]:
    """Return the reply of the chat API; absent fields are null. The form's link is derived here."""
    stored = line.payload
    text = _text(parts, texts, stored, language) if stored.get("key") else stored.get("text")
    return {
        "id": str(line.seq),
        "kind": stored["kind"],
        "text": text,
        "buttons": _titled(texts, stored.get("buttons"), language),
        "form": _form(parts, stored.get("form")),
    }


def _titled(
    texts: Texts, buttons: Sequence[Mapping[str, str]] | None, language: str
) -> list[dict[str, str]] | None:
    """Return the buttons; one that the core offered itself has a key where others have their title."""
    if buttons is None:
        return None
    return [
        {"id": b["id"], "name": b["name"], "title": b.get("title") or texts.text(b["key"], language)}
        for b in buttons
    ]


def _text(parts: Parts, texts: Texts, stored: Mapping[str, Any], language: str) -> str:
    # A match number is derived here and stored nowhere; only the browser of the conversation reads it (R14).
    variables = {"number": shown_number(parts.keyed, stored["ticket"])} if stored.get("ticket") else {}
    return texts.text(stored["key"], language, **variables)


async def _one(
    work: UnitOfWork, parts: Parts, conversation_id: str, reply: Mapping[str, Any]
) -> dict[str, Any]:
    stored: dict[str, Any] = {"kind": "text", "text": reply.get("text"), "id": reply.get("id")}
    buttons = [_button(parts, button) for button in reply.get("buttons") or ()]
    if buttons:
        names = {button["id"]: button["name"] for button in buttons}
        await work.conversations.add_buttons(conversation_id, names, parts.clock.now())
        stored |= {"kind": "buttons", "buttons": buttons}
    purpose = (reply.get("custom") or {}).get("form")
    if purpose:
        form = await _mint(work, parts, conversation_id, FormPurpose(purpose))
        stored |= {"kind": "form", "form": form} if form else {}
    return stored


def _button(parts: Parts, button: Mapping[str, str]) -> dict[str, str]:
    name = Button(button["payload"])
    return {"id": parts.entropy.token(_BUTTON_BITS), "name": name.value, "title": button["title"]}


async def _mint(
    work: UnitOfWork, parts: Parts, conversation_id: str, purpose: FormPurpose
) -> dict[str, str] | None:
    token = await forms.mint(work, parts, conversation_id, purpose)
    if token is None:
        return {"purpose": purpose.value, "id": ""} if purpose is FormPurpose.RESUME else None
    return {"purpose": purpose.value, "id": forms.form_id_of(parts, token)}


def _form(parts: Parts, stored: Mapping[str, str] | None) -> dict[str, str] | None:
    if stored is None:
        return None
    url = f"/secure/{forms.token_of(parts, stored['id'])}" if stored["id"] else "/resume"
    return {"url": url, "purpose": stored["purpose"]}
