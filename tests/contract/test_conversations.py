"""Conversations and their lines."""

from __future__ import annotations

import asyncio

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.conversations.conversation import Line, LineKind
from recovery_core.conversations.language import Language
from recovery_core.errors import ConflictError
from tests.contract.samples import NOW, SECOND, a_conversation, with_conversation


async def said(work: SqlWork, message: str, kind: LineKind = LineKind.SAID, talk: str = "talk") -> Line:
    """Store one line and return it."""
    async with work() as unit:
        line = await unit.conversations.append(talk, kind, message, {"text": message}, NOW)
        await unit.commit()
    assert line is not None
    return line


async def test_a_conversation_is_found_by_id_and_token(work: SqlWork) -> None:
    """A conversation comes back whole by its id and by the hash of its token, and by nothing else."""
    await with_conversation(work, client_key="client")
    async with work.reading() as unit:
        assert await unit.conversations.get("talk") == a_conversation(client_key="client")
        assert await unit.conversations.by_token_hash("token-talk") == a_conversation(client_key="client")
        assert await unit.conversations.get("token-talk") is None
        assert await unit.conversations.by_token_hash("talk") is None


async def test_a_token_belongs_to_one_conversation(work: SqlWork) -> None:
    """A second conversation with the same token is a conflict."""
    await with_conversation(work)
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.conversations.add(a_conversation("other", token_hash="token-talk"))


async def test_the_last_message_is_remembered(work: SqlWork) -> None:
    """When, in which language and from where the person wrote last is stored, and told with the rest."""
    await with_conversation(work)
    async with work() as unit:
        told = await unit.conversations.seen("talk", NOW + SECOND, Language.EN, "client")
        found = await unit.conversations.get("talk")
        assert await unit.conversations.seen("forgotten", NOW, Language.EN, None) is None
    expected = a_conversation(last_seen_at=NOW + SECOND, language=Language.EN, client_key="client")
    assert found == told == expected


@pytest.mark.parametrize("kind", [LineKind.SAID, LineKind.EVENT])
async def test_a_message_id_is_taken_once(work: SqlWork, kind: LineKind) -> None:
    """The second said or event line with an id is not stored; another conversation may use the id."""
    await with_conversation(work)
    await with_conversation(work, "other")
    first = await said(work, "m1")
    await said(work, "m1", talk="other")
    async with work() as unit:
        assert await unit.conversations.append("talk", kind, "m1", {"text": "again"}, NOW) is None
        assert await unit.conversations.line("talk", "m1") == first
        assert await unit.conversations.line("talk", "m2") is None


async def test_twenty_parallel_repetitions_store_one_line(work: SqlWork) -> None:
    """A message that is sent twenty times at once is stored once."""
    await with_conversation(work)

    async def append() -> Line | None:
        async with work() as unit:
            line = await unit.conversations.append("talk", LineKind.SAID, "m1", {}, NOW)
            await unit.commit()
        return line

    stored = await asyncio.gather(*(append() for _ in range(20)))
    assert len([line for line in stored if line is not None]) == 1


async def test_a_line_needs_its_conversation(work: SqlWork) -> None:
    """A line of a conversation that is not there is a conflict."""
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.conversations.append("nobody", LineKind.SAID, "m1", {}, NOW)


async def test_any_text_survives(work: SqlWork) -> None:
    """Emoji, Chinese, U+0000 and a lone surrogate come back as they were said."""
    await with_conversation(work)
    payload = {"text": "密码 🔑 \x00 \ud800", "buttons": [{"id": "b", "name": None}], "number": 1.5}
    async with work() as unit:
        await unit.conversations.append("talk", LineKind.SAID, "m1", payload, NOW)
        line = await unit.conversations.line("talk", "m1")
    assert line is not None
    assert line.payload == payload


async def test_lines_are_read_on_from_a_number(work: SqlWork) -> None:
    """Said and reply lines after a number come in order, as many as asked for; events are not shown."""
    await with_conversation(work)
    await with_conversation(work, "other")
    first = await said(work, "m1")
    await said(work, "m2", LineKind.EVENT)
    await said(work, "m3", talk="other")
    async with work() as unit:
        replies = await unit.conversations.answer(first, [{"n": 1}, {"n": 2}], NOW)
        assert replies is not None
        await unit.commit()
    async with work.reading() as unit:
        seen = await unit.conversations.since("talk", 0, 10)
        assert [line.seq for line in seen] == [first.seq, replies[0].seq, replies[1].seq]
        assert await unit.conversations.since("talk", first.seq, 1) == [replies[0]]
        assert await unit.conversations.since("talk", replies[1].seq, 10) == []


async def test_a_line_is_answered_once(work: SqlWork) -> None:
    """The first answer stores its replies under the line's id; a second one stores nothing."""
    await with_conversation(work)
    line = await said(work, "m1")
    async with work() as unit:
        replies = await unit.conversations.answer(line, [{"text": "hello"}, {"text": "there"}], NOW + SECOND)
        assert replies is not None
        assert [(r.kind, r.message_id, r.payload["text"]) for r in replies] == [
            (LineKind.REPLY, "m1", "hello"),
            (LineKind.REPLY, "m1", "there"),
        ]
        assert await unit.conversations.answer(line, [{"text": "late"}], NOW) is None
        assert await unit.conversations.replies_to("talk", "m1") == replies
        answered = await unit.conversations.line("talk", "m1")
        assert answered is not None
        assert answered.answered_at == NOW + SECOND


