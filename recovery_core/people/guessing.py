"""Wrong guesses at a console, counted so that a stranger's do not shut out the operator (R8, R15).

NIST SP 800-63B-4 §3.2.2 allows 100 wrong guesses in a row at one account. Browsers that have signed in before
have half of them for themselves; all others share the rest, and one client cannot use up its part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError
from recovery_core.numbers import Numbers
from recovery_core.people.operators import Console
from recovery_core.proofs import guess_budget
from recovery_core.proofs.ports import Budget
from recovery_core.work import UnitOfWork

DEVICE_LIFE = timedelta(days=180)
"""How long a browser counts as known after its last sign-in."""
_DEVICE, _DEVICE_BITS = "console-device", 128


class ClosedError(RecoveryError):
    """Raised when no further guess is judged: until a right one elsewhere, or a new password or factor."""

    code = "sign_in_closed"


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser that signs in brings along."""

    client: str
    """Keyed hash of its address."""
    device: str = ""
    """What it was given by :func:`device_token`; empty if nothing."""


@dataclass(frozen=True, slots=True)
class Guesses:
    """One count of wrong guesses in a row."""

    key: str
    free: int
    """Wrong ones after which the next ones wait, ever longer."""
    most: int
    """Wrong ones after which none is judged any more."""


def device_token(parts: Parts, console: Console, name: str) -> str:
    """Return what marks a browser as one that *name* has signed in with; it opens nothing by itself."""
    drawn, at = parts.entropy.token(_DEVICE_BITS), str(int(parts.clock.now().timestamp()))
    return f"{drawn}.{at}.{parts.keyed.of(_DEVICE, console.value, name, drawn, at)}"


def is_known(parts: Parts, console: Console, name: str, token: str) -> bool:
    """Tell whether *token* was issued at this console for *name*, and lately enough."""
    drawn, _, rest = token.partition(".")
    at, _, mac = rest.partition(".")
    if not parts.keyed.matches(mac, _DEVICE, console.value, name, drawn, at):
        return False
    return parts.clock.now() < datetime.fromtimestamp(int(at), parts.clock.now().tzinfo) + DEVICE_LIFE


def password_counts(
    parts: Parts, console: Console, name: str, version: int, browser: Browser
) -> tuple[Guesses, ...]:
    """Return what a guess at the password is counted on; a new password (*version*) begins anew."""

    def key(kind: str, *more: str) -> str:
        return parts.keyed.of("budget", kind, console.value, name, str(version), *more)

    if is_known(parts, console, name, browser.device):
        return (Guesses(key("console-known"), 10, 50),)
    return (Guesses(key("console-client", browser.client), 10, 20), Guesses(key("console"), 30, 50))


def factor_count(parts: Parts, operator_id: str, seed: bytes) -> Guesses:
    """Return what a guess at the second factor is counted on: only who knows the password gets there."""
    return Guesses(parts.keyed.of("budget", "console-code", operator_id, seed.hex()), 10, 100)


async def spend(work: UnitOfWork, parts: Parts, *counts: Guesses) -> None:
    """Count one guess on each of *counts*, before it is judged; raises MustWaitError or ClosedError."""
    now = parts.clock.now()
    budgets = [(count, await work.budgets.get(count.key)) for count in counts]
    for count, budget in budgets:
        if budget.consecutive_failures >= count.most:
            raise ClosedError
        guess_budget.check_wait(budget, now)
    for count, budget in budgets:
        await work.budgets.put(_after(budget, count, parts.numbers, now))


async def forgive(work: UnitOfWork, *counts: Guesses) -> None:
    """Forget the wrong guesses: a right one followed."""
    for count in counts:
        await work.budgets.put(guess_budget.after_proof(await work.budgets.get(count.key)))


def _after(budget: Budget, count: Guesses, numbers: Numbers, now: datetime) -> Budget:
    """From the last free one on, each fifth makes the next ones wait twice as long as before."""
    failures = budget.consecutive_failures + 1
    over, wait_until = failures - count.free, budget.wait_until
    if over >= 0 and over % numbers.code_tries == 0:
        wait = numbers.wait_after_kill * 2 ** min(over // numbers.code_tries, 32)
        wait_until = now + min(wait, numbers.wait_after_kill_max)
    return replace(budget, consecutive_failures=failures, wait_until=wait_until)
