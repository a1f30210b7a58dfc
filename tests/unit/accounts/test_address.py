"""How mail addresses are read out of what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.accounts.address import (
    MAX_ADDRESS,
    MAX_LOCAL,
    Address,
    AddressError,
    find_addresses,
    parse,
)

ALICE = Address("alice", "example.com")
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=80)
PIECES = st.lists(
    st.sampled_from(
        [
            "alice",
            "@",
            "＠",
            ".",
            "。",
            "example",
            "com",
            "公司",
            "密码",
            "é",
            "-",
            "*",
            "<",
            "=",
            " ",
            "xn--",
            "①",
        ]
    ),
    max_size=14,
)
LABEL = "a" * 63


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.com",
        "Alice@EXAMPLE.com",
        " alice@example.com ",
        "alice@example.com.",
        "alice@example.com。",
        "<alice@example.com>",
        '"alice@example.com",',
        "mailto:alice@example.com",
        "<mailto:alice@example.com>",
        "ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "alice＠example.com",
        "alice@example。com",
        "“alice@example.com”！",
        "ali\u200bce@example.com",
        "alice@example｡com",
    ],
)
def test_one_mailbox_has_one_address(text: str) -> None:
    """However it is typed, the same mailbox gives the same address."""
    assert parse(text) == ALICE
    assert parse(text).text == str(parse(text)) == "alice@example.com"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "address_missing"),
        ("alice", "address_missing"),
        ("a@b@example.com", "address_several"),
        ("a@x.com, b@x.com", "address_several"),
        ("@example.com", "address_local"),
        (".a@example.com", "address_local"),
        ("a..b@example.com", "address_local"),
        ("a.@example.com", "address_local"),
        ("a b@example.com", "address_local"),
        ("我的邮箱是alice@example.com", "address_local"),
        ("a***e@example.com", "address_local"),
        ("josé@example.com", "address_local"),
        ("alice@", "address_domain"),
        ("alice@localhost", "address_domain"),
        ("alice@example", "address_domain"),
        ("alice@-a.com", "address_domain"),
        ("alice@a-.com", "address_domain"),
        ("alice@a..com", "address_domain"),
        ("alice@10.0.0.1", "address_domain"),
        ("alice@[10.0.0.1]", "address_domain"),
        ("alice@a_b.com", "address_domain"),
        ("alice@example.c", "address_domain"),
        ("alice@example.com密码忘了", "address_domain"),
        ("alice@example.com。thanks", "address_domain"),
        ("alice@a b.com", "address_domain"),
    ],
)
def test_what_is_not_one_plausible_address_is_refused(text: str, code: str) -> None:
    """A refusal names the part that is wrong by a stable code."""
    with pytest.raises(AddressError) as refused:
        parse(text)
    assert refused.value.code == code


def test_a_local_part_has_64_characters_at_most() -> None:
    """RFC 5321: 64 characters before the @ are accepted, 65 are not."""
    assert parse("a" * MAX_LOCAL + "@example.com").local == "a" * 64
    with pytest.raises(AddressError, match="address_too_long"):
        parse("a" * (MAX_LOCAL + 1) + "@example.com")


def test_an_address_has_254_characters_at_most() -> None:
    """RFC 5321: 254 characters in all are accepted, 255 are not."""
    domain = f"{LABEL}.{LABEL}.{LABEL}.com"  # 195 characters
    assert len(parse("a" * 58 + "@" + domain).text) == MAX_ADDRESS
    with pytest.raises(AddressError, match="address_too_long"):
        parse("a" * 59 + "@" + domain)


def test_a_label_has_63_characters_at_most() -> None:
    """RFC 1035: 63 characters between two dots are accepted, 64 are not, nor is an endless domain."""
    assert parse(f"a@{LABEL}.com").domain == f"{LABEL}.com"
    with pytest.raises(AddressError, match="address_domain"):
        parse(f"a@{LABEL}a.com")
    with pytest.raises(AddressError, match="address_too_long"):
        parse("a@" + "a." * 2000 + "com")


def test_an_international_domain_becomes_a_labels() -> None:
    """Domains in Chinese or with umlauts are kept as the DNS knows them."""
    assert parse("alice@例子.公司").domain == "xn--fsqu00a.xn--55qx5d"
    assert parse("alice@MÜNCHEN.de").domain == "xn--mnchen-3ya.de"
    assert parse("alice@xn--fsqu00a.xn--55qx5d").domain == "xn--fsqu00a.xn--55qx5d"


@pytest.mark.parametrize(
    "text",
    [
        "我的邮箱是alice@example.com密码忘了",
        "ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ，密码忘了",
        "alice@example.com。请帮我",
        "a alice@example.com b",
        "it's <alice@example.com>, thanks",
        "邮箱:alice@example.com.",
        "mail=alice@example.com",
        "'alice@example.com'",
        "①alice@example.com",
        "是…alice@example.com…",
        "-alice@example.com",
        "alice@example.com and Alice@Example.com",
        "mailto:alice@example.com?subject=x",
        "alice@example。com忘了",
        "alice@example.com-",
        "a**@x.com alice@example.com",
    ],
)
def test_the_address_in_a_sentence_is_found(text: str) -> None:
    """Chinese text may touch an address; punctuation and list marks stay out, repeats count once."""
    assert find_addresses(text) == (ALICE,)


def test_all_addresses_are_found_in_their_order() -> None:
    """Separators of every kind part addresses."""
    found = find_addresses("b@x.cn,a@y.com/c@z.org；alice@mail.例子.公司密码 d@münchen.de")
    assert [address.text for address in found] == [
        "b@x.cn",
        "a@y.com",
        "c@z.org",
        "alice@mail.xn--fsqu00a.xn--55qx5d",
        "d@xn--mnchen-3ya.de",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "@",
        "a@b",
        "andré.b@x.com",
        "a***e@example.com",
        "***e@example.com",
        "a@b@example.com",
        "a@example.com@x.com",
        "a" * 65 + "@example.com",
        "a" * 300 + "@example.com",
        "P@ssw0rd",
        "a@例子",
    ],
)
def test_what_is_doubtful_is_left_out(text: str) -> None:
    """A wrong address would send a code to somebody else, so half of one is none."""
    assert find_addresses(text) == ()


@given(ANY_TEXT | PIECES.map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but AddressError comes out of any text; what is found parses to itself."""
    for address in find_addresses(text):
        assert parse(address.text) == address
    try:
        address = parse(text)
    except AddressError:
        return
    assert parse(address.text) == address
    assert len(address.text) <= MAX_ADDRESS


@pytest.mark.timeout(30)
def test_long_hostile_lines_are_read_in_time() -> None:
    """4,000 characters that almost match cost linear time (or the timeout ends it)."""
    for piece in (
        "@",
        "a@",
        "a",
        ".",
        "a.",
        "@a.",
        "a@b.",
        "a-",
        "例.",
        "@例.",
        "a@例",
        "xn--",
        "=@",
        "<",
        "a@a.a",
    ):
        find_addresses((piece * 4000)[:4000])
        with pytest.raises(AddressError):
            parse((piece * 4000)[:4000])
