"""A form whose link came by a messenger belongs to the first browser that uses it: another gets 410."""

from __future__ import annotations

from aiohttp import web

from portal import csrf, sessions
from portal.keys import PARTS, TURNS
from portal.language import CONVERSATION
from recovery_core.cases import forms
from recovery_core.cases.form import Form
from recovery_core.conversations.conversation import Conversation, LineKind
from recovery_core.errors import GoneError
from recovery_core.work import UnitOfWork

WEB = "web"
"""The channel of conversations that a browser leads itself, with a cookie."""
MESSENGER: web.RequestKey[str] = web.RequestKey("messenger")
"""The channel of the conversation that the request's form belongs to, where that is a messenger."""
_OPENED = {"kind": "notice", "key": "channel.form_opened"}


async def holder(work: UnitOfWork, request: web.Request, form_id: str) -> Conversation | None:
    """Return the conversation that this browser may use the form for; None if it may not."""
    own = await sessions.conversation_of(request)
    form = await work.forms.get(form_id)
    talk = await work.conversations.get(form.conversation_id) if form else None
    if form is None or talk is None or talk.channel == WEB:
        return own
    if form.claim_hash is not None and form.claim_hash not in _own_hashes(request):
        return None
    request[CONVERSATION] = talk
    request[MESSENGER] = talk.channel
    return talk


async def claim(request: web.Request, form: Form) -> None:
    """Bind a messenger's form to this browser and say so in the chat; raises GoneError if another one has it.

    A browser without any cookie is refused afterwards by the hidden field's check; it claims nothing.
    """
    hashes = _own_hashes(request)
    if MESSENGER not in request or not hashes or form.claim_hash is not None:
        return
    parts = request.app[PARTS]
    async with parts.work() as work:
        if not await work.forms.claim(form.id, hashes[0]):
            raise GoneError("form_elsewhere")
        at, reply = parts.clock.now(), LineKind.REPLY
        await work.conversations.append(form.conversation_id, reply, f"opened-{form.id}", _OPENED, at)
        await work.commit()
    request.app[TURNS].news.tell(form.conversation_id)


async def claim_next(work: UnitOfWork, request: web.Request, token: str) -> None:
    """Bind the form that this browser is sent to next, so that it needs no claim of its own."""
    hashes = _own_hashes(request)
    if MESSENGER in request and hashes:
        await work.forms.claim(forms.form_id_of(request.app[PARTS], token), hashes[0])


def _own_hashes(request: web.Request) -> list[str]:
    keyed = request.app[PARTS].keyed
    return [keyed.of("form-browser", held) for held in csrf.holders(request)]
