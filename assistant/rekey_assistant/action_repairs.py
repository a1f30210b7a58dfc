"""Repairs of how Rasa calls the action server: what is replaced, by what, and why."""

# ruff: noqa: ANN401  Rasa gives no usable types here
from __future__ import annotations

from http import HTTPStatus
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from rasa.core.actions.action import DOCS_BASE_URL, RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import EventVerbosity
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from rekey_assistant.action_line import ActionLine
from rekey_assistant.repair import Repair

ORIGINALS: dict[str, Any] = {
    "validator": RemoteAction._validate_action_result,  # noqa: SLF001  what is repaired is private
    "call": RemoteAction._action_call_format,  # noqa: SLF001
    "remote action": RemoteAction.run,
    "request": EndpointConfig.request,
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


async def request(
    self: EndpointConfig,
    method: str = "post",
    subpath: str | None = None,
    content_type: str | None = "application/json",
    compress: bool = False,  # noqa: FBT001, FBT002  Rasa's signature
    **kwargs: Any,
) -> Any:
    """Call the endpoint on its own line where the call is as plain as every call of an action is."""
    line = vars(self).get("rekey_line")
    asked = (method, subpath, content_type, compress, set(kwargs))
    if asked != _PLAIN_CALL or (line is None and not _is_plain(self)):
        return await ORIGINALS["request"](self, method, subpath, content_type, compress, **kwargs)
    if line is None:
        line = self.rekey_line = ActionLine(self.url, self.headers)
    answer = await line.post(kwargs["json"], kwargs["timeout"])
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise ClientResponseError(answer.status, answer.reason, answer.body)
    return answer.json()


_PLAIN_CALL = ("post", None, "application/json", False, {"json", "timeout"})


def _is_plain(endpoint: EndpointConfig) -> bool:
    """Tell whether *endpoint* is an address of plain HTTP without anything that would have to be added."""
    added = endpoint.params or endpoint.token or endpoint.basic_auth or endpoint.cafile
    return not added and endpoint.url.startswith("http://") and "@" not in endpoint.url


async def close(endpoint: EndpointConfig | None) -> None:
    """Close the line of *endpoint* where it has one."""
    line: ActionLine | None = vars(endpoint).get("rekey_line") if endpoint else None
    if line is not None:
        line.close()


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
        "request",
        "Rasa calls an action with aiohttp's client, on a new connection each time: a fifth of a turn.",
        EndpointConfig,
        "request",
        request,
    ),
)
