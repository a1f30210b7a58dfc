"""Hide what looks like a password in a line of the chat before anybody stores it or reads on (R16).

The judgement has two sides: what a token looks like (:class:`_Look`) and how it stands to a password word.
``docs/masking.md`` explains both with examples.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

from recovery_core.conversations.text import cover, fold

MIN_SECRET = 6
"""Characters of the shortest candidate near a password word (R16)."""

MIN_ALONE, MAX_ALONE = 8, 128
"""Characters of a password that stands alone on a line."""

NEAR, FAR = 32, 60
"""Characters between a password word and a candidate: a plain one, a striking one."""


@dataclass(frozen=True)
class Masked:
    """A line without its passwords, and the passwords apart from it.

    ``secrets`` holds each password in every reading (as typed, in compatibility form, with and without the
    punctuation around it), so that all of them can be refused later. They never show in a repr.
    """

    text: str
    secrets: tuple[str, ...] = field(repr=False, default=())


class _Look(IntEnum):
    """How much a token looks like a password."""

    NONE = 0
    LINKED = 1  # like a product, a version, an employee number: only when said to be the password
    PLAIN = 2  # letters and digits
    STRIKING = 3  # letters, digits and signs


_WORD = re.compile(
    r"(?<![A-Za-z0-9@#$%^&*])(?:"
    r"pas{1,3}[\s_-]?(?:w[or]{1,4}[dt]|wd|code|phrase|key)s?|pass|pword|pwd|psw|pswd|pw|pin"
    r"|creds?|credentials?|secret|mi\s?ma"
    r")(?![A-Za-z0-9_]|-[0-9]|[@#$%^&*!~+][A-Za-z0-9])"
    r"|[密秘]\s?[码碼]|口令|[密秘][钥鑰]|暗号|通行[码碼]",
    re.IGNORECASE,
)
_TLD = r"(?:com|cn|net|org|edu|gov|io|co|uk|de|example|test|local|app|dev|cloud)"
_PROTECTED = re.compile(
    r"[A-Za-z0-9._%+*-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    r"|(?:https?://|www\.)[!-~]+"
    rf"|(?<![A-Za-z0-9.-])(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}{_TLD}(?![A-Za-z0-9.@-])(?:/[!-~]*)?"
    r"|(?<![A-Za-z0-9])RC[-_ ]?[0-9A-Z]{4}[-_ ]?[0-9A-Z]{4}(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# Between Chinese sentences these part tokens; folded they would look like part of a password.
_APART = str.maketrans(dict.fromkeys("，。；、？（）【】《》“”‘’「」『』", " "))
_TOKEN = re.compile(r"[!-~]+")
_LEAD, _TRAIL, _QUOTES = ":=,;/|>-", ",;:.?!", "\"'`()[]{}<>*_~"
_LABEL = ":=,;/|>"
_JOINTS = frozenset("-.")
_SIGNS = frozenset("!@#$%^&*~+=?|\\<>")
_HARD_SIGNS = frozenset("#$%^&*~+=|\\")

_NEVER = re.compile(
    r"[+(#$¥]?[0-9][0-9()\-./:,%*xX#]*"  # phones (also hidden ones), dates, times, amounts
    r"|[A-Za-z]+(?:[-'/.&,_:;?!()\"]+[A-Za-z]+)*"  # words and joined words
    r"|[0-9]{1,4}[-–]?(?:st|nd|rd|th|am|pm|mins?|minutes?|hours?|hrs?|days?|weeks?|months?|years?|times"
    r"|chars?|characters?|digits?|letters?|bits?|[kmg]b)"
    r"|[0-9]{1,4}-[0-9]{1,4}-?[A-Za-z]+"  # 8-64characters
    r"|[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9:.+Z-]+"
    r"|[0-9]{0,2}-?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-?[0-9]{1,2}-?[0-9]{4}"
    r"|[0-9]{1,2}-?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-?[0-9]{2,4}"
    r"|[0-9]{17}X|9[0-9]{7}[0-9A-Z]{10}",  # identity card, uniform social credit code
    re.IGNORECASE,
)
_EVERYDAY = re.compile(
    r"(?i:win|windows|office|microsoft|m|o|outlook|exchange|iphone|ipad|ios|macos|android|foxmail|galaxy|wps"
    r"|mate|redmi|mi|oppo|vivo|honor|python|chrome|firefox|safari|tls|imap|smtp|pop|gm)[-_ ]?[0-9]{1,4}"
    r"(?i:[a-z]{0,3}|pro|plus|max)"
    r"|[A-Z]+[-_/.]?[0-9]+(?:\.[0-9]+)*"  # E10012, AADSTS50126, ISO27001, SHA-256
    r"|[A-Za-z]+[-_/.:][0-9]{1,3}(?:\.[0-9]+)*"  # step-2, v/2.0, imap:993
    r"|[0-9]{1,2}[-–]?[A-Za-z]+"  # 2-step, 3times
    r"|[A-Za-z0-9]{1,4}(?:/[A-Za-z0-9]{1,4})+"  # MFA/2FA
    r"|0x[0-9A-Fa-f]+",
)
_LINK_BEFORE = re.compile(
    r"(?:[:=]|->|\b(?:is|was|were|be|to|use|used|tried|try|typed|entered|set)\b"
    r"(?:\s+(?:now|still|just|simply|like|maybe|probably|actually))?|[是为為用成叫]|输入)[\s\"'`(「“]*",
    re.IGNORECASE,
)
_LINK_AFTER = re.compile(r"[\s\"'`)」”,]*(?:is\b|was\b|as\b|[是做作当])", re.IGNORECASE)
_ACCOUNT_BEFORE = re.compile(
    r"(?:user\s?name|user|account|log-?in|\bid|mailbox|e-?mail|工号|编号|[账帐]号|账户|用户名?|邮箱|邮件|登录名"
    r"|\b(?:for|of))\s?(?:name|no\.?|number|the|my)?\s?(?:is|[:=是为])?\s?",
    re.IGNORECASE,
)
_OWNER_AFTER = re.compile(r"\s?(?:’s\b|的)")


def mask_secrets(text: str) -> Masked:
    """Return *text* with every password that somebody discloses in it hidden; *text* should be cleaned."""
    plain = fold(text).text
    folded = fold(text.translate(_APART))
    bare = _blank(_PROTECTED, folded.text)
    words = [word.span() for word in _WORD.finditer(bare)]
    if not words:
        return Masked(text)
    spans: list[tuple[int, int]] = []
    secrets: dict[str, None] = {}
    places = _joined(plain, bare, words)
    for start, end in places:
        bare = f"{bare[:start]}{' ' * (end - start)}{bare[end:]}"
    places += _parted(plain, _blank(_WORD, bare), words)
    for start, end in places:
        spans.append(folded.span(start, end))
        lead = len(plain[:start].rstrip(_LEAD))  # the sentence's, or the password's first signs
        secrets.update(dict.fromkeys(_readings(text[slice(*spans[-1])], plain[lead:end])))
    return Masked(cover(text, spans), tuple(secrets))


def _parted(plain: str, bare: str, words: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places of tokens beside the password words that are disclosed as a password."""
    found = []
    for token in _TOKEN.finditer(bare):
        start = token.start() + len(token.group()) - len(token.group().lstrip(_LEAD))
        near = within(words, start, token.end())
        if start < token.end() and _discloses(plain, near, start, token.end()):
            found.append((start, token.end()))
    return found


