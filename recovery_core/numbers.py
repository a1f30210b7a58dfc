"""The numbers of the rules, in one frozen value: settings fill it, tests change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Profile(StrEnum):
    """A named set of rules: *guide* follows the guide rekey implements, *strict* NIST SP 800-63B-4."""

    GUIDE = "guide"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Defaults are those of the rules; durations are :class:`datetime.timedelta`, the rest are counts."""

    profile: Profile = Profile.GUIDE
    code_life: timedelta = timedelta(minutes=5)
    code_tries: int = 5
    resend_wait: timedelta = timedelta(seconds=60)
    sends_per_hour: int = 5
    sends_per_day: int = 10
    client_addresses_per_hour: int = 5
    sms_daily_max: int = 500
    sms_domain_floor: int = 50
    sms_domain_share: float = 0.05
    sms_countries: tuple[str, ...] = ("+86",)
    link_life: timedelta = timedelta(minutes=30)
    link_reference_tries: int = 5
    mails_per_case: int = 3
    phone_codes_per_case: int = 3
    """Codes that go to the one new phone after an approved review (R17)."""
    answers_life: timedelta = timedelta(minutes=10)
    answers_wrong_per_day: int = 5
    answers_wrong_in_all: int = 10
    killed_codes_until_wait: int = 2
    wait_after_kill: timedelta = timedelta(seconds=30)
    wait_after_kill_max: timedelta = timedelta(hours=1)
    failures_until_stop: int = 100
    domain_wrong_floor: int = 50
    domain_wrong_share: float = 0.02
    grant_life: timedelta = timedelta(minutes=15)
    sendings_per_grant: int = 20
    form_life: timedelta = timedelta(minutes=10)
    rights_idle: timedelta = timedelta(minutes=15)
    idle_expiry: timedelta = timedelta(hours=24)
    escalated_expiry: timedelta = timedelta(days=30)
    resume_tries_per_hour: int = 10
    veto_life: timedelta = timedelta(hours=72)
    veto_code_tries_per_hour: int = 5
    hold_every: timedelta = timedelta(days=30)
    ways_on_after: timedelta = timedelta(seconds=60)
    ways_on_after_failures: int = 2
    clock_tolerance: timedelta = timedelta(seconds=60)
    history: int = 3
    review_wait: timedelta = timedelta(hours=24)
    approver_told_every: timedelta = timedelta(minutes=15)
    administrator_days: int = 3
    """Working days after which a silent administrator opens the way to document review (R17)."""
    match_tries: int = 3
    votes_wanted: int = 2
    live_wait: timedelta = timedelta(minutes=10)
    desk_present: timedelta = timedelta(minutes=5)
    tickets_measured: int = 20
    requests_per_account: int = 3
    """Open requests for one mailbox, real or not, that nothing was proven for (R14, R18)."""
    requests_per_client: int = 3
    requests_per_client_and_account: int = 2
    """Of those for one mailbox: one client alone cannot fill them and keep the owner from asking."""
    reviews_per_day: int = 3
    """Reviews opened for one mailbox; each writes to every contact (R17)."""
    talks_per_client: int = 5
    """Open wishes for a person."""
