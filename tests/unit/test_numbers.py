"""The defaults are those of the rules."""

from __future__ import annotations

from datetime import timedelta

from recovery_core.numbers import Numbers, Profile

SECONDS = {
    "code_life": 300,  # R4
    "resend_wait": 60,  # R4
    "link_life": 1800,  # R6
    "wait_after_kill": 30,  # R8
    "wait_after_kill_max": 3600,  # R8
    "grant_life": 900,  # R10
    "form_life": 600,
    "rights_idle": 900,  # R13
    "idle_expiry": 86400,  # R13
    "escalated_expiry": 30 * 86400,  # R13
    "veto_life": 72 * 3600,  # R12
    "hold_every": 30 * 86400,  # R12
    "ways_on_after": 60,  # R2
    "clock_tolerance": 60,  # R20
    "answers_life": 600,
    "review_wait": 86400,  # R17
    "approver_told_every": 900,  # R14
    "live_wait": 600,
    "desk_present": 300,
}
COUNTS = {
    "code_tries": 5,
    "sends_per_hour": 5,
    "sends_per_day": 10,
    "client_addresses_per_hour": 5,
    "sms_daily_max": 500,
    "sms_domain_floor": 50,
    "sms_domain_share": 0.05,
    "sms_countries": ("+86",),
    "link_reference_tries": 5,
    "mails_per_case": 3,
    "phone_codes_per_case": 3,  # R17
    "answers_wrong_per_day": 5,
    "answers_wrong_in_all": 10,
    "killed_codes_until_wait": 2,
    "failures_until_stop": 100,
    "domain_wrong_floor": 50,
    "domain_wrong_share": 0.02,
    "sendings_per_grant": 20,
    "resume_tries_per_hour": 10,
    "veto_code_tries_per_hour": 5,
    "ways_on_after_failures": 2,
    "history": 3,
    "administrator_days": 3,
    "match_tries": 3,
    "votes_wanted": 2,
    "tickets_measured": 20,
    "requests_per_account": 3,
    "requests_per_client": 3,
    "requests_per_client_and_account": 2,
    "reviews_per_day": 3,
    "talks_per_client": 5,
    "profile": Profile.GUIDE,
}


def test_every_number_is_the_rules() -> None:
    """R4 to R13, R20: each default is the rule's number, and no number is missing here."""
    numbers = Numbers()
    expected = {name: timedelta(seconds=value) for name, value in SECONDS.items()} | COUNTS

    assert {name: getattr(numbers, name) for name in Numbers.__slots__} == expected
