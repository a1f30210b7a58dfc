"""The examples are our own: none is a row of the utterances that measure the understanding."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bench.understanding import DEV
from tests.needs import need
from tests.rasa_process import ROOT

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z0-9'’]+")


def folded(text: str) -> str:
    """Return the letters and digits of *text*, in one case and one width."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LN")


def is_anyones(text: str) -> bool:
    """Tell whether *text* is so short that everybody says it: three English words, six Chinese characters."""
    characters, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    return characters + words <= 6 if characters else words <= 3


def examples(path: Path) -> list[str]:
    """Return the examples of intents in a training file."""
    blocks = YAML(typ="safe").load(path)["nlu"]
    lines = "\n".join(block["examples"] for block in blocks if "intent" in block).splitlines()
    return [line.removeprefix("- ") for line in lines]


def test_no_example_is_a_measured_row() -> None:
    """No example equals a row but for case, spaces and punctuation, short ones such as "thanks" excepted."""
    need(DEV.is_dir(), "the shared utterances are not here")
    rows = [json.loads(line) for path in DEV.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    measured = {folded(row["text"]) for row in rows}
    ours = [text for path in (ROOT / "data" / "nlu").glob("*.yml") for text in examples(path)]

    assert len(measured) > 2000
    assert len(ours) > 5000
    assert [text for text in ours if folded(text) in measured and not is_anyones(text)] == []


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Thanks a lot!", True),
        ("thank you very much", False),
        ("我不知道的呀", True),
        ("我还是不知道啊", False),
        ("help 一下我吧", True),
    ],
)
def test_what_anybody_says(text: str, short: bool) -> None:  # noqa: FBT001  a column of the table above
    """Three English words or six Chinese characters are the longest that count as anybody's."""
    assert is_anyones(text) is short


def test_punctuation_and_case_do_not_hide_a_copy() -> None:
    """A copy is found with other spaces, signs, width and case."""
    assert folded("Hello , How are YOU？") == folded("hello how are you")
    assert folded("手机，丢失 怎么处理?") == folded("手机丢失怎么处理")
