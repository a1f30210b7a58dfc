"""A long list is read page by page, so that nothing in it is out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

SIZE = 50
"""Entries of one page."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    items: tuple[T, ...]
    number: int
    """From 1."""
    more: bool
    """Whether a page follows."""

    @property
    def last(self) -> int:
        """Return the place of the page's last entry in the whole list."""
        return before(self.number) + len(self.items)


def before(number: int) -> int:
    """Return how many entries stand before page *number*."""
    return (number - 1) * SIZE


def page_of(found: Sequence[T], number: int) -> Page[T]:
    """Return page *number* from its entries and, where there is one, the entry after them."""
    return Page(tuple(found[:SIZE]), number, len(found) > SIZE)
