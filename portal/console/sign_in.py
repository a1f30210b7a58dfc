"""The pages by which operators come in: password, phone and second factor (R15)."""

from __future__ import annotations

import contextlib
from typing import Any

from aiohttp import web

from portal.console import sessions
from portal.console.pages import console_of, guarded, next_path, onward, render, words
from portal.forms.fields import Broken, line, read_fields
from portal.keys import PARTS, SITE
from recovery_core.errors import GoneError, MustWaitError, WrongError
from recovery_core.people import enrolling, signing_in, totp
from recovery_core.people.operators import Console
from recovery_core.people.signing_in import NotSignedInError
from recovery_core.people.standing import Signed, Step, standing

_PAGES = {Step.PHONE: "phone", Step.ENROL: "enrol", Step.CODE: "code"}


def routes(console: Console) -> list[web.RouteDef]:
    """Return the routes of *console* for signing in and out."""
    home = f"/{console.value}"
    return [
        web.get(f"{home}/sign-in", show),
        web.post(f"{home}/sign-in", act),
        web.get(f"{home}/phone", show_phone),
        web.post(f"{home}/phone", act_phone),
        web.get(f"{home}/enrol", show_enrol),
        web.post(f"{home}/enrol", act_enrol),
        web.get(f"{home}/code", show_code),
        web.post(f"{home}/code", act_code),
        web.get(f"{home}/again", show_again),
        web.post(f"{home}/again", act_again),
        web.post(f"{home}/sign-out", act_out),
    ]


@guarded
async def show(request: web.Request) -> web.StreamResponse:
    """GET sign-in: ask for name and password; who is signed in goes on."""
    signed = await sessions.signed_of(request, console_of(request))
    if signed is not None:
        raise web.HTTPSeeOther(_after(request, signed.step))
    return _ask(request, "sign_in")


@guarded
async def act(request: web.Request) -> web.StreamResponse:
    """POST sign-in: take name and password."""
    fields = await read_fields(request)
    parts, console = request.app[PARTS], console_of(request)
    name = line(fields, "name")
    try:
        browser = sessions.known_browser(request)
        token = await signing_in.sign_in(parts, console, name, fields.get("password", ""), browser)
    except WrongError:
        return _ask(request, "sign_in", _broken(request, "sign_in", "name"), name=name)
    signed = await standing(parts, console, token)
    if signed is None:
        raise NotSignedInError
    if signed.step is Step.PHONE:
        # A code may have been sent a moment ago in another window; the page offers to send one again.
        with contextlib.suppress(MustWaitError):
            await enrolling.send_code(parts, console, token)
    response = _to(_after(request, signed.step))
    await signing_in.sign_out(parts, sessions.token_of(request))
    sessions.hand_over(request, response, token)
    return response


@guarded
async def show_phone(request: web.Request) -> web.StreamResponse:
    """GET phone: ask for the code that was sent to the registered phone."""
    await _require(request, Step.PHONE)
    return _ask(request, "phone")


@guarded
async def act_phone(request: web.Request) -> web.StreamResponse:
    """POST phone: take the code, or send another."""
    await _require(request, Step.PHONE)
    fields = await read_fields(request)
    parts, console, token = request.app[PARTS], console_of(request), sessions.token_of(request)
    if fields.get("action") == "resend":
        await enrolling.send_code(parts, console, token)
        raise web.HTTPSeeOther(onward(request, "phone"))
    try:
        await enrolling.prove_phone(parts, console, token, line(fields, "code"))
    except WrongError as wrong:
        return _ask(request, "phone", _broken(request, "phone_code", "code", tries=wrong.tries_left or 0))
    except NotSignedInError:
        raise
    except GoneError:
        return _ask(request, "phone", _broken(request, "code_over", "code"))
    raise web.HTTPSeeOther(onward(request, "enrol"))


@guarded
async def show_enrol(request: web.Request) -> web.StreamResponse:
    """GET enrol: show the secret of the new second factor."""
    return await _enrolment(request, await _require(request, Step.ENROL))


