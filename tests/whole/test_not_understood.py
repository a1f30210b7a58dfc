"""What nobody could place, through the real assistant: asked again twice, then a person, then the desk."""

from __future__ import annotations

import pytest

from tests.whole.agent import DeskAgent, add_agent
from tests.whole.steps import names
from tests.whole.system import System

_ODD = {
    "en": "zorblax grunfeld vimto qwop, ring me on 13912345678",
    "zh": "噼里啪啦呜啦啦嘟嘟,打给我 13912345678",
}
_DESK_PASSWORD = "Fallback-Desk-Pass-77"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_rounds_then_a_person(system: System, language: str) -> None:
    """Nothing is guessed: two questions with buttons, then a person first, and the button works."""
    person = system.person()
    person.begin(language)
    guessed, asked, given_up = (names(person.say(_ODD[language])[-1]) for _ in range(3))
    assert guessed[-1] == "human"
    assert guessed[0] != "human"
    assert asked[0] == "start"
    assert given_up[0] == "human"
    assert person.press("human")


def test_the_desk_reads_it_masked(system: System) -> None:
    """What was not understood stands on the desk's overview, without the number that was in it."""
    person = system.person()
    person.begin("en")
    person.say(_ODD["en"])
    agent = DeskAgent(system.site)
    agent.sign_in("fallback", _DESK_PASSWORD, add_agent(system, "fallback", _DESK_PASSWORD))

    overview = agent.ask("/desk/overview").body

    assert "zorblax" in overview
    assert "13912345678" not in overview
