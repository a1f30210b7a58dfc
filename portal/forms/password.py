"""The page for the new password."""

from __future__ import annotations

from aiohttp import web

from portal.forms import phone
from portal.forms.fields import Broken, read_fields
from portal.forms.opened import BACK, Opened, go_on
from portal.forms.pages import render, words
from portal.keys import PARTS, TURNS
from recovery_core.cases import completing
from recovery_core.cases.completing import PasswordRefusedError
from recovery_core.errors import GoneError
from recovery_core.passwords.rules import Requirement, RuleCode, Violation

_LIVE = frozenset(
    {RuleCode.TOO_SHORT, RuleCode.TOO_LONG, RuleCode.TOO_FEW_CLASSES, RuleCode.NOT_STABLE, RuleCode.MISMATCH}
)
"""Rules that the page itself can judge while one types; the rest is checked on sending."""


async def show(request: web.Request, opened: Opened, broken: tuple[Broken, ...] = ()) -> web.Response:
    """Show every rule in advance and never a password; with *broken*, as a refusal (422)."""
    parts = request.app[PARTS]
    advance = parts.policy.advance()
    numbers = {rule.code: rule.variables for rule in advance}
    policy = {
        "minimum": numbers[RuleCode.TOO_SHORT]["minimum"],
        "maximum": numbers[RuleCode.TOO_LONG]["maximum"],
        "classes": numbers.get(RuleCode.TOO_FEW_CLASSES, {}).get("minimum", 0),
    }
    left = opened.form.expires_at - parts.clock.now()
    return render(
        request,
        "password.html",
        status=422 if broken else 200,
        rules=[_said(request, rule) for rule in advance],
        policy=policy,
        broken=broken,
        codes={item.code for item in broken},
        phone=await phone.way_to(request, opened),
        minutes=max(1, int(left.total_seconds() // 60)),
    )


async def act(request: web.Request, opened: Opened) -> web.Response:
    """Set the password, or show every rule that it breaks."""
    fields = await read_fields(request)
    parts, conversation = request.app[PARTS], opened.conversation
    new, confirm = fields.get("new_password", ""), fields.get("confirm_password", "")
    try:
        await completing.set_password(parts, opened.form.id, conversation.id, new, confirm)
    except PasswordRefusedError as refused:
        return await show(request, opened, tuple(_broken(request, item) for item in refused.violations))
    except GoneError:
        if await completing.expire_grant(parts, conversation.id):
            request.app[TURNS].wake(conversation.id)
        raise
    return go_on(request, conversation.id, BACK)


def _said(request: web.Request, rule: Requirement) -> dict[str, object]:
    text = words(request)(f"form.rule.{rule.code.value}", **rule.variables)
    return {"code": rule.code.value, "text": text, "live": rule.code in _LIVE}


def _broken(request: web.Request, violation: Violation) -> Broken:
    key = f"form.broken.{violation.code.value}"
    if violation.code is RuleCode.NOT_STABLE:
        key = f"{key}.{violation.variables['reason']}"
    field = "confirm_password" if violation.code is RuleCode.MISMATCH else "new_password"
    return Broken(violation.code.value, words(request)(key, **violation.variables), field)
