"""A messenger: from an event at the door to its answer at the platform, a Slack simulated on this machine."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from bench import servers
from bench.chatting import SENTENCES
from bench.figures import Results, Row, milliseconds, p50, p95
from bench.places import fresh
from tests.peers.simulated import Call
from tests.peers.slack import Slack

TURNS_EACH = 10
"""What one person says before the next one comes."""
_PATIENCE = 30.0
_PAUSE = 0.05
"""Seconds between turns: an answer may have a second part, which must not count as the next one's first."""


class Watched(Slack):
    """A workspace that tells at once when somebody sees a message."""

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self.seen = asyncio.Event()

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Answer, and tell of a message."""
        done = await super().answer(call)
        if call.path == "/chat.postMessage":
            self.seen.set()
        return done


@dataclass
class Told:
    """Seconds of each event's acknowledgement and of each answer."""

    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


async def measure(turns: int) -> Results:
    """Measure *turns* turns of one person after another."""
    peer = Watched()
    async with peer.serving():
        settings = {
            "REKEY_CHANNELS": "slack",
            "REKEY_SLACK_SIGNING_SECRET": peer.signing_secret,
            "REKEY_SLACK_BOT_TOKEN": peer.token,
            "REKEY_SLACK_BASE_URL": peer.url,
        }
        async with servers.rekey(fresh("messenger"), **settings) as ours, aiohttp.ClientSession() as http:
            await _talk(peer, ours.site, http, TURNS_EACH)  # not counted
            told = await _talk(peer, ours.site, http, turns)
    return _results(told)


async def _talk(peer: Watched, site: str, http: aiohttp.ClientSession, turns: int) -> Told:
    told, events = Told(), _events(peer)
    for body in itertools.islice(events, turns):
        signed = peer.signed(body, datetime.now(UTC))
        peer.seen.clear()
        begun = time.perf_counter()
        async with http.post(f"{site}/channels/slack", data=body, headers=signed.headers) as answer:
            answer.raise_for_status()
        told.acknowledged.append(time.perf_counter() - begun)
        await asyncio.wait_for(peer.seen.wait(), _PATIENCE)
        told.answered.append(time.perf_counter() - begun)
        await asyncio.sleep(_PAUSE)
    return told


def _events(peer: Watched) -> Iterator[bytes]:
    """Return what people say, a new person after every ten lines; each event has an id of its own."""
    for _ in itertools.count():
        user = f"U{time.time_ns()}"
        peer.person(user, "alice@example.com")
        for text in SENTENCES[:TURNS_EACH]:
            stamp = f"{time.time():.6f}"
            said = {"type": "message", "channel": f"D{user}", "channel_type": "im", "user": user, "ts": stamp}
            yield peer.event({**said, "text": text}, f"Ev{time.time_ns()}")


def _results(told: Told) -> Results:
    middle, slow = p50(told.answered), p95(told.answered)
    acknowledged = p95(told.acknowledged)
    rows = [
        Row("messenger", "messenger turn p50, event to answer", milliseconds(middle), "", middle * 1e3, "ms"),
        Row("messenger", "messenger turn p95", milliseconds(slow), "", slow / middle, "x p50"),
        Row("messenger", "event acknowledged, p95", milliseconds(acknowledged), "", acknowledged * 1e3, "ms"),
    ]
    return Results(rows, {"rekey, Slack (simulated)": [seconds * 1e3 for seconds in told.answered]})
