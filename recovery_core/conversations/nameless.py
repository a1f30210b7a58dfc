"""Take out of a line whose it is: before it is counted, listed beside others or written to a file."""

from __future__ import annotations

import re

from recovery_core.conversations.text import cover, fold

_TELLING = re.compile(
    r"[A-Za-z0-9._%+*'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
    r"|(?<![A-Za-z0-9])RC[-_ ]?[0-9A-Z]{4}[-_ ]?[0-9A-Z]{4}(?![A-Za-z0-9])"  # references
    r"|(?<![A-Za-z0-9])9[0-9A-Z]{17}(?![A-Za-z0-9])"  # unified social credit codes
    r"|(?<![A-Za-z0-9])[A-Za-z]{1,4}-?[0-9]{4,}(?![0-9])"  # employee and customer numbers
    r"|(?<![A-Za-z0-9])(?![45][0-9]{2} [45]\.[0-9])"  # 550 5.7.1 is what a mail server said
    r"\+?\(?(?:[0-9][ ()./-]{0,2}){5,}[0-9X](?![A-Za-z0-9])",  # phones, identity cards, codes
    re.IGNORECASE,
)


def nameless(text: str) -> str:
    """Return *text* with addresses, phones, references and numbers of people hidden.

    Numbers of up to five digits stay, so do error codes as 0x80070005 or AADSTS50126: they say what went
    wrong. The name of a person cannot be told from another word and stays too.
    """
    folded = fold(text)
    return cover(text, [folded.span(*found.span()) for found in _TELLING.finditer(folded.text)])
