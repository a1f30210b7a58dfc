"""How a console page is answered: its words, its status, and one page for whatever stands in the way."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import urlencode

from aiohttp import web
from babel.dates import format_datetime, format_timedelta

from portal import csrf, sessions
from portal.forms.refusals import RefusedError, refusal_of
from portal.keys import LIMITS, PAGES, PARTS, SITE, TEXTS
from portal.language import preferred
from portal.origin import same_origin
from recovery_core.conversations.language import Language
from recovery_core.errors import GoneError, RecoveryError
from recovery_core.people.guessing import ClosedError
from recovery_core.people.operators import Console
from recovery_core.people.rights import NoRightError
from recovery_core.people.signing_in import NotFreshError, NotSignedInError, ReadOnlyError
from recovery_core.people.standing import Signed
from recovery_core.proofs.send_limits import SendingLimitError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SIGNED: web.RequestKey[Signed | None] = web.RequestKey("signed")
LANGUAGE_COOKIE = "rekey-language"
_LANGUAGE_LIFE = 365 * 24 * 3600
_PAGE_DIGITS = 4
_TAGS = {"en": "en", "zh": "zh-CN"}
_SWITCH = {"en": ("zh", "中文"), "zh": ("en", "English")}
"""The other language and its own name, which is the same in every language."""
_WORDS_OF_GONE = frozenset({"already_decided", "case_over", "account_gone", "link_over"})


def console_of(request: web.Request) -> Console:
    """Return the console that the requested path belongs to."""
    first = request.path.split("/", 2)[1]
    return Console(first) if first in set(Console) else Console.ADMIN


def language_of(request: web.Request) -> str:
    """Return the page's language: chosen on it or before, else the operator's, else the browser's."""
    found = request.get(SIGNED)
    chosen = (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
    spoken = next((code for code in chosen if code in set(Language)), None)
    if spoken is not None:
        return spoken
    own = found.operator.language if found is not None else None
    return own if own in set(Language) else preferred(request).value


def words(request: web.Request) -> Callable[..., str]:
    """Return the function that turns a key into words of the page's language."""
    return functools.partial(_text, request.app[TEXTS].text, language_of(request))


def render(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> web.Response:
    """Return the page *template*; ``t`` gives it words, ``when`` and ``ago`` write moments."""
    language = language_of(request)
    given = {**_place(request), **_spoken(request, language), **context}
    text = request.app[PAGES].get_template(template).render(given)
    response = web.Response(
        status=status,
        text=text,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Language": _TAGS[language], **(headers or {})},
    )
    csrf.attach(request, response)
    if request.query.get("lang") == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=_LANGUAGE_LIFE, path="/", samesite="Lax")
    return response


def guarded(handler: Handler) -> Handler:
    """Guard a handler: limits and origin of a POST first, a page for each refusal of the core."""

    @functools.wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            if request.method == "POST":
                await _admit(request)
            return await handler(request)
        except NotSignedInError:
            raise web.HTTPSeeOther(_way(request, "sign-in")) from None
        except NotFreshError:
            raise web.HTTPSeeOther(_way(request, "again")) from None
        except Exception as error:
            refusal = _refusal(error)
            if refusal is None:
                raise
            return notice(request, refusal)

    return answered


def notice(request: web.Request, refusal: RefusedError) -> web.Response:
    """Return the page that says why it does not go on here, and what to do."""
    headers, minutes = {}, 1
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
        minutes = max(1, ceil(refusal.retry_after / 60))
    return render(
        request, "console/notice.html", status=refusal.status, headers=headers, code=refusal.code,
        minutes=minutes,
    )  # fmt: skip


def next_path(request: web.Request) -> str:
    """Return the page of this console that the browser wanted, its first page if it named none of it."""
    home = f"/{console_of(request).value}"
    wanted = request.query.get("next", "")
    safe = wanted.isascii() and wanted.isprintable() and not set(wanted) & set("\\?#%") and ".." not in wanted
    return wanted if safe and wanted.startswith(f"{home}/") and "//" not in wanted else home


def page_number(request: web.Request) -> int:
    """Return which page of a list is asked for by ``?page=``, from 1; raises RefusedError."""
    given = request.query.get("page", "1")
    if not (given.isascii() and given.isdecimal() and len(given) <= _PAGE_DIGITS and int(given)):
        raise RefusedError(400, "bad_request")
    return int(given)


def onward(request: web.Request, page: str) -> str:
    """Return the address of *page* of this console, which then leads to where the browser wanted to go."""
    home, wanted = f"/{console_of(request).value}", next_path(request)
    query = f"?{urlencode({'next': wanted})}" if wanted != home else ""
    return f"{home}/{page}{query}"


def _way(request: web.Request, page: str) -> str:
    home = f"/{console_of(request).value}"
    query = f"?{urlencode({'next': request.path})}" if request.path.startswith(f"{home}/") else ""
    return f"{home}/{page}{query}"


def _refusal(error: Exception) -> RefusedError | None:
    match error:
        case NoRightError() | ReadOnlyError() | RecoveryError(code="no_phone"):
            return RefusedError(403, error.code)
        case ClosedError():
            return RefusedError(429, "sign_in_closed")
        case SendingLimitError():
            return RefusedError(429, "sending_limit")
        case GoneError():
            return RefusedError(410, error.code if error.code in _WORDS_OF_GONE else "gone")
    return refusal_of(error)


async def _admit(request: web.Request) -> None:
    wait = await request.app[LIMITS].hit("forms_per_client", sessions.client_key(request))
    if wait:
        raise RefusedError(429, "must_wait", wait)
    if not same_origin(request):
        raise RefusedError(403, "forbidden")


def _place(request: web.Request) -> dict[str, object]:
    """Return where the page is, whose it is, and the hidden field of its forms."""
    console = console_of(request).value
    return {
        "demo": request.app[SITE].demo,
        "console": console,
        "home": f"/{console}",
        "who": request.get(SIGNED),
        "csrf": csrf.issue(request),
        "csrf_for": functools.partial(csrf.issue, request),
        "path": request.path,
    }


def _spoken(request: web.Request, language: str) -> dict[str, object]:
    """Return what a template needs to speak *language* and to offer the other one."""
    other, name = _SWITCH[language]
    return {
        "t": words(request),
        "when": functools.partial(_when, request, language),
        "ago": functools.partial(_ago, request, language),
        "lang": _TAGS[language],
        "other_language": other,
        "other_lang": _TAGS[other],
        "other_name": name,
    }


def _when(request: web.Request, language: str, moment: datetime) -> str:
    pattern = request.app[TEXTS].text("word.time", language)
    return format_datetime(moment, pattern, locale=language)


def _ago(request: web.Request, language: str, moment: datetime) -> str:
    passed = request.app[PARTS].clock.now() - moment
    if passed < timedelta(minutes=1):
        return request.app[TEXTS].text("console.just_now", language)
    return format_timedelta(-passed, add_direction=True, locale=language)


def _text(text: Callable[..., str], language: str, key: str, /, **variables: str | int) -> str:
    return text(key, language, **variables)
