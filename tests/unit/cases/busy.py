"""A hasher during whose work something happens."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes_passwords import FakeHasher


class Busy(FakeHasher):
    """A hasher while whose work *meanwhile* happens, once."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        """Remember what happens."""
        super().__init__()
        self._meanwhile = meanwhile

    async def hash(self, secret: str) -> str:
        """Let it happen and hash."""
        self._meanwhile()
        return await super().hash(secret)
