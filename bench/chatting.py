"""The load: bounded numbers of turns, by one person, by eight at a time, and in long conversations."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import p50
from bench.people import Person

SENTENCES = (
    "hello",
    "I forgot my password",
    "bob@example.com",
    "what are the rules for a new password?",
    "thank you",
    "我忘记密码了",
    "密码有什么要求",
    "my phone was stolen",
    "谢谢",
    "what can you do for me?",
)
TURNS_PER_CONVERSATION = 20
"""What one conversation may say in ten seconds by default: people in a hurry say no more."""
LONG = 100
_PACE = 0.55
"""Seconds between two turns of a long conversation, below the default limit of a conversation."""
_FIRST, _MEASURED = 7, 5
"""Turns of a conversation that has just begun, and the last of them, around the fifth, that are measured."""

Open = Callable[[], Person]


@dataclass(frozen=True, slots=True)
class Burst:
    """The turns of several people at a time: how long each took, and how long it took in all (seconds)."""

    turns: list[float]
    seconds: float

    @property
    def throughput(self) -> float:
        """Return turns per second."""
        return len(self.turns) / self.seconds

    def joined(self, other: Burst) -> Burst:
        """Return both as one, the pause between them left out."""
        return Burst([*self.turns, *other.turns], self.seconds + other.seconds)


async def timed(person: Person, text: str) -> float:
    """Say *text* and return the seconds until the answer."""
    begun = time.perf_counter()
    await person.say(text)
    return time.perf_counter() - begun


async def alone(open_: Open, turns: int) -> list[float]:
    """Return the seconds of *turns* turns of one person after another."""
    taken: list[float] = []
    while len(taken) < turns:
        async with open_() as person:
            for text in _script(min(TURNS_PER_CONVERSATION, turns - len(taken))):
                taken.append(await timed(person, text))  # noqa: PERF401  an await in a comprehension reads worse
    return taken


async def together(open_: Open, people: int, turns: int) -> Burst:
    """Return the turns of *people* persons who say *turns* turns each, all at the same time."""
    begun = time.perf_counter()
    each = await asyncio.gather(*(alone(open_, turns) for _ in range(people)))
    return Burst(list(itertools.chain.from_iterable(each)), time.perf_counter() - begun)


async def long_conversations(open_: Open, people: int) -> float:
    """Return how many times longer turns around the hundredth take than those around the fifth.

    Both are taken at the same time, by people whose conversation is long and by as many who have just begun:
    a machine that is slower for a minute is so for both.
    """
    begins = [number / people * _PACE for number in range(people)]
    later = (LONG - _FIRST) * _PACE
    found = await asyncio.gather(
        *(_paced(open_, LONG, begin) for begin in begins),
        *(_paced(open_, _FIRST, later + begin + _PACE / people / 2) for begin in begins),
    )
    late = [seconds for turns in found[:people] for seconds in turns[-_MEASURED:]]
    early = [seconds for turns in found[people:] for seconds in turns[-_MEASURED:]]
    return p50(late) / p50(early)


async def _paced(open_: Open, turns: int, delay: float) -> list[float]:
    """Say the same kind of sentence at every turn, so that only the length of the conversation differs."""
    await asyncio.sleep(delay)
    taken = []
    async with open_() as person:
        for number in range(turns):
            text = ("what are the rules for a new password?", "thank you")[number % 2]
            taken.append(await timed(person, text))
            await asyncio.sleep(max(0.0, _PACE - taken[-1]))
    return taken


def _script(turns: int) -> list[str]:
    return list(itertools.islice(itertools.cycle(SENTENCES), turns))
