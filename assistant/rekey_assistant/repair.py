"""What a repair of Rasa is, and how repairs are put in place.

They are installed by :func:`install`, which refuses any other version of Rasa, because a repair of unknown
code is a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import rasa

_Any = TypeVar("_Any")
RASA_VERSION = "3.6.21"


class WrongRasa(RuntimeError):  # noqa: N818  it names what was found
    """The installed Rasa is not the one that the repairs were written for."""


@dataclass(frozen=True)
class Repair:
    """One replaced attribute of Rasa."""

    name: str
    reason: str
    owner: type | ModuleType
    attribute: str
    replacement: Any


def twin(one: _Any) -> _Any:
    """Return a copy as ``copy.copy`` makes it of an object with a ``__dict__`` and no more, quickly."""
    made = object.__new__(type(one))
    made.__dict__.update(one.__dict__)
    return made


def install(repairs: tuple[Repair, ...], version: Callable[[], str] = lambda: rasa.__version__) -> None:
    """Put the repairs in place.

    Raises:
        WrongRasa: another version of Rasa than 3.6.21 is installed.

    """
    if version() != RASA_VERSION:
        raise WrongRasa(version())
    for repair in repairs:
        setattr(repair.owner, repair.attribute, repair.replacement)
