"""Which words of an account are too telling for its password."""

from __future__ import annotations

import pytest

from recovery_core.passwords.account_words import account_words


def test_demo_account_yields_its_words() -> None:
    """Every part contributes: address, name, number, phone."""
    words = account_words(
        local_part="alice",
        domain="example.com",
        display_name="Alice Wang",
        employee_number="E1001",
        phones=["+86 138 0013 8000"],
    )
    phone = {"861380", "613800", "138001", "380013", "800138", "001380", "013800", "138000"}
    assert words == {"alice", "example", "wang", "1001", "e1001"} | phone


def test_nothing_known_yields_nothing() -> None:
    """An account without details forbids no word."""
    assert account_words() == frozenset()
    assert account_words(display_name=None, employee_number=None) == frozenset()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Li Na", set()),
        ("Lin Na", {"lin"}),
        ("O'Brien-Smith", {"brien", "smith"}),
        ("王", set()),
        ("王芳", {"王芳"}),
        ("欧阳 小明", {"欧阳", "小明"}),
        ("Alice王芳", {"alice", "王芳"}),
        ("たなか", {"たなか"}),
        ("김철", {"김철"}),
        ("Straße", {"strasse"}),
        ("ＡＢＣ", {"abc"}),
        ("Nguye\u0302\u0303n", {"nguy\u1ec5n"}),
    ],
)
def test_display_name_is_split_into_whole_tokens(name: str, words: set[str]) -> None:
    """Three characters make a word, two in Chinese, Japanese and Korean; shorter ones are ignored."""
    assert account_words(display_name=name) == words


@pytest.mark.parametrize(
    ("local_part", "words"),
    [
        ("ab", set()),
        ("abc", {"abc"}),
        ("alice.wang", {"alice", "wang", "alice.wang"}),
        ("alice2024", {"alice", "2024", "alice2024"}),
        ("a_lice+news", {"lice", "news", "a_lice+news"}),
        ("li88", {"li88"}),
        ("Bob", {"bob"}),
        ("小明", {"小明"}),
    ],
)
def test_local_part_is_split_and_also_taken_whole(local_part: str, words: set[str]) -> None:
    """Letters, digits and punctuation border on each other; the unsplit name counts too."""
    assert account_words(local_part=local_part) == words


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("example.com", {"example"}),
        ("example.com.cn", {"example"}),
        ("com.cn", {"com"}),
        ("sub.group.example", {"sub", "group"}),
        ("my-firm.co.uk", {"firm"}),
        ("firm.xyz.cn", {"firm", "xyz"}),
        ("localhost", {"localhost"}),
        ("xn--fsqu00a.xn--55qx5d", {"例子"}),
        ("xn--\u00e9\u00e9\u00e9.com", {"\u00e9\u00e9\u00e9"}),
        ("EXAMPLE.com.", {"example"}),
    ],
)
def test_domain_yields_the_labels_of_the_organisation(domain: str, words: set[str]) -> None:
    """Neither the top level nor a registry's second level is anybody's name."""
    assert account_words(domain=domain) == words


@pytest.mark.parametrize(
    ("phone", "count"), [("12345", 0), ("123456", 1), ("1234567", 2), ("+1 23-45 67", 2), ("１２３４５６", 1)]
)
def test_six_following_phone_digits_are_a_word(phone: str, count: int) -> None:
    """Five digits of a phone number are accepted, six are not; separators do not matter."""
    words = account_words(phones=[phone])
    assert len(words) == count
    assert words <= {"123456", "234567"}
