"""Every response is worded as Rasa words it; run by the assistant's interpreter."""

from __future__ import annotations

import copy
import os
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import read_endpoint_config
from rekey_assistant.wording import Wording

DOMAIN = Domain.load("domain.yml")
VALUES = {"address": "a@example.com", "minutes": 5, "language": "zh"}
ODD: dict[str, list[dict[str, Any]]] = {
    "utter_deep": [
        {
            "text": "{address} {missing}",
            "custom": {"a": {"b": ["{minutes}", 1, None]}, "c": "{{address}}"},
            "buttons": [{"title": "{address}", "payload": "/x{{}}"}, "{minutes}"],
            "image": "a",
            "other": "{address}",
            "metadata": {"x": ["{address}"]},
        }
    ],
    "utter_number": [
        {"condition": [{"type": "slot", "name": "age", "value": 1}], "text": "one"},
        {"condition": [{"type": "slot", "name": "age", "value": 2}], "text": "two"},
    ],
    "utter_case": [
        {"condition": [{"type": "slot", "name": "language", "value": "ZH"}], "text": "中"},
        {"text": "en"},
    ],
    "utter_channel": [{"channel": "other", "text": "there"}, {"text": "here"}],
    "utter_nothing": [],
    "utter_empty_condition": [{"condition": [], "text": "never"}, {"text": "always"}],
}


def _both(responses: dict[str, list[dict[str, Any]]]) -> tuple[TemplatedNaturalLanguageGenerator, Wording]:
    made = Wording()
    made.responses = responses
    return TemplatedNaturalLanguageGenerator(responses), made


def every_response_is_the_same() -> None:
    """All responses of the domain, in both languages, with and without their variables."""
    rasa, ours = _both(DOMAIN.responses)
    before, count = copy.deepcopy(DOMAIN.responses), 0
    for name in [*DOMAIN.responses, "utter_unheard"]:
        for slots in ({"language": "zh"}, {"language": "en"}, {"language": None}, {}):
            for values in ({}, VALUES, {"custom": {}, "buttons": []}):
                expected = rasa.generate_from_slots(name, slots, "gateway", **values)
                found = ours.generate_from_slots(name, slots, "gateway", **values)
                assert found == expected, (name, slots, values)
                count += found is not None
    assert count > len(DOMAIN.responses)
    assert DOMAIN.responses == before


def odd_responses_are_the_same() -> None:
    """Deep parts, numbers, cases, channels and missing variables are as Rasa has them."""
    rasa, ours = _both(ODD)
    for name in ODD:
        for slots in ({"language": "zh", "age": 1}, {"language": "en", "age": 2.0}, {"age": "1"}):
            for values in ({}, VALUES):
                expected = rasa.generate_from_slots(name, slots, "gateway", **values)
                assert ours.generate_from_slots(name, slots, "gateway", **values) == expected, (name, slots)


def a_response_may_be_changed() -> None:
    """What was said shares nothing with the domain: Rasa adds to it."""
    _, ours = _both(ODD)
    said = ours.generate_from_slots("utter_deep", {}, "gateway", **VALUES)
    assert said is not None
    said["buttons"].append(1)
    said["metadata"]["x"].append(1)
    again = ours.generate_from_slots("utter_deep", {}, "gateway", **VALUES)
    assert again is not None
    assert (len(again["buttons"]), len(again["metadata"]["x"])) == (2, 1)


def rasa_makes_it() -> None:
    """``endpoints.yml`` names it, and Rasa makes it of its domain."""
    for name in ("REKEY_ACTIONS_URL", "REKEY_ACTIONS_KEY", "REKEY_TRACKER_URL"):
        os.environ.setdefault(name, "x")  # the file names them, and nobody is called here
    made = NaturalLanguageGenerator.create(read_endpoint_config("endpoints.yml", "nlg"), DOMAIN)
    assert type(made) is Wording
    assert made.responses == DOMAIN.responses


if __name__ == "__main__":
    for fact in (
        every_response_is_the_same,
        odd_responses_are_the_same,
        a_response_may_be_changed,
        rasa_makes_it,
    ):
        fact()
