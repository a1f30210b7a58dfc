"""Word the responses of ``domain.yml``: what Rasa's templates do, without its copies and searches.

Named in ``endpoints.yml``, by Rasa's own interface. ``tests/conversation/inside/wording.py`` compares every
response with Rasa's.
"""

# ruff: noqa: ANN401  a response is anything that YAML can hold
from __future__ import annotations

from typing import Any

from rasa.core.nlg.interpolator import interpolate_text
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.constants import RESPONSE_CONDITION
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

_FILLED = frozenset(("text", "image", "custom", "buttons", "attachment", "quick_replies"))
"""The parts of a response in which Rasa replaces variables."""


class Wording(TemplatedNaturalLanguageGenerator):
    """Rasa's generator of templates, for responses that differ by the value of a slot alone."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:  # noqa: ARG002  Rasa passes both by name
        """Word the responses of *domain*."""
        super().__init__(domain.responses if domain else {})

    def generate_from_slots(
        self, utter_action: str, filled_slots: dict[str, Any], output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the one variation that fits the slots, with its variables replaced."""
        fitting = _fitting(self.responses.get(utter_action, ()), filled_slots)
        if len(fitting) != 1:
            drawn: dict[str, Any] | None = super().generate_from_slots(
                utter_action, filled_slots, output_channel, **kwargs
            )
            return drawn
        values = {**filled_slots, **kwargs}
        return {
            key: _filled(part, values) if key in _FILLED and values else _filled(part, None)
            for key, part in fitting[0].items()
        }


def _fitting(variations: Any, slots: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the variations with a condition that holds, else those without; none where channels differ."""
    if any("channel" in one for one in variations):
        return []
    conditional = [one for one in variations if one.get(RESPONSE_CONDITION)]
    fitting = [one for one in conditional if all(_holds(each, slots) for each in one[RESPONSE_CONDITION])]
    return fitting or [one for one in variations if one.get(RESPONSE_CONDITION) is None]


def _holds(condition: dict[str, Any], slots: dict[str, Any]) -> bool:
    wanted, found = condition["value"], slots.get(condition["name"])
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted.casefold() == found.casefold()
    return bool(wanted == found)


def _filled(part: Any, values: dict[str, Any] | None) -> Any:
    """Return a copy of *part* with its variables replaced by *values*."""
    if isinstance(part, str):
        plain = values is None or ("{" not in part and "}" not in part)
        return part if plain else interpolate_text(part, values)
    if isinstance(part, dict):
        return {key: _filled(one, values) for key, one in part.items()}
    if isinstance(part, list):
        return [_filled(one, values) for one in part]
    return part
