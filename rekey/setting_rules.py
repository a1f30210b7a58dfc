"""The numbers of the recovery rules as settings; ``docs/operations.md`` repeats them with the rule's name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Proofs(BaseModel):
    """Codes, links, questions and guessing (R4, R6, R7, R8, R9)."""

    profile: Literal["guide", "strict"] = Field(
        "guide", description="guide asks one proof of an employee; strict follows NIST SP 800-63B-4 (R9)."
    )
    code_minutes: Count = Field(5, description="Minutes a code is good for (R4).")
    code_tries: Count = Field(5, description="Wrong tries that kill a code (R4).")
    resend_seconds: Count = Field(60, description="Seconds until a code may be sent again (R4).")
    sends_per_hour: Count = Field(5, description="Codes per address and method in an hour (R4).")
    sends_per_day: Count = Field(10, description="Codes per address and method in a day (R4).")
    client_addresses_per_hour: Count = Field(
        5, description="Addresses for which one client may start a proof in an hour (R4)."
    )
    another_method_seconds: Count = Field(
        60, description="Seconds after which everyone is offered other ways (R2)."
    )
    another_method_failures: Count = Field(
        2, description="Failed methods after which everyone is offered other ways (R2)."
    )
    mail_link_minutes: Count = Field(30, description="Minutes a mail link is good for (R6).")
    mails_per_case: Count = Field(3, description="Mail links in one case (R6).")
    phone_codes_per_case: Count = Field(3, description="Codes to a new phone after a review (R17).")
    link_reference_tries: Count = Field(
        5, description="Tries to name the case reference in another browser (R6)."
    )
    answers_wrong_per_day: Count = Field(5, description="Wrong pairs of answers in a day (R7).")
    answers_wrong_in_all: Count = Field(
        10, description="Wrong pairs of answers until another proof succeeds (R7)."
    )
    guess_dead_codes: Count = Field(
        2, description="Killed codes from which the next challenge has to wait (R8)."
    )
    guess_wait_seconds: Count = Field(
        30, description="First wait after killed codes, in seconds; it doubles (R8)."
    )
    guess_wait_max_minutes: Count = Field(60, description="Longest wait after killed codes, in minutes (R8).")
    guess_stop: Count = Field(100, description="Failures in a row that stop a method for an account (R8).")
    guess_domain_floor: Count = Field(
        50, description="Wrong codes in a domain in 24 h that are always allowed before the alert (R8)."
    )
    guess_domain_share: Share = Field(
        0.02, description="The same as a share of the domain's accounts, where above the floor (R8)."
    )


class Granting(BaseModel):
    """Grants, forms, vetoes and coming back (R10, R12, R13, R14)."""

    grant_minutes: Count = Field(15, description="Minutes in which a proven case may set a password (R10).")
    sendings_per_grant: Count = Field(
        20, description="Times a new password may be sent in under one grant (R10)."
    )
    form_minutes: Count = Field(10, description="Minutes a secure form is open (R10).")
    veto_hours: Count = Field(72, description='Hours in which "this was not me" works (R12).')
    veto_hold_days: Count = Field(30, description="Days in which an account has one automatic hold (R12).")
    veto_code_tries_per_hour: Count = Field(5, description="Veto codes a client may try in an hour (R12).")
    idle_expiry_hours: Count = Field(24, description="Idle hours after which an unproven case expires (R13).")
    escalated_expiry_days: Count = Field(30, description="Days after which an escalated case expires (R13).")
    rights_idle_minutes: Count = Field(
        15, description="Idle minutes after which a conversation loses its rights (R13)."
    )
    resume_tries_per_hour: Count = Field(
        10, description="Tries to resume a case per client in an hour (R13)."
    )


class Deciding(BaseModel):
    """What people decide, and who answers at the desk (R14, R15, R17, R18)."""

    match_tries: int = Field(
        3, ge=1, le=10, description="Wrong match numbers that refuse a request; 1 to 10 (R14)."
    )
    approver_mail_minutes: int = Field(
        15, ge=1, le=1440, description="Minutes between two mails to one approver; 1 to 1440 (R14)."
    )
    administrator_days: int = Field(
        3,
        ge=1,
        le=30,
        description="Working days after which a silent administrator opens the way to documents; "
        "1 to 30 (R17).",
    )
    review_wait_hours: int = Field(
        24,
        ge=1,
        le=720,
        description="Hours in which old contacts may object to an approved review; 1 to 720 (R17).",
    )
    votes_wanted: int = Field(
        2, ge=2, le=5, description="Reviewers who have to agree on a review; 2 to 5 (R17)."
    )
    live_wait_minutes: int = Field(
        10, ge=1, le=120, description="Minutes somebody waits for a person before a ticket is left; 1 to 120."
    )
    desk_present_minutes: int = Field(
        5, ge=1, le=60, description="Minutes after the last sign of life in which an agent is there; 1 to 60."
    )
    tickets_measured: int = Field(
        20,
        ge=1,
        le=500,
        description="Last decided requests that a waiting time is measured on; 1 to 500 (R18).",
    )
    requests_per_account: int = Field(
        3, ge=2, le=20, description="Open requests for one mailbox, one client's at least one fewer; 2 to 20."
    )
    requests_per_client: int = Field(3, ge=1, le=20, description="Open requests of one client; 1 to 20.")
    reviews_per_day: int = Field(
        3, ge=1, le=20, description="Reviews opened for one mailbox in a day; 1 to 20."
    )
    talks_per_client: int = Field(
        5, ge=1, le=100, description="Open wishes of one client for a person; 1 to 100."
    )


class Keeping(BaseModel):
    """How long data is kept, and how far clocks may differ (R20, R21)."""

    clock_skew_seconds: Count = Field(
        60, description="Seconds a clock may be behind, and step back unnoticed (R20)."
    )
    sweep_seconds: Count = Field(60, description="Seconds between two sweeps for what has expired (R20).")
    tracker_hours: Count = Field(
        24, description="Hours Rasa's tracker is kept after a conversation's end (R21)."
    )
    transcript_days: Count = Field(30, description="Days a transcript is kept (R21).")
    evidence_days: Count = Field(30, description="Days documents are kept after the decision (R21).")
    case_days: int = Field(
        90,
        ge=30,
        le=3650,
        description="Days a case is kept after its end, with its forms, codes, vetoes and decided requests; "
        "30 to 3650, and never less than vetoes look back (R21).",
    )
    audit_days: Count = Field(400, description="Days the audit trail is kept (R21).")
