"""Who has lost phone and backup mailbox is told of other help; who asks about one of them is not."""

from __future__ import annotations

import pytest

from recovery_core.conversations.losing import lost_both

BOTH = """my phone and my backup mailbox both don't work any more
I lost my phone and can't open my backup email either
neither my phone nor the recovery email works
my phone and backup mailbox are gone
both my mobile and my secondary email are dead
my backup mailbox and my phone are both gone
手机和备用邮箱都用不了了
手机丢了，备用邮箱也登不上
备用邮箱和手机都没了
手机、备用邮箱都丢了"""
ONE = """I lost my phone
my phone got stolen, can I use my backup mailbox?
send the link to my backup mailbox
my backup mailbox doesn't work
the code goes to my old number
my phone is dead, could you use the recovery email too?
手机丢了
手机丢了，可以用备用邮箱吗
备用邮箱收不到链接
手机丢了，备用邮箱也能收吗"""


@pytest.mark.parametrize("text", BOTH.splitlines())
def test_both_are_lost(text: str) -> None:
    """Neither can be used."""
    assert lost_both(text)


@pytest.mark.parametrize("text", ONE.splitlines())
def test_one_is_lost_or_asked_about(text: str) -> None:
    """One of them still may help."""
    assert not lost_both(text)


@pytest.mark.timeout(30)
def test_long_hostile_lines_are_read_in_time() -> None:
    """4,000 characters that almost match cost little time (or the timeout ends it)."""
    for piece in ("not phone and ", "backup mail and phone ", "手机和备用邮箱", "备用邮箱都", "can "):
        lost_both((piece * 4000)[:4000])
