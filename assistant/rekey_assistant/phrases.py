"""Write ``data/nlu/<intent>.<language>.yml`` from the compact phrase patterns in ``assistant/phrases/``.

A pattern line is plain text with alternatives, ``(forgot|lost) my <password>``; ``(please|)`` may be left
out, and ``<password>`` stands for a named list in ``_lists.txt``. Each line yields :data:`PER_LINE`
sentences, more when a group has more alternatives, so that every alternative is used; the same patterns
always write the same files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

PER_LINE = 8
_SPACES = re.compile(r"\s+")
_LIST = re.compile(r"<(\w+)>")
_DEPTH = 8


@dataclass(frozen=True)
class _Choice:
    """One group of alternatives, each a sequence of words and further groups."""

    options: tuple[tuple[str | _Choice, ...], ...]

    @property
    def size(self) -> int:
        """Count the sentences that this group stands for."""
        return sum(
            prod(1 if isinstance(part, str) else part.size for part in option) for option in self.options
        )

    @property
    def longest(self) -> int:
        """Count the alternatives of the longest group within."""
        inner = [part.longest for option in self.options for part in option if isinstance(part, _Choice)]
        return max([len(self.options), *inner])

    def pick(self, number: int, salt: str) -> str:
        """Return sentence *number*; numbers in a row use every alternative in turn."""
        start = int.from_bytes(hashlib.sha256(salt.encode()).digest()[:4], "big")
        turn, place = divmod(number, len(self.options))
        option = self.options[(place + start + turn) % len(self.options)]
        parts = enumerate(option)
        return "".join(
            part if isinstance(part, str) else part.pick(number, f"{salt}/{at}") for at, part in parts
        )


def _parse(text: str, start: int = 0) -> tuple[_Choice, int]:
    options: list[tuple[str | _Choice, ...]] = []
    current: list[str | _Choice] = []
    position, word = start, ""
    while position < len(text) and text[position] != ")":
        if text[position] == "(":
            group, position = _parse(text, position + 1)
            current += [word, group]
            word = ""
        elif text[position] == "|":
            options.append((*current, word))
            current, word = [], ""
        else:
            word += text[position]
        position += 1
    options.append((*current, word))
    return _Choice(tuple(options)), position


def expand(line: str, lists: dict[str, str], per_line: int = PER_LINE) -> Iterator[str]:
    """Yield different sentences of a pattern *line*, always the same ones, every alternative at least once.

    Raises:
        KeyError: the line names a list that does not exist.

    """
    for _ in range(_DEPTH):
        line = _LIST.sub(lambda found: f"({lists[found[1]]})", line)
    choice, _end = _parse(line)
    wanted = min(choice.size, max(per_line, choice.longest))
    seen = set()
    for number in range(wanted):
        sentence = _SPACES.sub(" ", choice.pick(number, line)).strip()
        if sentence and sentence not in seen:
            seen.add(sentence)
            yield sentence


def read_lists(folder: Path) -> dict[str, str]:
    """Read the named lists, ``name = a|b|c`` a line, of one language folder."""
    lines = (folder / "_lists.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name.strip(): words.strip() for name, _, words in pairs}


def read_phrases(path: Path, lists: dict[str, str]) -> list[str]:
    """Return all sentences of a phrase file without repetition, in the order of its lines."""
    found: dict[str, None] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            found.update(dict.fromkeys(expand(line.strip(), lists)))
    return list(found)


def nlu_yaml(intent: str, sentences: list[str]) -> str:
    """Return Rasa's training file for one intent."""
    examples = "\n".join(f"    - {sentence}" for sentence in sentences)
    return f'version: "3.1"\n\nnlu:\n- intent: {intent}\n  examples: |\n{examples}\n'


def write_all(phrases: Path, target: Path) -> dict[str, int]:
    """Write one file for each phrase file and return the number of sentences of each."""
    counts = {}
    for folder in sorted(path for path in phrases.iterdir() if path.is_dir()):
        lists = read_lists(folder)
        for path in sorted(folder.glob("[a-z]*.txt")):
            sentences = read_phrases(path, lists)
            name = f"{path.stem}.{folder.name}.yml"
            (target / name).write_text(nlu_yaml(path.stem, sentences), encoding="utf-8")
            counts[name] = len(sentences)
    return counts


def main() -> None:
    """Write the training files of this repository."""
    here = Path(__file__).resolve().parents[1]
    write_all(here / "phrases", here.parent / "data" / "nlu")


if __name__ == "__main__":
    main()
