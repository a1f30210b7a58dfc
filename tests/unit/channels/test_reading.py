"""What platforms send is read strictly, and nothing that they send surprises."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.channels.port import NotReadableError
from portal.channels.reading import ID_CHARS, mapping, moment, optional, parsed, part, said, word

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)

LONG = '{"a":' + "9" * 5000 + "}"
FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(st.binary() | st.text() | ANYTHING.map(json.dumps))
def test_any_bytes_are_an_object_or_not_readable(raw: bytes | str) -> None:
    """Nothing but NotReadableError is raised."""
    try:
        assert isinstance(parsed(raw), dict)
    except NotReadableError:
        return


@pytest.mark.parametrize("raw", ["[" * 100_000, '{"a":' * 50_000, LONG, b"\xff\xfe{}", "", "1"])
def test_what_breaks_parsers_is_not_readable(raw: str | bytes) -> None:
    """Depth, long numbers and other encodings."""
    with pytest.raises(NotReadableError):
        parsed(raw)


@FUZZ
@given(ANYTHING)
def test_the_parts_of_an_object_are_taken_as_documented(value: object) -> None:
    """Each reader returns its kind or raises NotReadableError; the optional one returns None."""
    row = {"key": value}
    for read, kind in ((word, str), (said, str), (part, dict)):
        try:
            assert isinstance(read(row, "key"), kind)
        except NotReadableError:
            continue
    assert optional(row, "key") is None or optional(row, "key") == value
    assert moment(value) is None or moment(value).tzinfo is UTC  # type: ignore[union-attr]


def test_ids_have_limits() -> None:
    """The longest id is taken, a longer, empty, broken or missing one is not."""
    assert word({"id": "x" * ID_CHARS}, "id") == "x" * ID_CHARS
    for wrong in ("x" * (ID_CHARS + 1), "", "a\nb", "a\0b", None, 7):
        with pytest.raises(NotReadableError):
            word({"id": wrong}, "id")
    with pytest.raises(NotReadableError):
        word({}, "id")
    with pytest.raises(NotReadableError):
        mapping([])


def test_texts_can_be_stored() -> None:
    """NUL and halves of surrogate pairs, which no database takes, are gone; everything else stays."""
    assert said({"t": "a\0b 您好 \U0001f512 \ud83d"}, "t") == "ab 您好 \U0001f512 ?"


def test_moments_are_of_this_world() -> None:
    """Milliseconds since 1970; what is no such count is no moment."""
    assert moment(1772442000123) == datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC)
    for wrong in (True, "1772442000123", 1.5, 10**30, -(10**30), None):
        assert moment(wrong) is None
