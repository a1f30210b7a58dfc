"""Keyed hashes: bound to key, purpose and the borders between parts."""

from __future__ import annotations

import base64
import hashlib
import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from recovery_core.keyed import KeyedHash

KEYED = KeyedHash(b"key")
PARTS = st.lists(st.text(max_size=6), min_size=1, max_size=3)


def test_key_and_purpose_separate() -> None:
    """The same parts hash differently under another key or for another purpose."""
    hashes = {KEYED.of("code", "x"), KEYED.of("link", "x"), KeyedHash(b"other").of("code", "x")}

    assert len(hashes) == 3
    assert {len(value) for value in hashes} == {43}


@given(PARTS, PARTS)
@settings(max_examples=50)
def test_parts_cannot_run_into_each_other(one: list[str], other: list[str]) -> None:
    """Two lists of parts hash alike only if they are the same list."""
    assert (KEYED.of(*one) == KEYED.of(*other)) is (one == other)


def test_it_is_hmac_sha256() -> None:
    """The digest is HMAC-SHA256 of length-prefixed parts, as another program would compute it."""
    message = b"\0\0\0\4code\0\0\0\1x"
    digest = hmac.new(b"key", message, hashlib.sha256).hexdigest()

    assert base64.urlsafe_b64decode(KEYED.of("code", "x") + "=").hex() == digest


def test_matching() -> None:
    """Only the hash of exactly these parts matches; odd text matches nothing and breaks nothing."""
    right = KEYED.of("code", "id", "123456")

    assert KEYED.matches(right, "code", "id", "123456")
    assert not KEYED.matches(right, "code", "id", "123457")
    assert not KEYED.matches(right[:-1], "code", "id", "123456")
    assert not KEYED.matches("\ud800", "code", "id")


def test_the_key_does_not_show() -> None:
    """The key is not in the repr."""
    assert "key" not in repr(KEYED).partition("(")[2]
