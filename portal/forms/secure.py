"""One address for all secure forms: the token says which form it is, the cookie whose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from portal.forms import answers, code, evidence, password, phone, returning
from portal.forms.opened import Opened, open_for_post, open_form
from portal.forms.pages import page
from recovery_core.errors import UnknownError
from recovery_core.messages import FormPurpose

_Page = Callable[[web.Request, Opened], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class _Pages:
    show: _Page
    act: _Page


_PAGE_OF: Mapping[FormPurpose, _Pages] = {
    FormPurpose.CODE: _Pages(code.show, code.act),
    FormPurpose.ANSWERS: _Pages(answers.show, answers.act),
    FormPurpose.PASSWORD: _Pages(password.show, password.act),
    FormPurpose.EVIDENCE: _Pages(evidence.show, evidence.act),
    FormPurpose.RESUME: _Pages(returning.show, returning.act),
}


_PHONE = _Pages(phone.show, phone.act)
"""A step beside the password form, after an approved review (R17)."""


@page
async def show(request: web.Request) -> web.StreamResponse:
    """GET /secure/<token>: show the form and change nothing."""
    opened = await open_form(request)
    return await _pages(request, opened).show(request, opened)


@page
async def act(request: web.Request) -> web.StreamResponse:
    """POST /secure/<token>: act on the form."""
    opened = await open_for_post(request)
    return await _pages(request, opened).act(request, opened)


def _pages(request: web.Request, opened: Opened) -> _Pages:
    if phone.is_asked(request, opened):
        return _PHONE
    if opened.form.purpose not in _PAGE_OF:
        raise UnknownError("form")
    return _PAGE_OF[opened.form.purpose]
