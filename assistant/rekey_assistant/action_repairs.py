"""Repairs of how Rasa calls the action server: what is replaced, by what, and why."""

# ruff: noqa: ANN401  Rasa gives no usable types here
from __future__ import annotations

from typing import Any

import aiohttp
from jsonschema import Draft202012Validator, ValidationError, validators
from rasa.core.actions.action import DOCS_BASE_URL, RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import EventVerbosity
from rasa.utils.endpoints import EndpointConfig

from rekey_assistant.repair import Repair

ORIGINALS: dict[str, Any] = {
    "validator": RemoteAction._validate_action_result,  # noqa: SLF001  what is repaired is private
    "call": RemoteAction._action_call_format,  # noqa: SLF001
    "remote action": RemoteAction.run,
    "connection": EndpointConfig.session,
}


def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    chosen = validators.validator_for(schema, default=Draft202012Validator)
    chosen.check_schema(schema)
    return chosen(schema)


_VALIDATOR = _validator()


def validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:  # noqa: ARG001  a method of Rasa
    """Check the answer of an action with the validator built once; most answers hold responses alone."""
    if _is_responses_alone(result):
        return True
    from jsonschema.exceptions import best_match  # noqa: PLC0415  only needed to tell what is wrong

    error: ValidationError | None = best_match(_VALIDATOR.iter_errors(result))
    if error is None:
        return True
    error.message += (
        ". Failed to validate Action server response from API, "
        "make sure your response from the Action endpoint is "
        f"valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    raise error


def _is_responses_alone(result: Any) -> bool:
    if not isinstance(result, dict) or result.get("events", []) != []:
        return False
    responses = result.get("responses", [])
    return isinstance(responses, list) and all(isinstance(each, dict) for each in responses)


def action_call_format(self: RemoteAction, tracker: Any, domain: Any) -> dict[str, Any]:
    """Return what an action is told: everything but the events, of which no action of ours reads one."""
    return dict(ORIGINALS["call"](self, _WithoutEvents(tracker), domain))


class _WithoutEvents:
    """A tracker whose state for an action holds no events."""

    def __init__(self, tracker: Any) -> None:
        self._tracker, self.sender_id = tracker, tracker.sender_id

    def current_state(self, _: EventVerbosity) -> dict[str, Any]:
        return {**self._tracker.current_state(EventVerbosity.NONE), "events": []}


async def run_remote_action(
    self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any
) -> list[Event]:
    """Run a custom action; tell the channel when it could not be run."""
    try:
        events: list[Event] = await ORIGINALS["remote action"](self, output_channel, nlg, tracker, domain)
    except Exception:
        output_channel.failed = True
        raise
    return events


class KeptSession:
    """A session that stays open when Rasa leaves its ``async with``."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Lend *session*; it keeps no cookies, as a new one for each call would."""
        self.session = session
        session._cookie_jar = aiohttp.DummyCookieJar()  # noqa: SLF001

    async def __aenter__(self) -> aiohttp.ClientSession:
        """Return the session."""
        return self.session

    async def __aexit__(self, *_: object) -> None:
        """Keep it open."""


def session(self: EndpointConfig) -> KeptSession:
    """Return the endpoint's one session, made as Rasa makes it."""
    kept: KeptSession | None = vars(self).get("rekey_session")
    if kept is None or kept.session.closed:
        kept = self.rekey_session = KeptSession(ORIGINALS["connection"](self))
    return kept


async def close(endpoint: EndpointConfig | None) -> None:
    """Close the session of *endpoint* where it has one."""
    kept: KeptSession | None = vars(endpoint).get("rekey_session") if endpoint else None
    if kept is not None:
        await kept.session.close()


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "validator",
        "Rasa builds a JSON schema validator anew for every answer of an action: most of a turn's time.",
        RemoteAction,
        "_validate_action_result",
        validate_action_result,
    ),
    Repair(
        "call",
        "Rasa sends every action the events of the whole conversation; ours read the last message alone.",
        RemoteAction,
        "_action_call_format",
        action_call_format,
    ),
    Repair(
        "remote action",
        "Rasa swallows an unreachable action server and saves the turn as handled; the channel must know.",
        RemoteAction,
        "run",
        run_remote_action,
    ),
    Repair(
        "connection",
        "Rasa connects anew for every call of an action; a connection that stays saves a third of the call.",
        EndpointConfig,
        "session",
        session,
    ),
)
