"""Logs hold names, numbers and places, never what a person wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from rekey.logs import configure

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Lines:
    """Return a reader of what was logged as JSON."""
    stream = io.StringIO()
    configure(level="info", json=True, stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_listed_keys_are_kept(lines: Lines) -> None:
    """A name, a level, a time and listed numbers reach the log."""
    structlog.get_logger("rekey.up").info("child started", child="rasa", port=5005, ms=12.5)

    (line,) = lines()
    assert line["timestamp"].endswith("Z")
    assert {key: line[key] for key in ("event", "level", "logger", "child", "port", "ms")} == {
        "event": "child started",
        "level": "info",
        "logger": "rekey.up",
        "child": "rasa",
        "port": 5005,
        "ms": 12.5,
    }
    assert "dropped" not in line


def test_other_keys_are_dropped_and_counted(lines: Lines) -> None:
    """An address, a phone and a text are not logged; the line says that three values were dropped."""
    structlog.get_logger().info("message", address="alice@example.com", phone="13800138000", text="my secret")

    (line,) = lines()
    assert line["dropped"] == 3
    assert not {"address", "phone", "text"} & set(line)


@pytest.mark.parametrize("value", ["832117", 832117, "alice@example.com", "Demo-Passw0rd!", "too_short1"])
def test_a_code_is_a_name_without_digits(lines: Lines, value: object) -> None:
    """A one-time code that someone logs under the listed key ``code`` is dropped all the same."""
    structlog.get_logger().info("refused", code=value)

    assert "code" not in lines()[0]


def test_a_stable_code_is_kept(lines: Lines) -> None:
    """A refusal's stable code is worth logging."""
    structlog.get_logger().info("refused", code="too_short")

    assert lines()[0]["code"] == "too_short"


def test_a_listed_key_with_an_address_in_it_is_dropped(lines: Lines) -> None:
    """A value that is not plain is dropped under any key."""
    structlog.get_logger().info("routed", state="alice@example.com", lane={"x": 1}, route="/secure/{token}")

    (line,) = lines()
    assert line["route"] == "/secure/{token}"
    assert line["dropped"] == 2


def test_a_sentence_with_a_value_is_withheld(lines: Lines) -> None:
    """A value that was formatted into the event does not pass."""
    structlog.get_logger().info("code 832117 for alice@example.com")

    assert lines()[0]["event"] == "withheld"


def test_a_library_is_named_by_its_place(lines: Lines) -> None:
    """A library's own sentence is replaced by the file and line that said it."""
    logging.getLogger("aiohttp.access").warning("GET /secure/%s 200", "token-of-somebody")

    (line,) = lines()
    assert (line["event"], line["logger"], line["level"]) == ("library", "aiohttp.access", "warning")
    assert line["where"].startswith("unit/rekey/test_logs.py:")
    assert "token-of-somebody" not in json.dumps(line)


def test_a_library_is_silent_below_a_warning(lines: Lines) -> None:
    """A library's information is left out; its first warning is not."""
    logging.getLogger("alembic").info("running upgrade")
    assert lines() == []

    logging.getLogger("alembic").warning("running upgrade")
    assert len(lines()) == 1


def _fail(secret: str) -> None:
    raise ValueError(secret)


def test_an_exception_shows_type_and_place_only(lines: Lines) -> None:
    """An exception is described by its types and lines, not by its message or its cause's message."""
    try:
        try:
            _fail("Demo-Passw0rd!")
        except ValueError as error:
            raise RuntimeError("alice@example.com") from error
    except RuntimeError:
        structlog.get_logger().exception("failed")
        logging.getLogger("somebody").exception("failed with %s", "13800138000")

    for line in lines():
        assert line["exception"] == "RuntimeError<ValueError"
        assert all("test_logs.py:" in place for place in line["trace"])
        assert not any(secret in json.dumps(line) for secret in ("Demo-Passw0rd!", "alice", "13800138000"))
    assert len(lines()) == 2


def test_lines_below_the_level_are_silent(lines: Lines) -> None:
    """Debug lines do not appear at level info."""
    structlog.get_logger().debug("detail")

    assert lines() == []


def test_the_form_for_reading_filters_too() -> None:
    """Without JSON the same keys are kept and the same are dropped."""
    stream = io.StringIO()
    configure(json=False, stream=stream)
    structlog.get_logger().info("child started", child="rasa", address="alice@example.com")

    assert "child=rasa" in stream.getvalue()
    assert "alice" not in stream.getvalue()
