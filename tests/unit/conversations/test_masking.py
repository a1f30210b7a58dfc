"""Which passwords are hidden in the chat, and what is left alone (R16)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.conversations.code_in_line import mask_codes
from recovery_core.conversations.masking import (
    FAR,
    MAX_ALONE,
    Masked,
    looks_like_password,
    mask_secrets,
    within,
)
from recovery_core.conversations.text import MASK
from tests.needs import need

ROOT = Path(__file__).resolve().parents[3]
DISCLOSURES = json.loads((ROOT / "tests" / "vectors" / "disclosures.json").read_text(encoding="utf-8"))
EVAL = ROOT.parent / "shared" / "eval" / "dev"
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=80)
PIECES = st.lists(
    st.sampled_from(
        [
            "password",
            "密码",
            " is ",
            "是",
            ":",
            "Abc@123",
            "Ａｂｃ１２３",
            "a@b.cn",
            "，",
            "!",
            "RC-7F3K-92QD",
            "/",
            "'",
        ]
    ),
    max_size=12,
)

INNOCENT = """my password is case-sensitive, right?
I forgot the password for alice2024
how do I reset the password on my iPhone13
password reset on Windows11 fails
the password page shows error 0x80070005
I get AADSTS50126 when I type my password
employee E100123 forgot the password
my phone is 138-0013-8000 and I forgot my password
password expired on 2026-03-02 at 10:30
password changed 3Mar2026 or Mar-02-2026
password sync failed at 2026-03-02T10:00:00Z
密码必须8-64位吗
工号E100123，密码忘了
我的账号是zhangsan88，密码忘记了
gm0001的密码忘了
postmaster@example.com 密码忘了
请打开https://mail.example.com/reset?id=Abc123 重置密码
mail.console.example.com/login2 密码页面打不开
RC-7F3K-92QD 密码怎么样了
统一社会信用代码91330100MA2DEMA01A，管理员密码忘了
office365密码和outlook2019密码一样吗
the password needs upper-case/lower-case letters
My password!!! I lost it!!!
username/password/PIN???
a***e@example.com 的密码
138****8000 的密码忘了
最近三次用过的密码 2025-12-31
密码要包含A-Z、a-z、0-9吗
does the password accept special characters like !@#$%^&*
MFA/2FA and password
password length is 12characters or 8-64chars
call 95187 about my password
我是集团版gm1234，密码忘了
abc12345 ok
my pin code never arrived, 13800138000
zhangsan88's password is lost
zhangsan88’s password is lost
password in SHA-256?
my password for alice@example
step-2 of the password page
the password-reset page and the pass-word-less sign-in
the forgot-password link, where is my secret-question
my password is case-sensitive and pin-protected, is it
密码页面 password-policy-and-secret-rules"""


def test_nearly_every_disclosure_is_caught() -> None:
    """R16: at least 95 % of our own disclosing phrases are hidden, and their passwords handed out."""
    assert len(DISCLOSURES) >= 200
    caught = [
        row
        for row in DISCLOSURES
        if row["secret"] not in (masked := mask_secrets(row["text"])).text and row["secret"] in masked.secrets
    ]
    assert len(caught) >= 0.95 * len(DISCLOSURES)


def test_hardly_any_real_line_is_altered() -> None:
    """R16: at most 0.5 % of the utterances in eval/dev are altered by either mask."""
    need(EVAL.is_dir(), "the utterances of ../shared/eval/dev")
    texts = [
        json.loads(line)["text"]
        for file in EVAL.glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    altered = [text for text in texts if mask_codes(mask_secrets(text).text) != text]
    assert len(altered) <= 0.005 * len(texts), altered


@pytest.mark.parametrize("text", INNOCENT.splitlines())
def test_what_is_no_password_is_left_alone(text: str) -> None:
    """Addresses, phones, dates, words, products and account names stay, also near a password word."""
    assert mask_secrets(text) == Masked(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my password is Hunter2!x", f"my password is {MASK}"),
        ("密码是abc12345，登不上", f"密码是{MASK}，登不上"),
        ("alice@example.com/Abc12345 是账号密码", f"alice@example.com/{MASK} 是账号密码"),
        ("old pw: Summer2025 new pw: Summer2026", f"old pw: {MASK} new pw: {MASK}"),
        ("my username is alice2024 and password Summer2026", f"my username is alice2024 and password {MASK}"),
        ("密码是Windows10", f"密码是{MASK}"),
        ("Windows10 is my password", f"{MASK} is my password"),
        ("my password is Secret-Horse-77", f"my password is {MASK}"),
        ("my password Secret-Horse-77 fails", f"my password {MASK} fails"),
        ("密码是secret-horse-77，登不上", f"密码是{MASK}，登不上"),
        ("pw:Secret-Horse-77", f"pw:{MASK}"),
        ("Secret-Horse-77 is my password", f"{MASK} is my password"),
        ("the pwd is Horse.Secret.x77", f"the pwd is {MASK}"),
    ],
)
def test_only_the_password_is_hidden(text: str, masked: str) -> None:
    """The rest of the line stays, so that the assistant still understands it."""
    assert mask_secrets(text).text == masked


def test_five_characters_are_too_few_and_six_enough() -> None:
    """R16: a candidate has six characters or more of two classes."""
    assert mask_secrets("my password is abc12").secrets == ()
    assert mask_secrets("my password is abc123").secrets == ("abc123",)
    assert "abc12!" in mask_secrets("my password is abc12!").secrets
    assert mask_secrets("my password is abcdefgh").secrets == ()
    assert mask_secrets("my password is 12345678").secrets == ()


def test_far_from_a_password_word_nothing_is_hidden() -> None:
    """A plain candidate counts up to 32 characters away, a striking one up to 60."""
    assert mask_secrets("password" + "," * 31 + " abc12345").secrets
    assert not mask_secrets("password" + "," * 32 + " abc12345").secrets
    assert mask_secrets("password" + "," * 59 + " Abc@12345").secrets
    assert not mask_secrets("password" + "," * 60 + " Abc@12345").secrets


@given(
    st.lists(
        st.sampled_from(["Secret", "horse", "Pass", "pin", "Key", "Creds", "Lake"]), min_size=2, max_size=4
    ),
    st.integers(10, 9999),
    st.sampled_from(["my password is {}", "密码是{}", "password: {}", "pwd={}", "my password {} is refused"]),
)
def test_a_hyphenated_password_is_hidden_whole(parts: list[str], number: int, line: str) -> None:
    """R16: also where one of its parts is a password word itself."""
    secret = "-".join([*parts, str(number)])
    masked = mask_secrets(line.format(secret))
    assert masked.text == line.format(MASK)
    assert secret in masked.secrets


def test_every_reading_of_the_password_is_returned() -> None:
    """Punctuation may belong to the password or to the sentence, so both readings can be refused later."""
    assert set(mask_secrets('my password is "Lemon5Tree!"').secrets) >= {"Lemon5Tree", "Lemon5Tree!"}
    assert set(mask_secrets("密码Ａｂｃ１２３４５").secrets) == {"Abc12345", "Ａｂｃ１２３４５"}


def test_the_password_never_shows_in_a_repr() -> None:
    """A logged or raised mask tells nothing."""
    assert "Hunter2" not in repr(mask_secrets("my password is Hunter2!x"))


@pytest.mark.parametrize(
    "text",
    [
        "Hunter2!x",
        "Summer2026",
        "P@ssw0rd.",
        "Aa1!aaaa",
        " Abcdefg1 ",
        "Ａｂｃ＠１２３４",
        "pa$$Word",
        "A1" + "a" * (MAX_ALONE - 2),
    ],
)
def test_a_password_alone_on_a_line_is_seen(text: str) -> None:
    """One token of 8 characters and three classes looks like a password."""
    assert looks_like_password(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Aa1!aaa",
        "abc12345",
        "Windows10",
        "alice@Example1.com",
        "Alice@example",
        "RC-7F3K-92QD",
        "rc-7F3k-92qd",
        "Thanks!!!",
        "Yes,please",
        "What's-up?",
        "+86-13800138000",
        "mail.Example.com/X1",
        "我忘记了Password1",
        "Hunter2!x ok",
        "2026-03-02T10:00Z",
        "A1" + "a" * (MAX_ALONE - 1),
        "E100123456",
    ],
)
def test_other_tokens_alone_are_no_password(text: str) -> None:
    """Short tokens, two classes, sentences, addresses, references, words and products do not."""
    assert not looks_like_password(text)


@given(ANY_TEXT | PIECES.map("".join))
def test_no_text_breaks_the_masks(text: str) -> None:
    """Any text can be masked, and a secret is reported only together with its mask."""
    masked = mask_secrets(text)
    assert (MASK in masked.text) or not masked.secrets
    assert all(secret for secret in masked.secrets)
    looks_like_password(text)


@pytest.mark.timeout(30)
def test_long_hostile_lines_are_read_in_time() -> None:
    """4,000 characters that almost match cost little time (or the timeout ends it)."""
    for piece in (
        "a",
        "a.",
        "a1-",
        "password ",
        "密码a1b2c3 ",
        "a@",
        "a@b.",
        "www.",
        "1-",
        "pas",
        "=: ",
        "password is abc123!",
    ):
        mask_secrets((piece * 4000)[:4000])
        looks_like_password((piece * 4000)[:4000])


def test_a_token_is_judged_by_the_words_around_it_alone() -> None:
    """A word at the farthest reach counts, one character farther it does not."""
    words = [(start, start + 4) for start in range(0, 4_000, 10)]
    start, end = 2_000 + 4 + FAR, 2_000 + 10 + FAR
    assert within(words, start, end)[0] == (2_000, 2_004)
    assert within(words, start + 1, end)[0] == (2_010, 2_014)
    assert within(words, 500, 510 - FAR + 90)[-1] == (600, 604)
    assert within(words, 500, 509 - FAR + 90)[-1] == (590, 594)
    assert within([], 0, 10) == []
