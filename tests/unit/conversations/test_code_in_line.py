"""Which lines are a try of a code, which only hold one, and what is hidden (R16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.conversations.code_in_line import code_candidate, code_try, mask_codes
from recovery_core.conversations.text import MASK

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=60)
DIGIT_TEXT = st.text(alphabet="0123456789٣８ -–.:?+@#/=abcdeiso验证码是", max_size=40)


@pytest.mark.parametrize(
    "text",
    [
        "832117",
        "832 117",
        "8 3 2 1 1 7",
        "832-117",
        "832–117",
        "832—117",
        "832−117",
        "８３２１１７",
        "832\u3000117",
        "832\n117",
        "code 832117",
        "Code: 832 117",
        "code is 832117",
        "CODE IS 832117.",
        "验证码832117",
        "验证码是832117",
        "验证码是：８３２１１７。",
        "是832117",
        "832117是验证码",
        "“832117”",
        "832117!",
        "٨٣٢١١٧",
        "83\u200b2117",
        "𝟖𝟑𝟐𝟏𝟏𝟕",
        "⑧③②①①⑦",
    ],
)
def test_these_lines_are_a_try(text: str) -> None:
    """R16: after NFKC and without spaces, hyphens and the four words, six digits are left."""
    assert code_try(text) == "832117"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "83211",
        "8321178",
        "my code is 832117",
        "832117?",
        "832117？",
        "832117 please",
        "我的验证码是832117",
        "code",
        "验证码是",
        "83a2117",
        "832_117",
        "+832117",
    ],
)
def test_these_lines_are_no_try(text: str) -> None:
    """R16: any other word, five or seven digits, or a question keep the tries untouched."""
    assert code_try(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "my code is 832117",
        "832117?",
        "I got 832117 2 minutes ago",
        "it says 832 117 ok",
        "my code is 832-117",
        "收到了832117吗",
        "code:832117, thanks",
        "code=832117 right?",
        "ticket #5 says 832117.",
        "我收到的是８３２１１７呀",
        "832117 832118",
        "it was 832 117.",
        "12  832117",
        "832117\n13800138000",
        "v2 832117",
        "the text said ٨٣٢١١٧ I think",
    ],
)
def test_six_digits_alone_in_a_longer_text_are_a_candidate(text: str) -> None:
    """R16: six digits that stand alone are asked about, and hidden."""
    assert code_candidate(text) == "832117"
    assert "832" not in mask_codes(text)
    assert MASK in mask_codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "my phone is 13800138000",
        "138 0013 8000",
        "+86 832117",
        "0571 832117",
        "0571-832117",
        "832117 8000",
        "RC-832117",
        "RC-7F3K-92QD",
        "832117@qq.com",
        "user832117@example.com",
        "https://mail.example/832117",
        "E832117",
        "8321178",
        "83211",
        "832117.50",
        "order no. 2026-832117",
        "价格300-400元",
        "400 832 117",
        "832 117 90",
        "2026-03-02",
        "see 832_117",
    ],
)
def test_digits_of_something_else_are_no_candidate(text: str) -> None:
    """R16: phones, longer numbers, references, addresses and prices are neither asked about nor hidden."""
    assert code_candidate(text) is None
    assert mask_codes(text) == text


def test_a_whole_try_is_hidden_with_its_spaces() -> None:
    """A code that fills the line is hidden from its first digit to its last; the words around it stay."""
    assert mask_codes("验证码是：8 3 2 1 1 7。") == f"验证码是：{MASK}。"
    assert mask_codes("110-120") == MASK


def test_every_code_of_a_line_is_hidden() -> None:
    """Two codes in one line are both hidden."""
    assert mask_codes("not 111111 but 222 222 ok") == f"not {MASK} but {MASK} ok"


@given(ANY_TEXT | DIGIT_TEXT)
def test_no_text_breaks_it_and_nothing_found_is_left(text: str) -> None:
    """Any text is read without an error; a try is always hidden; a second pass finds nothing more."""
    hidden = mask_codes(text)
    assert code_try(hidden) is None
    assert code_candidate(hidden) is None
    for found in (code_try(text), code_candidate(text)):
        assert found is None or (len(found) == 6 and found.isascii() and found.isdecimal())


@pytest.mark.timeout(30)
def test_long_hostile_lines_are_read_in_time() -> None:
    """4,000 characters of almost-codes cost linear time (or the timeout ends it)."""
    for piece in ("1", "832117 ", "832 ", "code=", "832-", "?.", "a@1"):
        mask_codes((piece * 4000)[:4000])