def within(words: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return those of the *words*, which stand in order, that are at most :data:`FAR` from *start* to *end*.

    Judging each token by all words of a line made a line of a thousand of both cost half a second.
    """
    first = bisect_left(words, start - FAR, key=lambda word: word[1])
    last = bisect_right(words, end + FAR, key=lambda word: word[0])
    return words[first:last]


def _joined(plain: str, bare: str, words: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places of tokens that hold a password word and are disclosed as a password themselves.

    ``Secret-Horse-77`` is one password: its first part is no word that speaks of the rest.
    """
    found = []
    for token in _TOKEN.finditer(bare):
        near = within(words, *token.span())
        start, end = _after_label(bare, near, *token.span()), token.end()
        inside = [word for word in near if start <= word[0] and word[1] <= end]
        others = [word for word in near if word[0] < start or end < word[1]]
        grown = any(_JOINTS & set(bare[max(start, left - 1) : right + 1]) for left, right in inside)
        if grown and others and _discloses(plain, others, start, end):
            found.append((start, end))
    return found


def _after_label(bare: str, words: list[tuple[int, int]], start: int, end: int) -> int:
    """Return where the token begins behind a label as in ``pw:Secret-Horse-77``."""
    for left, right in words:
        if left != start:
            continue
        rest = bare[right:end].lstrip(_LABEL)
        if rest and len(rest) < end - right:
            return end - len(rest)
    return start


def looks_like_password(text: str) -> bool:
    """Tell whether *text* is one token that looks like a password: 8 characters or more of three classes.

    For a line typed right after rekey asked something. Addresses, references, products and words are none.
    """
    token = fold(text).text.strip()
    if not MIN_ALONE <= len(token) <= MAX_ALONE or not _TOKEN.fullmatch(token):
        return False
    core = _core(token)
    if _PROTECTED.search(core) or _PROTECTED.search(token) or _classes(token) < 3:  # noqa: PLR2004
        return False
    return _look(core) >= _Look.PLAIN


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _core(token: str) -> str:
    """Return *token* without what a sentence puts around it."""
    bare = token.lstrip(_LEAD).strip(_QUOTES).rstrip(_TRAIL).strip(_QUOTES)
    # Five characters and a "!" may well be six characters: "abc12!".
    return f"{bare}!" if len(bare) < MIN_SECRET and f"{bare}!" in token else bare


def _readings(raw: str, token: str) -> list[str]:
    """Return the passwords that the person may have meant, the likeliest first."""
    inner = token.lstrip(_LEAD)
    return [
        inner.rstrip(",;:.?").strip(_QUOTES),
        inner.strip(_QUOTES).rstrip(_TRAIL).strip(_QUOTES),
        inner.rstrip(_TRAIL),
        inner,
        token,
        raw,
    ]


def _classes(token: str) -> int:
    tests = (str.isupper, str.islower, str.isdecimal, lambda char: not char.isalnum())
    return sum(any(test(char) for char in token) for test in tests)


def _look(core: str) -> _Look:
    """Judge what *core* looks like by itself."""
    if len(core) < MIN_SECRET or _classes(core) < 2 or _is_never(core):  # noqa: PLR2004
        return _Look.NONE
    letters, digits = any(map(str.isalpha, core)), any(map(str.isdecimal, core))
    if letters and digits and _SIGNS & set(core):
        return _Look.STRIKING
    if _EVERYDAY.fullmatch(core):
        return _Look.LINKED
    if (letters and digits) or _HARD_SIGNS & set(core) or (digits and _SIGNS & set(core)):
        return _Look.PLAIN
    return _Look.LINKED


def _is_never(core: str) -> bool:
    """Tell whether *core* is no password whatever is said of it; ``qWeRtYuI`` is no word."""
    changes = sum(left.islower() != right.islower() for left, right in pairwise(core))
    return _NEVER.fullmatch(core) is not None and not (core.isalpha() and changes >= 4)  # noqa: PLR2004


def _discloses(plain: str, words: list[tuple[int, int]], start: int, end: int) -> bool:
    """Tell whether the token from *start* to *end* is given away as a password in *plain*."""
    look = _look(_core(plain[start:end]))
    reach = FAR if look is _Look.STRIKING else NEAR
    near = [word for word in words if word[0] - end <= reach and start - word[1] <= reach]
    if look is _Look.NONE or not near:
        return False
    if look is _Look.STRIKING:
        return True
    if _names_account(plain, start, end):
        return False
    return look is _Look.PLAIN or any(_links(plain, left, right, start, end) for left, right in near)


def _links(plain: str, left: int, right: int, start: int, end: int) -> bool:
    """Tell whether a copula ties the token to the password word at *left* to *right*."""
    if right <= start:
        between = plain[right:start]
        link = list(_LINK_BEFORE.finditer(between))
        return bool(link) and link[-1].end() == len(between) and not re.search(r"[,.;!?。，\n]", between)
    return _LINK_AFTER.match(plain[end:left]) is not None


def _names_account(plain: str, start: int, end: int) -> bool:
    """Tell whether the token is said to be an account's name, or the password's owner."""
    before = plain[max(0, start - NEAR) : start]
    if plain[start:end].endswith("'s") or _OWNER_AFTER.match(plain, end):
        return True
    label = list(_ACCOUNT_BEFORE.finditer(before))
    return bool(label) and label[-1].end() == len(before)