async def test_an_answer_tells_what_was_replied_before_it(work: SqlWork) -> None:
    """What a notice or an action replied to the line already is told with the answer, in order."""
    await with_conversation(work)
    line = await said(work, "m1")
    async with work() as unit:
        for message_id, text in (("m0", "elsewhere"), ("m1", "number 1234")):
            await unit.conversations.append("talk", LineKind.REPLY, message_id, {"text": text}, NOW)
        replies = await unit.conversations.answer(line, [{"text": "filed"}], NOW)
        assert replies is not None
        assert [reply.payload["text"] for reply in replies] == ["number 1234", "filed"]


async def test_an_answer_may_be_silence(work: SqlWork) -> None:
    """No replies are an answer too."""
    await with_conversation(work)
    line = await said(work, "m1")
    async with work() as unit:
        assert await unit.conversations.answer(line, [], NOW) == []
        assert await unit.conversations.unanswered(10) == []


async def test_parallel_answers_store_one(work: SqlWork) -> None:
    """Of twenty answers at the same time exactly one is stored."""
    await with_conversation(work)
    line = await said(work, "m1")

    async def answer(number: int) -> bool:
        async with work() as unit:
            replies = await unit.conversations.answer(line, [{"number": number}], NOW)
            await unit.commit()
        return replies is not None

    won = await asyncio.gather(*(answer(number) for number in range(20)))
    async with work.reading() as unit:
        replies = await unit.conversations.replies_to("talk", "m1")
    assert [reply.payload["number"] for reply in replies] == [won.index(True)]
    assert sum(won) == 1


async def test_numbers_appear_in_the_order_of_their_commits(work: SqlWork) -> None:
    """A reader that has seen a line never finds a lower number later: writers of one conversation queue."""
    await with_conversation(work)
    first = work()
    async with first as unit:
        early = await unit.conversations.append("talk", LineKind.SAID, "m1", {}, NOW)
        later = asyncio.create_task(said(work, "m2"))
        for _ in range(50):
            await asyncio.sleep(0)
        async with work.reading() as reader:
            assert await reader.conversations.since("talk", 0, 10) == []
        assert not later.done()
        await unit.commit()
    assert early is not None
    assert early.seq < (await later).seq


async def test_unanswered_lines_come_oldest_first(work: SqlWork) -> None:
    """Said and event lines without an answer are found, of all conversations or of one, up to a limit."""
    await with_conversation(work)
    await with_conversation(work, "other")
    first = await said(work, "m1")
    second = await said(work, "m2", LineKind.EVENT, talk="other")
    third = await said(work, "m3")
    async with work() as unit:
        assert await unit.conversations.unanswered(10) == [first, second, third]
        assert await unit.conversations.unanswered(2) == [first, second]
        assert await unit.conversations.unanswered(10, "talk") == [first, third]
        await unit.conversations.answer(first, [{}], NOW)
        assert await unit.conversations.unanswered(10, "talk") == [third]


async def test_numbers_of_dropped_lines_are_not_used_again(work: SqlWork) -> None:
    """A number rises for ever, also when the last line was dropped."""
    await with_conversation(work, last_seen_at=NOW - SECOND)
    await with_conversation(work, "other")
    dropped = await said(work, "m1")
    async with work() as unit:
        assert await unit.conversations.forget_before(NOW) == 1
        await unit.commit()
    assert (await said(work, "m1", talk="other")).seq > dropped.seq


async def test_a_button_works_in_its_conversation_only(work: SqlWork) -> None:
    """An opaque id stands for a button's name where it was offered, and nowhere else."""
    await with_conversation(work)
    await with_conversation(work, "other")
    async with work() as unit:
        await unit.conversations.add_buttons("talk", {"b1": "method_sms", "b3": "human"}, NOW)
        await unit.conversations.add_buttons("talk", {}, NOW)
        assert await unit.conversations.button("talk", "b1") == "method_sms"
        assert await unit.conversations.button("talk", "b3") == "human"
        assert await unit.conversations.button("other", "b1") is None
        assert await unit.conversations.button("talk", "b2") is None


async def test_old_conversations_are_forgotten_whole(work: SqlWork) -> None:
    """R21: a conversation last seen before the moment goes with lines, buttons and typed secrets."""
    await with_conversation(work, last_seen_at=NOW - SECOND)
    await with_conversation(work, "kept")
    await said(work, "m1")
    async with work() as unit:
        await unit.conversations.add_buttons("talk", {"b1": "yes"}, NOW)
        await unit.typed_secrets.add("talk", "hash", NOW)
        await unit.typed_secrets.add("kept", "hash", NOW)
        assert await unit.conversations.forget_before(NOW) == 1
        assert await unit.conversations.forget_before(NOW) == 0
        assert await unit.conversations.get("talk") is None
        assert await unit.conversations.line("talk", "m1") is None
        assert await unit.conversations.button("talk", "b1") is None
        assert not await unit.typed_secrets.has("talk", "hash")
        assert await unit.typed_secrets.has("kept", "hash")
        assert await unit.conversations.get("kept") is not None


async def test_the_newest_replies_come_first(work: SqlWork) -> None:
    """Replies alone, of this conversation alone, from the newest back, cut at the limit."""
    await with_conversation(work)
    await with_conversation(work, "other")
    for number, talk in enumerate(["talk", "other", "talk"]):
        line = await said(work, f"m{number}", talk=talk)
        async with work() as unit:
            await unit.conversations.answer(
                line, [{"id": f"{talk} {number} a"}, {"id": f"{talk} {number} b"}], NOW
            )
            await unit.commit()
    await said(work, "not answered yet")
    async with work.reading() as unit:
        found = [await unit.conversations.latest_replies("talk", limit) for limit in (9, 3)]
        nothing = await unit.conversations.latest_replies("nobody", 9)
    ids = ["talk 2 b", "talk 2 a", "talk 0 b", "talk 0 a"]
    assert [[line.payload["id"] for line in lines] for lines in found] == [ids, ids[:3]]
    assert nothing == []