@guarded
async def act_enrol(request: web.Request) -> web.StreamResponse:
    """POST enrol: take the first code of the new second factor."""
    signed = await _require(request, Step.ENROL)
    fields = await read_fields(request)
    parts, console, token = request.app[PARTS], console_of(request), sessions.token_of(request)
    try:
        renewed = await enrolling.enrol(parts, console, token, line(fields, "code"))
    except WrongError:
        return await _enrolment(request, signed, _broken(request, "second_factor", "code"))
    return _in(request, renewed, signed)


@guarded
async def show_code(request: web.Request) -> web.StreamResponse:
    """GET code: ask for the second factor."""
    await _require(request, Step.CODE)
    return _ask(request, "code")


@guarded
async def act_code(request: web.Request) -> web.StreamResponse:
    """POST code: take the second factor."""
    return await _second(request, "code", await _require(request, Step.CODE))


@guarded
async def show_again(request: web.Request) -> web.StreamResponse:
    """GET again: ask for the second factor once more, before a decision."""
    await _require(request, Step.INSIDE)
    return _ask(request, "again")


@guarded
async def act_again(request: web.Request) -> web.StreamResponse:
    """POST again: take the second factor once more."""
    return await _second(request, "again", await _require(request, Step.INSIDE))


@guarded
async def act_out(request: web.Request) -> web.StreamResponse:
    """POST sign-out: end the session."""
    await read_fields(request)
    response = _to(f"/{console_of(request).value}/sign-in")
    await sessions.sign_out(request, response)
    return response


async def _second(request: web.Request, page: str, signed: Signed) -> web.StreamResponse:
    fields = await read_fields(request)
    parts, console, token = request.app[PARTS], console_of(request), sessions.token_of(request)
    try:
        renewed = await signing_in.prove_second(parts, console, token, line(fields, "code"))
    except WrongError:
        return _ask(request, page, _broken(request, "second_factor", "code"))
    return _in(request, renewed, signed)


async def _require(request: web.Request, step: Step) -> Signed:
    """Return how the browser stands; one that stands elsewhere is sent to where it does."""
    signed = await sessions.signed_of(request, console_of(request))
    if signed is None:
        raise NotSignedInError
    if signed.step is not step:
        raise web.HTTPSeeOther(_after(request, signed.step))
    return signed


async def _enrolment(request: web.Request, signed: Signed, *broken: Broken) -> web.Response:
    parts, token = request.app[PARTS], sessions.token_of(request)
    secret = await enrolling.new_secret(parts, console_of(request), token)
    shown = totp.shown_secret(secret)
    groups = [shown[at : at + 4] for at in range(0, len(shown), 4)]
    issuer = request.app[SITE].origin.partition("//")[2].partition(":")[0]
    uri = totp.enrolment_uri(secret, signed.operator.name, f"rekey {issuer}")
    return _ask(request, "enrol", *broken, groups=groups, secret=shown, uri=uri)


def _ask(request: web.Request, page: str, *broken: Broken, **context: object) -> web.Response:
    given: dict[str, Any] = {"name": ""} | context
    status = 422 if broken else 200
    return render(request, f"console/{page}.html", status=status, broken=broken, **given)


def _in(request: web.Request, token: str, signed: Signed) -> web.StreamResponse:
    response = _to(next_path(request))
    sessions.hand_over(request, response, token)
    sessions.remember(request, response, signed.operator.name)
    return response


def _to(location: str) -> web.Response:
    """Return a redirect that can carry a cookie; a raised one cannot be given any."""
    return web.Response(status=303, headers={"Location": location})


def _after(request: web.Request, step: Step) -> str:
    return onward(request, _PAGES[step]) if step in _PAGES else next_path(request)


def _broken(request: web.Request, code: str, field: str, **variables: str | int) -> Broken:
    return Broken(code, words(request)(f"console.broken.{code}", **variables), field)
