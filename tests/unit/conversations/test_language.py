"""In which language a line is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.conversations.language import Language, detect, requested

EN, ZH = Language.EN, Language.ZH


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I forgot my password", EN),
        ("hello", EN),
        ("help", EN),
        ("密码忘了", ZH),
        ("我的 password 忘了", ZH),
        ("hi 你好", ZH),
        ("好", ZH),
        ("我的outlook email password忘了", ZH),
        ("please reset the password of 张三", EN),
        ("My name is 王伟 and I forgot my password", EN),
        ("密碼忘記了", ZH),
        ("alice@example.com 忘了", ZH),
        ("the code never came", EN),
        ("ＨＥＬＬＯ ｔｈｅｒｅ", EN),
    ],
)
@pytest.mark.parametrize("previous", [None, EN, ZH])
def test_what_the_person_writes_decides(text: str, language: Language, previous: Language | None) -> None:
    """Words decide, whatever the language was before."""
    assert detect(text, previous) is language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "832117",
        "alice@example.com",
        "alice@",
        "RC-7F3K-92QD",
        "👍",
        "13800138000",
        "ok",
        "OK!",
        "gm0001",
        "https://mail.example.com/a",
        "???",
        "привет",
        "●●●●●●",
    ],
)
def test_a_line_without_words_keeps_the_language(text: str) -> None:
    """Digits, addresses, emoji and words of every language keep the previous one, at first English."""
    assert detect(text, ZH) is ZH
    assert detect(text, EN) is EN
    assert detect(text) is EN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English", EN),
        ("English please", EN),
        ("in English, please!", EN),
        ("switch to English", EN),
        ("Can we speak English?", EN),
        ("change the language to English please", EN),
        ("说英文", EN),
        ("请切换到英文", EN),
        ("能说英语吗", EN),
        ("英文", EN),
        ("用英文回答", EN),
        ("中文", ZH),
        ("说中文", ZH),
        ("请说中文好吗", ZH),
        ("中文谢谢", ZH),
        ("Chinese please", ZH),
        ("speak Chinese", ZH),
        ("please reply in Chinese", ZH),
        ("Could you explain in Mandarin?", ZH),
        ("换成中文吧", ZH),
        ("普通话", ZH),
        ("我不会说英文", ZH),
        ("看不懂英文", ZH),
        ("不要英文", ZH),
        ("I don't speak Chinese", EN),
        ("I can’t read Chinese", EN),
        ("sorry, i do not understand chinese", EN),
        ("我不会中文", EN),
        ("no English", ZH),
    ],
)
def test_an_explicit_wish_wins(text: str, language: Language) -> None:
    """Who names a language gets it, in whichever language it is said; refusing one asks for the other."""
    assert requested(text) is language
    assert detect(text, EN) is language
    assert detect(text, ZH) is language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "可以用英文字母吗",
        "my English name is Bob",
        "switch to english keyboard",
        "中文域名邮箱密码忘了",
        "密码可以用中文吗",
        "Can my password be in Chinese?",
        "I want English letters",
        "我的英文名是Bob",
        "speak English " * 6,
    ],
)
def test_talk_about_a_language_is_no_wish(text: str) -> None:
    """Naming a language in passing, about passwords or in a long text, switches nothing."""
    assert requested(text) is None


def test_the_values_are_those_of_the_protocol() -> None:
    """The chat API and Rasa know the languages as "en" and "zh"."""
    assert [str(language) for language in Language] == ["en", "zh"]


@given(st.text(alphabet=st.characters(codec=None), max_size=60), st.sampled_from([None, EN, ZH]))
def test_every_text_has_a_language(text: str, previous: Language | None) -> None:
    """No text breaks the choice."""
    assert detect(text, previous) in Language
    assert requested(text) in (None, EN, ZH)


@pytest.mark.timeout(30)
def test_long_hostile_lines_are_read_in_time() -> None:
    """4,000 characters that almost match cost little time (or the timeout ends it)."""
    for piece in ("a", "a-", "1-", "www.", "说", "a.@", "switch "):
        detect((piece * 4000)[:4000])
