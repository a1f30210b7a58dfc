"""The lines of an import file: UTF-8 with or without a byte order mark, read as they come."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from recovery_core.accounts.importing_problems import Problem, ProblemCode


class FileRefusedError(Exception):
    """Raised when reading cannot go on: wrong encoding, no CSV, no header; ``problem`` says where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem.code))
        self.problem = problem


def text_lines(raw_lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a file opened in binary mode as text.

    Raises:
        FileRefusedError: the bytes are not UTF-8; UTF-16 and GBK, which spreadsheets write, are named.

    """
    for number, raw in enumerate(raw_lines, start=1):
        start = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        yield _decoded(start, number)


def _decoded(raw: bytes, number: int) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw:
        raise FileRefusedError(Problem(number, "", ProblemCode.UTF16))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        code = ProblemCode.GBK if _is_gbk(raw) else ProblemCode.NOT_UTF8
        raise FileRefusedError(Problem(number, "", code)) from None


def _is_gbk(raw: bytes) -> bool:
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
