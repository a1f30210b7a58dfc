"""What the proofs of all platforms share, at the last good and the first bad value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.channels.port import NotGenuineError, NotReadableError
from portal.channels.verify import (
    MAX_BODY,
    WINDOW,
    check_fresh,
    check_same,
    check_size,
    header,
    same,
    sent_at,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("skew", [WINDOW, -WINDOW, timedelta(0)])
def test_five_minutes_of_skew_are_fresh(skew: timedelta) -> None:
    """Exactly five minutes before or after are accepted."""
    check_fresh(NOW + skew, NOW)


@pytest.mark.parametrize("skew", [WINDOW + SECOND, -WINDOW - SECOND, timedelta(minutes=10)])
def test_more_than_five_minutes_are_stale(skew: timedelta) -> None:
    """One second more is refused, as are ten minutes of a clock that goes wrong."""
    with pytest.raises(NotGenuineError, match="stale"):
        check_fresh(NOW + skew, NOW)


@pytest.mark.parametrize(
    "text", ["", "abc", "-5", "1.5", "١٧٧٢٤٤٢٠٠٠", "1" * 13, "999999999999", " 1772442000"]
)
def test_a_time_stamp_is_a_count_of_seconds(text: str) -> None:
    """Anything else is no proof, and raises nothing else."""
    with pytest.raises(NotGenuineError, match="timestamp"):
        sent_at(text)


def test_a_time_stamp_is_read_in_utc() -> None:
    """Seconds since 1970 become an aware moment."""
    assert sent_at("1772442000") == NOW


def test_texts_are_compared_whatever_they_hold() -> None:
    """Other scripts and broken surrogates are compared like anything else."""
    assert same("ä\u65fa", "ä\u65fa")
    assert not same("a", "b")
    assert not same("a", "\udc00")


def test_an_empty_expectation_never_equals() -> None:
    """A secret that is not there lets nobody in."""
    with pytest.raises(NotGenuineError, match="signature"):
        check_same("", "")


def test_a_missing_header_is_no_proof() -> None:
    """Absent and empty are the same."""
    for headers in ({}, {"x": ""}):
        with pytest.raises(NotGenuineError, match="missing"):
            header(headers, "x")


def test_a_body_has_a_limit() -> None:
    """The last good size passes and one byte more does not."""
    check_size(b"x" * MAX_BODY)
    with pytest.raises(NotReadableError):
        check_size(b"x" * (MAX_BODY + 1))
