"""Time-based codes against the vectors of RFC 6238 and RFC 4226."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recovery_core.people.totp import (
    STEP_SECONDS,
    code_at,
    enrolment_uri,
    matching_step,
    secret_of,
    shown_secret,
    step_of,
)

SECRET = b"12345678901234567890"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B of RFC 6238 for SHA-1: eight digits, of which the last six are ours."""
    at = EPOCH + timedelta(seconds=seconds)
    assert code_at(SECRET, step_of(at), digits=8) == code
    assert code_at(SECRET, step_of(at)) == code[-6:]
    assert matching_step(SECRET, code[-6:], at) == step_of(at)


def test_the_codes_are_those_of_rfc_4226() -> None:
    """Appendix D of RFC 4226: the first ten codes, one with leading digits kept."""
    first, second = ["755224", "287082", "359152", "969429", "338314"], ["254676", "287922", "162583"]
    expected = [*first, *second, "399871", "520489"]
    assert [code_at(SECRET, step) for step in range(10)] == expected


def test_one_step_before_and_after_is_accepted() -> None:
    """R15: clocks may differ by one step; the code two steps away is wrong on either side."""
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    now = step_of(at)
    for step in (now - 1, now, now + 1):
        assert matching_step(SECRET, code_at(SECRET, step), at) == step
    for step in (now - 2, now + 2):
        assert matching_step(SECRET, code_at(SECRET, step), at) is None


def test_a_step_lasts_thirty_seconds() -> None:
    """The last microsecond of a step belongs to it, the next one to the following step."""
    start = EPOCH + timedelta(seconds=STEP_SECONDS * 1000)
    last = start + timedelta(seconds=STEP_SECONDS) - timedelta(microseconds=1)
    assert (step_of(start), step_of(last), step_of(last + timedelta(microseconds=1))) == (1000, 1000, 1001)


@pytest.mark.parametrize("code", ["", "28708", "2870820", "２８７０８２", "28708x", "\ud800"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    """Other lengths, other scripts and broken text match nothing and raise nothing."""
    assert matching_step(SECRET, code, EPOCH + timedelta(seconds=59)) is None


def test_the_secret_is_shown_in_base32() -> None:
    """What is shown can be typed in groups and small letters and gives the secret again."""
    shown = shown_secret(SECRET)
    assert shown == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert secret_of(shown) == SECRET
    assert secret_of("gezd gnbv gy3t qojq gezd gnbv gy3t qojq") == SECRET
    assert secret_of(shown_secret(b"seven b")) == b"seven b"


def test_the_uri_names_issuer_and_account() -> None:
    """Authenticator programs find issuer, account and secret in the address of the QR code."""
    uri = enrolment_uri(SECRET, "postmaster@example.com", "rekey desk")
    assert uri == (
        "otpauth://totp/rekey%20desk:postmaster@example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=rekey%20desk&algorithm=SHA1&digits=6&period=30"
    )
