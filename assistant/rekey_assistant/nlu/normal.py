"""Bring a sentence into the form that the classifier reads: one script, one width, placeholders for data."""

from __future__ import annotations

import re
import unicodedata

ADDRESS = re.compile(r"[A-Za-z0-9][\w.+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+", re.ASCII)
REFERENCE = re.compile(r"\bRC-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.IGNORECASE | re.ASCII)
PHONE = re.compile(
    r"(?<![\d@])(?:\+\d{1,3}[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{3}[ -]\d{3,4}[ -]\d{4})(?!\d)"
)
CODE = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

_TRADITIONAL = (
    "碼码號号賬账帳账戶户郵邮箱箱記记錄录登登機机電电話话驗验證证個个問问題题嗎吗麼么請请幫帮轉转員员"
    "麗丽鎖锁凍冻結结禁禁停停開开關关閉闭難难進进沒没來来時时間间誰谁級级團团標标準准專专業业還还處处"
    "應应該该樣样讓让說说謝谢見见嗨嗨您您對对錯错選选擇择發发檢检查查單单審审狀状態态協协會会實实體体"
    "長长規规則则設设複复雜杂寫写點点擊击連连線线網网絡络備备舊旧換换丟丢壞坏盜盗竊窃資资訊讯訴诉給给"
    "誤误過过從从後后裡里裏里為为甚什綁绑異异動动變变與与頁页麵面聯联繫系係系歡欢確确認认無无辦办"
)
_SIMPLE = {ord(old): new for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
_APOSTROPHE = str.maketrans({"’": "'", "‘": "'", "`": "'"})


def simplify(text: str) -> str:
    """Return *text* in NFKC, lower case, with simplified characters."""
    return unicodedata.normalize("NFKC", text).translate(_APOSTROPHE).lower().translate(_SIMPLE)


def normalise(text: str) -> str:
    """Return *text* as the classifier reads it: simplified, with placeholders for addresses and numbers."""
    text = ADDRESS.sub(" zaddress ", unicodedata.normalize("NFKC", text))
    text = REFERENCE.sub(" zreference ", text)
    text = PHONE.sub(" zphone ", text)
    text = CODE.sub(" zcode ", text)
    return re.sub(r"\d+", " znumber ", simplify(text))


def language_of(text: str) -> str:
    """Return ``zh`` when *text* holds a Han character, else ``en``."""
    return "zh" if HAN.search(text) else "en"
