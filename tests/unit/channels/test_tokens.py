"""Access tokens: fetched once, in time, and anew when the secret changes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from portal.channels.port import ChannelAwayError
from portal.channels.tokens import Token, Tokens
from tests.fakes import FakeClock


class Source:
    """Gives tokens and counts them."""

    def __init__(self, seconds: int = 7200) -> None:
        """Give tokens that are good for *seconds*."""
        self.seconds, self.secret, self.fetched, self.away = seconds, "s-1", 0, False

    async def fetch(self, secret: str) -> Token:
        """Return the next token."""
        await asyncio.sleep(0)
        if self.away:
            raise ChannelAwayError("unreachable")
        self.fetched += 1
        return Token(f"{secret}/{self.fetched}", self.seconds)


def made(source: Source) -> tuple[Tokens, FakeClock]:
    """Return a cache and its clock."""
    clock = FakeClock()
    return Tokens(clock, lambda: source.secret, source.fetch), clock


async def test_many_askers_share_one_fetch() -> None:
    """A hundred at once lead to one request."""
    source = Source()
    tokens, _ = made(source)
    found = await asyncio.gather(*(tokens.get() for _ in range(100)))
    assert set(found) == {"s-1/1"}
    assert source.fetched == 1


async def test_a_token_is_replaced_five_minutes_early() -> None:
    """One second before that it is used, then a new one is fetched."""
    source = Source(7200)
    tokens, clock = made(source)
    await tokens.get()
    clock.move(timedelta(seconds=7200 - 300 - 1))
    assert await tokens.get() == "s-1/1"
    clock.move(timedelta(seconds=1))
    assert await tokens.get() == "s-1/2"


async def test_a_short_life_is_used_for_half() -> None:
    """A token of two minutes is not fetched at every call."""
    source = Source(120)
    tokens, clock = made(source)
    await tokens.get()
    clock.move(timedelta(seconds=59))
    assert await tokens.get() == "s-1/1"
    clock.move(timedelta(seconds=1))
    assert await tokens.get() == "s-1/2"


async def test_a_changed_secret_counts_at_once() -> None:
    """The next call signs in with the new one."""
    source = Source()
    tokens, _ = made(source)
    await tokens.get()
    source.secret = "s-2"
    assert await tokens.get() == "s-2/2"


async def test_a_refused_token_is_dropped_unless_replaced_meanwhile() -> None:
    """Two calls that were refused with the same token lead to one new one."""
    source = Source()
    tokens, _ = made(source)
    old = await tokens.get()
    tokens.drop(old)
    new = await tokens.get()
    tokens.drop(old)
    assert await tokens.get() == new
    assert source.fetched == 2


async def test_a_failed_fetch_leaves_no_old_token() -> None:
    """What is over is not used because the new one cannot be had."""
    source = Source()
    tokens, clock = made(source)
    await tokens.get()
    clock.move(timedelta(hours=3))
    source.away = True
    for _ in range(2):
        with pytest.raises(ChannelAwayError):
            await tokens.get()
    source.away = False
    assert await tokens.get() == "s-1/2"


def test_a_token_is_not_shown() -> None:
    """Neither the token nor its cache says what it holds."""
    assert "hush" not in repr(Token("hush", 1))
