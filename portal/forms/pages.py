"""How a page is answered: its words, its status, and one page for whatever stands in the way."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from math import ceil

from aiohttp import web

from portal import csrf, sessions
from portal.forms import claiming
from portal.forms.refusals import RefusedError, refusal_of
from portal.keys import LIMITS, PAGES, SITE, TEXTS
from portal.language import language_of
from portal.origin import same_origin
from recovery_core.conversations.language import Language

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TAGS = {"en": "en", "zh": "zh-CN"}
_SWITCH = {"en": ("zh", "中文"), "zh": ("en", "English")}
"""The other language and its own name, which is the same in every language."""


def page_language(request: web.Request) -> str:
    """Return the language of the page: the one chosen on it, else the conversation's, else the browser's."""
    chosen = request.query.get("lang")
    return chosen if chosen in set(Language) else language_of(request)


def words(request: web.Request) -> Callable[..., str]:
    """Return the function that turns a key into words of the page's language."""
    return functools.partial(_text, request.app[TEXTS].text, page_language(request))


def render(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> web.Response:
    """Return the page *template*; ``t`` gives it words and ``csrf`` the hidden field's value."""
    language = page_language(request)
    text = (
        request.app[PAGES]
        .get_template(template)
        .render(
            demo=request.app[SITE].demo, csrf=csrf.issue(request), **_spoken(request, language), **context
        )
    )
    response = web.Response(
        status=status,
        text=text,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Language": _TAGS[language], **(headers or {})},
    )
    csrf.attach(request, response)
    return response


def page(handler: Handler) -> Handler:
    """Guard a handler of pages: limits and origin of a POST first, a page for each refusal of the core."""

    @functools.wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            await sessions.conversation_of(request)
            if request.method == "POST":
                await _admit(request)
            return await handler(request)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            return notice(request, refusal)

    return guarded


def notice(request: web.Request, refusal: RefusedError) -> web.Response:
    """Return the page that says why it does not go on here, and what to do."""
    headers, minutes = {}, 1
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
        minutes = max(1, ceil(refusal.retry_after / 60))
    code = refusal.code
    return render(
        request, "notice.html", status=refusal.status, headers=headers, code=code, minutes=minutes,
        again=code in {"forbidden", "unavailable", "bad_request"}, path=request.path,
    )  # fmt: skip


async def _admit(request: web.Request) -> None:
    wait = await request.app[LIMITS].hit("forms_per_client", sessions.client_key(request))
    if wait:
        raise RefusedError(429, "too_fast", wait)
    if not same_origin(request):
        raise RefusedError(403, "forbidden")


def _spoken(request: web.Request, language: str) -> dict[str, object]:
    """Return what a template needs to speak *language* and to offer the other one."""
    other, name = _SWITCH[language]
    return {
        "t": words(request),
        "lang": _TAGS[language],
        "other_language": other,
        "other_lang": _TAGS[other],
        "other_name": name,
        "messenger": claiming.MESSENGER in request,
    }


def _text(text: Callable[..., str], language: str, key: str, /, **variables: str | int) -> str:
    return text(key, language, **variables)
