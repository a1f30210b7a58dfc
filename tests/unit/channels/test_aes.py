"""Envelopes: opened as the vendors make them, refused when one byte differs.

WeCom's are made by wechatpy, Feishu's by PyCryptodome as lark-oapi opens them.
"""

from __future__ import annotations

import base64
import hashlib

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import PrpCrypto

from portal.channels.aes import open_feishu, open_wecom, wecom_key
from portal.channels.port import NotGenuineError

KEY = bytes(range(100, 132))
ENCODED = base64.b64encode(KEY).decode().rstrip("=")
CORP = "ww1234567890abcdef"
FEISHU_KEY = "encrypt key"


def wecom(text: str, corp: str = CORP) -> str:
    """Return an envelope by wechatpy."""
    made: bytes = PrpCrypto(KEY).encrypt(text, corp)
    return made.decode()


def feishu(plain: bytes, style: str = "pkcs7") -> bytes:
    """Return the bytes of an envelope by PyCryptodome."""
    start = bytes(16)
    cipher = AES.new(hashlib.sha256(FEISHU_KEY.encode()).digest(), AES.MODE_CBC, start)
    return start + cipher.encrypt(pad(plain, 16, style))


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_wechatpy_seals_is_opened(text: str) -> None:
    """Every text that can be written arrives as it is."""
    raw = text.encode(errors="replace").decode()
    assert open_wecom(wecom(raw), KEY, CORP) == raw.encode()


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_pycryptodome_seals_is_opened(plain: bytes) -> None:
    """Every length of text arrives as it is."""
    assert open_feishu(base64.b64encode(feishu(plain)).decode(), FEISHU_KEY) == plain


def test_an_envelope_for_another_corporation_is_refused() -> None:
    """The right key does not help: the receiver stands inside; neither does an empty one."""
    for other in ("ww9999999999abcdef", CORP + "x", CORP[:-1], ""):
        with pytest.raises(NotGenuineError, match="receiver"):
            open_wecom(wecom("hello", other), KEY, CORP)


def test_a_length_beyond_the_end_is_refused() -> None:
    """A length that names more than there is opens nothing."""
    for length in (10_000, 2**32 - 1):
        plain = bytes(16) + length.to_bytes(4, "big") + b"hi" + CORP.encode()
        sealed = AES.new(KEY, AES.MODE_CBC, KEY[:16]).encrypt(pad(plain, 32))
        with pytest.raises(NotGenuineError, match="envelope"):
            open_wecom(base64.b64encode(sealed).decode(), KEY, CORP)


@pytest.mark.parametrize("count", [0, 33, 255])
def test_wrong_padding_is_refused(count: int) -> None:
    """Padding counts from one to the block's size; wechatpy would not look."""
    plain = (bytes(16) + (2).to_bytes(4, "big") + b"hi" + CORP.encode()).ljust(64, b"\0")[:-1] + bytes(
        [count]
    )
    sealed = AES.new(KEY, AES.MODE_CBC, KEY[:16]).encrypt(plain)
    with pytest.raises(NotGenuineError):
        open_wecom(base64.b64encode(sealed).decode(), KEY, CORP)


def test_padding_is_equal_bytes() -> None:
    """A right last byte after wrong ones is refused (ANSI X9.23 pads so)."""
    with pytest.raises(NotGenuineError, match="envelope"):
        open_feishu(base64.b64encode(feishu(b"hi", "x923")).decode(), FEISHU_KEY)


@pytest.mark.parametrize("envelope", ["", "====", "aGk=", "ä", "a b", base64.b64encode(bytes(16)).decode()])
def test_what_is_no_envelope_is_refused(envelope: str) -> None:
    """Short, empty and odd texts are not genuine, and nothing else is raised."""
    with pytest.raises(NotGenuineError):
        open_wecom(envelope, KEY, CORP)
    with pytest.raises(NotGenuineError):
        open_feishu(envelope, FEISHU_KEY)


@given(st.binary(max_size=160))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_junk_is_not_genuine(junk: bytes) -> None:
    """Whatever is in an envelope, only NotGenuineError comes out; and nobody hits the receiver by chance."""
    with pytest.raises(NotGenuineError):
        open_wecom(base64.b64encode(junk).decode(), KEY, CORP)


def test_a_key_has_43_characters() -> None:
    """The platform's key is taken; shorter, longer and odd ones are not."""
    assert wecom_key(ENCODED) == KEY
    for wrong in (ENCODED[:-1], ENCODED + "A", "", "ä" * 43, "*" * 43):
        with pytest.raises(ValueError):  # noqa: PT011  of base64 or ours
            wecom_key(wrong)
