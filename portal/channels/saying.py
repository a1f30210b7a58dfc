"""A line of the conversation as a messenger takes it: split, its choices numbered where it has no buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.channels.choosing import (
    ASK_ADDRESS,
    OFFER_METHODS,
    offers_account,
    use_account,
    yes_and_no,
)
from portal.channels.owner import masked
from portal.channels.port import Capabilities, Choice, Link, Message
from portal.chat.replies import Texts, to_person
from recovery_core.accounts.account import Account
from recovery_core.cases import forms
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Line
from recovery_core.messages import FormPurpose
from recovery_core.proofs import secrets
from recovery_core.work import UnitOfWork

_BREAKS = ("\n\n", "\n", "。", ". ", " ")
"""Where a long text is cut, the best place first."""
MATCH_NUMBER = "gateway.match_number"
_MOST_CHOICES = 9
"""Choices that one answer has at most."""


def needs_page(line: Line) -> bool:
    """Tell whether *line* is shown on a page that has to be made, so that the unit of work must commit."""
    return line.payload.get("key") == MATCH_NUMBER


def may_be_numbered(line: Line, takes: Capabilities) -> bool:
    """Tell whether *line* has choices that a number may answer where messages look like *takes*."""
    has_choices = bool(line.payload.get("buttons")) or line.payload.get("id") == ASK_ADDRESS
    return has_choices and (takes.buttons_say_numbers or takes.max_buttons < _MOST_CHOICES)


@dataclass(frozen=True, slots=True)
class Said:
    """The messages of one line, in order."""

    messages: Sequence[Message]
    numbered: bool = False
    """Whether its choices are answered by a number: numbered lines, or buttons that come back as numbers."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Puts the lines of one conversation into messages for one platform."""

    parts: Parts
    texts: Texts
    takes: Capabilities
    language: str
    owner: Account | None = None
    """Whose account of the messenger it is, where the company's directory says so."""

    async def of(self, work: UnitOfWork, line: Line) -> Said:
        """Return what is sent for the reply *line*; a link that is over is said to be over."""
        shown = to_person(self.parts, self.texts, line, self.language)
        text, link = self._worded(line.payload, shown), None
        form = shown["form"]
        if form is not None and await _open(work, self.parts, line.payload["form"]["id"]):
            link = Link(self.parts.public_url + form["url"], self._say("channel.open_page"))
        elif form is not None:
            text = _joined(text, self._say("channel.link_over"))
        elif needs_page(line):
            link = await self._number_page(work, line)
        choices = [Choice(b["id"], b["name"], b["title"]) for b in shown["buttons"] or ()]
        if self.owner is not None:
            text, choices = await self._for_owner(work, line, text, choices, self.owner)
        return self._packed(line, text, choices, link)

    async def _number_page(self, work: UnitOfWork, line: Line) -> Link | None:
        """Return the link of the page on which one browser reads the number; None for a case that is over."""
        token = await forms.mint(work, self.parts, line.conversation_id, FormPurpose.RESUME)
        if token is None:
            return None
        return Link(f"{self.parts.public_url}/secure/{token}", self._say("channel.open_page"))

    async def _for_owner(
        self, work: UnitOfWork, line: Line, text: str, choices: list[Choice], owner: Account
    ) -> tuple[str, list[Choice]]:
        """Spare a known owner the address, and let them see which contacts are meant."""
        answer = line.payload.get("id")
        if answer == ASK_ADDRESS:
            yes, no = yes_and_no(self.parts, line.conversation_id)
            choices = [
                Choice(yes, "yes", self._say("channel.yes")),
                Choice(no, "no", self._say("channel.another")),
            ]
            return self._say("channel.is_this_about", address=owner.address), choices
        if answer == OFFER_METHODS and owner.contacts:
            case = await work.cases.current(line.conversation_id)
            if case is not None and case.account_id == owner.id:
                contacts = " · ".join(masked(contact) for contact in owner.contacts)
                text = _joined(text, self._say("channel.contacts", contacts=contacts))
        if await offers_account(work, self.parts, line.conversation_id, line.payload):
            text = _joined(text, self._say("channel.signed_in", address=owner.address))
            proof, title = use_account(self.parts, line.conversation_id), self._say("channel.use_account")
            choices = [*choices, Choice(proof, "method_messenger", title)]
        return text, choices

    def _packed(self, line: Line, text: str, choices: Sequence[Choice], link: Link | None) -> Said:
        listed = len(choices) > self.takes.max_buttons
        numbered = listed or (bool(choices) and self.takes.buttons_say_numbers)
        if listed:
            lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
            text, choices = _joined(text, "\n".join(lines), self._say("channel.answer_number")), ()
        pieces = split(text or "…", self.takes.max_text)
        last = len(pieces) - 1
        messages = [
            Message(
                id=self.parts.keyed.of("channel-message", line.conversation_id, str(line.seq), str(part)),
                text=piece,
                buttons=choices if part == last else (),
                link=link if part == last else None,
            )
            for part, piece in enumerate(pieces)
        ]
        return Said(messages, numbered)

    def _worded(self, payload: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
        text = str(shown["text"] or "")
        if payload.get("key") == MATCH_NUMBER:
            # The number proves who asks (R14): a messenger would keep it for whoever reads there later.
            return self._say("channel.match_number")
        if payload.get("kind") == "agent" and payload.get("by"):
            return self._say("channel.agent", name=str(payload["by"]), text=text)
        return text

    def _say(self, key: str, **variables: str) -> str:
        return self.texts.text(key, self.language, **variables)


def split(text: str, longest: int) -> list[str]:
    """Return *text* in pieces of at most *longest* characters, cut where it hurts least."""
    pieces = []
    while len(text) > longest:
        cut = _cut(text, longest)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in [*pieces, text] if piece]


def _cut(text: str, longest: int) -> int:
    for mark in _BREAKS:
        found = text.rfind(mark, longest // 2, longest)
        if found > 0:
            return found + len(mark)
    return longest


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


async def _open(work: UnitOfWork, parts: Parts, form_id: str) -> bool:
    """Tell whether a form can still be used; the page for returning, which has no id, always can."""
    if not form_id:
        return True
    form = await work.forms.get(form_id)
    now = parts.clock.now()
    return (
        form is not None
        and form.finished_at is None
        and secrets.in_time(form.issued_at, form.expires_at, now, parts.numbers)
    )
