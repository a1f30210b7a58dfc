"""Whether a line says that phone and backup mailbox are both out of reach: then other help is named."""

from __future__ import annotations

import re

_MAILBOX = (
    r"(?:backup|recovery|secondary|second|other|alternate|alternative)\s+(?:e-?mail|mail\s?box|mail|address)"
)
_PHONE = r"(?:phone|mobile|cell|handset|sim)"
_GONE = r"(?:gone|lost|dead|closed|broken|stolen|unusable|unreachable|no longer|not|cannot|can'?t|n'?t)\b"
_NEAR = ".{0,60}"
_BOTH = re.compile(
    rf"{_MAILBOX}{_NEAR}\b(?:either|neither|both|too)\b|\b(?:neither|both)\b{_NEAR}{_MAILBOX}"
    rf"|{_PHONE}{_NEAR}(?:\band\b|&|\bnor\b|\bor\b){_NEAR}{_MAILBOX}{_NEAR}{_GONE}"
    rf"|{_GONE}{_NEAR}{_PHONE}{_NEAR}(?:\band\b|&|\bnor\b|\bor\b){_NEAR}{_MAILBOX}"
    rf"|{_MAILBOX}{_NEAR}(?:\band\b|&|\bnor\b){_NEAR}{_PHONE}{_NEAR}{_GONE}"
    rf"|(?:备用|另一个|第二个)邮箱{_NEAR}(?:也|都|均){_NEAR}(?:不|没|丢|失|停|注销|忘)"
    rf"|(?:手机|号码){_NEAR}[和跟与、及]{_NEAR}(?:备用|另一个|第二个)邮箱{_NEAR}(?:不|没|丢|失|停|注销)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:can|could|may|shall|should)\s+(?:i|we|you)\b(?!'?t)|可以用?.{0,8}[吗么]|能.{0,8}[吗么]"
)


def lost_both(text: str) -> bool:
    """Tell whether *text* says that neither phone nor backup mailbox can be used; a question says nothing."""
    return _BOTH.search(text) is not None and _ASKS.search(text.casefold()) is None
