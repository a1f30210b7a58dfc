"""What people type instead of pressing a button, with the real words of both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recovery_core.adapters.catalogue import Catalogue
from recovery_core.adapters.choice_words import vocabulary
from recovery_core.conversations.choosing import Vocabulary
from recovery_core.messages import Button

ROOT = Path(__file__).parents[2]
_TITLED = re.compile(r'- title: "([^"]+)"\n\s+payload: (\w+)')
METHODS = ["method_sms", "method_mail", "method_questions"]
EDITIONS = ["edition_standard", "edition_premium", "edition_group", "edition_unknown"]
CODE_SENT = ["code_missing"]
WAYS_ON = ["resend", "another_method", "administrator", "human"]


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    """Return the vocabulary that rekey starts with."""
    return vocabulary(Catalogue(ROOT / "locale"))


def chosen(words: Vocabulary, text: str, offered: list[str]) -> str | None:
    """Return what *text* chooses."""
    meant = words.meant(text)
    return None if meant is None else meant.among(offered)


def test_every_title_chooses_its_button(words: Vocabulary) -> None:
    """Whoever types what stands on a button has pressed it, in either language, whatever stands beside it."""
    titles = _TITLED.findall((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert len(titles) > 100
    for title, name in titles:
        assert chosen(words, title, [name]) == name, title


@pytest.mark.parametrize(
    ("offered", "text", "button"),
    [
        (METHODS, "text me a code please", "method_sms"),
        (METHODS, "sms", "method_sms"),
        (METHODS, "send it to my phone", "method_sms"),
        (METHODS, "the backup email, please", "method_mail"),
        (METHODS, "I'd like to answer the security questions", "method_questions"),
        (METHODS, "the first one", "method_sms"),
        (METHODS, "option 2", "method_mail"),
        (METHODS, "短信", "method_sms"),
        (METHODS, "发验证码到手机", "method_sms"),
        (METHODS, "用备用邮箱吧", "method_mail"),
        (METHODS, "安全问题吧", "method_questions"),
        (METHODS, "選第一個", "method_sms"),
        (METHODS, "3", "method_questions"),
        (EDITIONS, "premium", "edition_premium"),
        (EDITIONS, "we have the Group edition", "edition_group"),
        (EDITIONS, "i don't know", "edition_unknown"),
        (EDITIONS, "not sure", "edition_unknown"),
        (EDITIONS, "我们是集团版的", "edition_group"),
        (EDITIONS, "应该是标准版", "edition_standard"),
        (EDITIONS, "不知道", "edition_unknown"),
        (CODE_SENT, "nothing arrived", "code_missing"),
        (CODE_SENT, "还没收到", "code_missing"),
        (WAYS_ON, "换一种方式吧", "another_method"),
        (WAYS_ON, "再发一次", "resend"),
    ],
)
def test_people_choose_in_their_own_words(
    words: Vocabulary, offered: list[str], text: str, button: str
) -> None:
    """Short answers to a question count as the button they name."""
    assert chosen(words, text, offered) == button


@pytest.mark.parametrize(
    "text",
    [
        "my phone is gone",
        "not my phone",
        "i never got the sms",
        "sms or mail?",
        "what is the backup mailbox",
        "the mail does not open",
        "手机丢了",
        "短信收不到",
        "不用短信",
        "备用邮箱也忘了",
        "手机换了号",
        "我有问题",
        "帮我",
        "好的",
        "是的",
        "bob@example.com",
    ],
)
def test_sentences_are_left_to_the_assistant(words: Vocabulary, text: str) -> None:
    """A line that says more than a choice, or the opposite of one, chooses no way to prove oneself."""
    assert chosen(words, text, METHODS) is None


def test_every_button_has_words(words: Vocabulary) -> None:
    """A button that is added later needs words too."""
    named = {name for phrase in words.phrases.values() for name in phrase.names}
    assert named == {button.value for button in Button}
