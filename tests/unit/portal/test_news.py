"""Who is woken by what."""

from __future__ import annotations

from portal.chat.news import News, wait


async def test_every_listener_is_woken() -> None:
    """Two listeners of a conversation are woken, one of another is not."""
    news = News()
    with news.listen("a") as one, news.listen("a") as two, news.listen("b") as other:
        news.tell("a")
        assert (one.is_set(), two.is_set(), other.is_set()) == (True, True, False)
        assert (news.listeners("a"), news.listeners("b"), news.listeners("c")) == (2, 1, 0)


async def test_news_between_two_looks_is_kept() -> None:
    """What is told after the event was cleared ends the next wait at once."""
    news = News()
    with news.listen("a") as event:
        event.clear()
        news.tell("a")
        await wait(event, 60)


async def test_a_wait_ends_without_news() -> None:
    """Without news a wait ends after its time."""
    news = News()
    with news.listen("a") as event:
        await wait(event, 0)
        assert not event.is_set()


async def test_nothing_is_remembered() -> None:
    """Telling where nobody listens, and listeners that left, cost no memory."""
    news = News()
    news.tell("a")
    with news.listen("b"):
        pass

    assert len(news) == 0
