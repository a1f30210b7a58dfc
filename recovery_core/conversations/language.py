"""Decide in which language to answer: by what the person writes, unless the person says so."""

from __future__ import annotations

import re
from enum import StrEnum

from recovery_core.conversations.text import fold


class Language(StrEnum):
    """The languages that rekey speaks."""

    EN = "en"
    ZH = "zh"


_HAN = re.compile("[\u3007\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NOT_PROSE = re.compile(
    r"(?:https?://|www\.)[!-~]+"  # web addresses
    r"|(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*@[A-Za-z0-9.-]*"  # mail addresses, also halves of one
    r"|(?<![A-Za-z0-9-])[A-Za-z-]*[0-9][A-Za-z0-9-]*",  # references, employee numbers, versions
)
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_IN_EVERY_LANGUAGE = frozenset({"ok", "okay", "k", "y", "n", "id", "app", "sms", "mfa", "vpn", "email"})
_NAMES_IN_PASSING = 4
"""So many English words, at least, outweigh half as many Chinese characters (somebody's name)."""

_MAX_REQUEST = 60
"""A wish for a language is short; a longer text is about something else."""

_EN_VERB = (
    r"(?:switch(?:ed|ing)?|change|turn)(?: it| this| the language| language)?(?: back)? (?:in)?to"
    r"|speak|talk|use|write|reply|answer|respond|continue|say (?:it|that|this)|explain|prefer|want|need"
)
_EN_NAME = r"(?P<english>english)|(?:chinese|mandarin)"
_EN_AFTER = r"(?=\s*(?:$|[.,!?;]|(?:please|pls|plz|thanks|instead|now|here|with me|version|ok)\b))"
_ZH_NAME = r"(?P<english>英文|英语|英語)|(?:中文|汉语|漢語|普通话|普通話|国语|简体中文)"
_ZH_AFTER = r"(?=\s*(?:$|[.,!?;。、吧吗嘛呢啊呀哦了好行可谢]|模式|交流|沟通|回答|回复|服务|聊|跟我|和我))"
_ABOUT_PASSWORDS = re.compile(r"pass\s?word|[密秘][码碼]|口令")
_WISHES = [
    re.compile(rf"^\W*(?:please\s+)?(?:in\s+)?(?:{_EN_NAME})\W*(?:please|pls|plz|thanks)?\W*$"),
    re.compile(rf"\b(?:{_EN_VERB})\s+(?:in\s+|simplified\s+)?(?:{_EN_NAME}){_EN_AFTER}"),
    re.compile(rf"^\W*(?:请)?(?:{_ZH_NAME})(?:谢谢|吧|版|please)?\W*$"),
    re.compile(rf"(?:说|讲|講|用|切换|切換|切|换|換|改|转)(?:回|到|成|为|至)?(?:{_ZH_NAME}){_ZH_AFTER}"),
]
_REFUSALS = [
    re.compile(
        r"\b(?:don'?t|do not|doesn'?t|can'?t|can ?not|not|no)\s+(?:really\s+)?"
        rf"(?:speak|understand|read|know|want|use|in)?\s*(?:{_EN_NAME}){_EN_AFTER}",
    ),
    re.compile(
        rf"(?:不会|不懂|不要|不想|不用|别|看不懂|听不懂|不太懂)(?:说|讲|看|用|读)?(?:{_ZH_NAME}){_ZH_AFTER}"
    ),
]


def detect(text: str, previous: Language | None = None) -> Language:
    """Return the language to answer *text* in; digits, addresses and emoji keep the *previous* one.

    Chinese characters decide for Chinese ("我的 password 忘了"), unless they are few in an English sentence
    ("please reset the password of 张三"). Without any sign and without a previous language it is English.
    """
    wish = requested(text)
    if wish is not None:
        return wish
    prose = _NOT_PROSE.sub(" ", fold(text).text)
    han = len(_HAN.findall(prose))
    words = [word for word in _WORD.findall(prose) if word.lower() not in _IN_EVERY_LANGUAGE]
    if han and (len(words) < _NAMES_IN_PASSING or len(words) < 2 * han):
        return Language.ZH
    if words:
        return Language.EN
    return previous or Language.EN


def requested(text: str) -> Language | None:
    """Return the language that *text* asks for in so many words ("English please", "说中文"), else ``None``.

    Refusing one language ("我不会说英文") asks for the other. Talk about a language ("可以用英文字母吗",
    "my English name") asks for none, and who speaks of passwords asks what they may be made of.
    """
    line = fold(text).text.casefold().replace("’", "'").strip()
    if len(line) > _MAX_REQUEST or _ABOUT_PASSWORDS.search(line):
        return None
    for refusal in _REFUSALS:
        if found := refusal.search(line):
            return Language.ZH if found["english"] else Language.EN
    for wish in _WISHES:
        if found := wish.search(line):
            return Language.EN if found["english"] else Language.ZH
    return None
