"""Rasa is quicker with our repairs and tracker store, and answers as before."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import uuid
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.conversation.conftest import Talk
from tests.needs import need
from tests.rasa_process import PYTHON, ROOT
from tests.stores import drop_postgres, make_postgres, postgres_answers

INSIDE = Path(__file__).parent / "inside"


def _run(name: str, *arguments: str) -> None:
    need(PYTHON.exists(), "the assistant's environment (assistant/.venv)")
    command = [str(PYTHON), "-W", "ignore", str(INSIDE / f"{name}.py"), *arguments]
    quiet = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "CRITICAL"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=quiet, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    "name", ["small_repairs", "nodes", "action_calls", "signed", "wording", "memory", "store"]
)
def test_each_part_keeps_its_facts(name: str) -> None:
    """Every small repair equals the original; predictions, recent turns and the store keep their facts."""
    _run(name)


def test_the_store_keeps_its_facts_on_postgresql() -> None:
    """The tracker database may be on PostgreSQL."""
    need(asyncio.run(postgres_answers()), "PostgreSQL")
    url = asyncio.run(make_postgres())
    try:
        _run("store", make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    finally:
        asyncio.run(drop_postgres(url))


def test_whole_conversations_are_the_same_with_and_without_repairs(model: Path) -> None:
    """Replies, stored events and what actions are told stay the same over conversations of thirty turns."""
    _run("turns", str(model))


def test_an_action_is_told_no_more_as_a_conversation_grows(talk: Talk) -> None:
    """The twentieth call of an action is as large as the fifth, and holds the last message but no events."""
    conversation, before = uuid.uuid4().hex, len(talk.actions.calls)
    for _ in range(20):
        talk.event("forgot_password", conversation=conversation)
    calls = talk.actions.calls[before:]
    assert (
        abs(len(json.dumps(calls[19])) - len(json.dumps(calls[4]))) < 20
    )  # times have more and fewer digits
    assert [call["tracker"]["events"] for call in calls] == [[]] * 20
    assert calls[19]["tracker"]["latest_message"]["intent"]["name"] == "forgot_password"
