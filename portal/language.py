"""The language of a page or a refusal: the conversation's, else the browser's."""

from __future__ import annotations

from aiohttp import web

from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language

CONVERSATION: web.RequestKey[Conversation | None] = web.RequestKey("conversation")
"""Where :mod:`portal.sessions` keeps the request's conversation."""


def language_of(request: web.Request) -> str:
    """Return ``zh`` or ``en`` for this request."""
    conversation = request.get(CONVERSATION)
    return conversation.language.value if conversation else preferred(request).value


def preferred(request: web.Request) -> Language:
    """Return the language that the browser asks for first; English when it asks for neither."""
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        tag = part.partition(";")[0].strip()
        if tag.startswith("zh"):
            return Language.ZH
        if tag.startswith("en"):
            return Language.EN
    return Language.EN
