"""Clean sentences as people send them: slips, capitals, full width, lost spaces, emoji, long stories."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

STORIES = Path(__file__).with_name("stories.yml")
STORY = 2_000
"""Characters of a story around one problem."""
_NEAR = {
    "a": "qs", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et",
    "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
"""Keys beside a key."""
_SOUNDS = {
    "密码": ["密马", "蜜码", "秘码"], "验证码": ["验证吗", "验正码", "严证码"],
    "账号": ["账好", "帐号", "张号"], "手机": ["手几", "收机", "首机"],
    "邮箱": ["油箱", "邮相"], "登录": ["登陆", "灯录", "登路"],
    "收不到": ["收不道", "手不到"], "没收到": ["没首到"], "忘": ["望", "往"], "锁": ["索", "所"],
    "冻结": ["动结", "冻接"], "工单": ["公单"], "人工": ["人公", "人功"], "客服": ["客付", "客福"],
    "短信": ["段信", "断信"], "管理员": ["管理圆", "官理员"],
    "申请": ["伸请", "申情"], "怎么": ["zen么", "zenme"],
}  # fmt: skip
"""Words and what an input method offers for the same sound."""
_EMOJI = "😭😡🙏👍😅🤔💔😂"
_LETTERS_A_SLIP = 40
_SHORT_EN, _SHORT_ZH = 10, 6
_HAN = "\u3400"
Noise = Callable[[str, random.Random], str]


def slips(text: str, chance: random.Random) -> str:
    """Mistype a letter in every forty (missing, doubled, wrong or swapped), and a word of the same sound."""
    chinese = max(text) >= _HAN
    if len(text) < (_SHORT_ZH if chinese else _SHORT_EN):
        return text
    letters = list(text)
    inner = [at for at in range(1, len(text) - 1) if text[at - 1 : at + 1].isascii() and _in_word(text, at)]
    for at in chance.sample(inner, min(len(inner), max(1, len(text) // _LETTERS_A_SLIP))):
        letters[at] = _slip(letters[at], chance)
    words = [word for word in _SOUNDS if word in text]
    if not words:
        return "".join(letters)
    word = chance.choice(words)
    return "".join(letters).replace(word, chance.choice(_SOUNDS[word]), 1)


def _in_word(text: str, at: int) -> bool:
    return text[at - 1].isalpha() and text[at].isalpha()


def _slip(letter: str, chance: random.Random) -> str:
    near = _NEAR.get(letter.lower(), letter)
    return chance.choice(["", letter * 2, chance.choice(near), chance.choice(near) + letter])


def capitals(text: str, chance: random.Random) -> str:
    """Shout, or press shift at random."""
    if chance.random() < 0.5:  # noqa: PLR2004  heads or tails
        return text.upper()
    return "".join(chance.choice([letter.upper(), letter.lower()]) for letter in text)


def full_width(text: str, _chance: random.Random) -> str:
    """Type with a Chinese keyboard in full-width mode; addresses are left alone."""
    if "@" in text:
        return text
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def lost_spaces(text: str, chance: random.Random) -> str:
    """Leave out every fifth space and one at least; where there is none, put some between Han characters."""
    gaps = [at for at, letter in enumerate(text) if letter == " "]
    if not gaps:
        return "".join(one + " " if one >= _HAN and chance.random() < 0.3 else one for one in text)  # noqa: PLR2004
    gone = set(chance.sample(gaps, max(1, len(gaps) // 5)))
    return "".join(letter for at, letter in enumerate(text) if at not in gone)


def emoji(text: str, chance: random.Random) -> str:
    """Put feelings before and after."""
    before, after = chance.randrange(3), chance.randrange(1, 4)
    return chance.choice(_EMOJI) * before + text + chance.choice(_EMOJI) * after


def story(text: str, chance: random.Random) -> str:
    """Hide the sentence in two thousand characters about other things."""
    told = list(_stories()["zh" if max(text) >= _HAN else "en"])
    chance.shuffle(told)
    parts: list[str] = []
    while sum(map(len, parts)) + len(text) < STORY:
        parts.append(told[len(parts) % len(told)])
    parts.insert(chance.randrange(len(parts) + 1), text + ("" if text[-1] in ".!?。！？" else "."))
    return " ".join(parts)


@cache
def _stories() -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = YAML(typ="safe").load(STORIES)
    return found


NOISES: Mapping[str, Noise] = {
    "slips": slips,
    "capitals": capitals,
    "full_width": full_width,
    "lost_spaces": lost_spaces,
    "emoji": emoji,
    "story": story,
}


def noisy(name: str, texts: Iterable[str], seed: int) -> list[str]:
    """Return *texts* with the noise called *name*, the same for the same *seed*."""
    chance = random.Random(seed)  # noqa: S311  no secret is drawn
    return [NOISES[name](text, chance) for text in texts]
