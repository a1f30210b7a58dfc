"""From settings to the core's numbers and keeping times."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from recovery_core.cases.sweeping import Keeping
from recovery_core.numbers import Numbers, Profile
from rekey.settings import Settings


def numbers_of(settings: Settings) -> Numbers:
    """Return the numbers of the rules that *settings* ask for."""
    return replace(_granting(settings), **_proving(settings), **_deciding(settings))


def _granting(s: Settings) -> Numbers:
    return Numbers(
        grant_life=timedelta(minutes=s.grant_minutes),
        sendings_per_grant=s.sendings_per_grant,
        form_life=timedelta(minutes=s.form_minutes),
        rights_idle=timedelta(minutes=s.rights_idle_minutes),
        idle_expiry=timedelta(hours=s.idle_expiry_hours),
        escalated_expiry=timedelta(days=s.escalated_expiry_days),
        resume_tries_per_hour=s.resume_tries_per_hour,
        veto_life=timedelta(hours=s.veto_hours),
        veto_code_tries_per_hour=s.veto_code_tries_per_hour,
        hold_every=timedelta(days=s.veto_hold_days),
        ways_on_after=timedelta(seconds=s.another_method_seconds),
        ways_on_after_failures=s.another_method_failures,
        clock_tolerance=timedelta(seconds=s.clock_skew_seconds),
    )


def _proving(s: Settings) -> dict[str, Any]:
    return {
        "profile": Profile(s.profile),
        "code_life": timedelta(minutes=s.code_minutes),
        "code_tries": s.code_tries,
        "resend_wait": timedelta(seconds=s.resend_seconds),
        "sends_per_hour": s.sends_per_hour,
        "sends_per_day": s.sends_per_day,
        "client_addresses_per_hour": s.client_addresses_per_hour,
        "sms_daily_max": s.sms_daily_max,
        "sms_domain_floor": s.sms_domain_floor,
        "sms_domain_share": s.sms_domain_share,
        "sms_countries": s.sms_countries,
        "link_life": timedelta(minutes=s.mail_link_minutes),
        "link_reference_tries": s.link_reference_tries,
        "mails_per_case": s.mails_per_case,
        "phone_codes_per_case": s.phone_codes_per_case,
        "answers_wrong_per_day": s.answers_wrong_per_day,
        "answers_wrong_in_all": s.answers_wrong_in_all,
        "killed_codes_until_wait": s.guess_dead_codes,
        "wait_after_kill": timedelta(seconds=s.guess_wait_seconds),
        "wait_after_kill_max": timedelta(minutes=s.guess_wait_max_minutes),
        "failures_until_stop": s.guess_stop,
        "domain_wrong_floor": s.guess_domain_floor,
        "domain_wrong_share": s.guess_domain_share,
    }


def _deciding(s: Settings) -> dict[str, Any]:
    return {
        "match_tries": s.match_tries,
        "approver_told_every": timedelta(minutes=s.approver_mail_minutes),
        "administrator_days": s.administrator_days,
        "review_wait": timedelta(hours=s.review_wait_hours),
        "votes_wanted": s.votes_wanted,
        "live_wait": timedelta(minutes=s.live_wait_minutes),
        "desk_present": timedelta(minutes=s.desk_present_minutes),
        "tickets_measured": s.tickets_measured,
        "requests_per_account": s.requests_per_account,
        "requests_per_client": s.requests_per_client,
        "requests_per_client_and_account": min(s.requests_per_client, s.requests_per_account - 1),
        "reviews_per_day": s.reviews_per_day,
        "talks_per_client": s.talks_per_client,
    }


def keeping_of(settings: Settings) -> Keeping:
    """Return how long what is kept (R21); a case never shorter than its vetoes count (R12)."""
    vetoes = max(timedelta(days=settings.veto_hold_days), timedelta(hours=settings.veto_hours))
    return Keeping(
        transcripts=timedelta(days=settings.transcript_days),
        cases=max(timedelta(days=settings.case_days), vetoes),
        audit=timedelta(days=settings.audit_days),
    )
