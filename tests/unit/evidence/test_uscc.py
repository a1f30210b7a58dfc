"""The company number of GB 32100-2015."""

from __future__ import annotations

import pytest

from recovery_core.evidence.uscc import ALPHABET, UsccError, check_character, parse_uscc


@pytest.mark.parametrize("code", ["91330100MA2DEMA01A", "91350100M000100Y43", "91110000600037341L"])
def test_published_codes_pass(code: str) -> None:
    """The demo company's number, the standard's example and a real company's number pass."""
    assert parse_uscc(code) == code


def test_typing_habits_pass() -> None:
    """Spaces, hyphens and small letters do not matter."""
    assert parse_uscc(" 91330100-ma2dema0 1a ") == "91330100MA2DEMA01A"


@pytest.mark.parametrize("place", range(17))
def test_one_wrong_character_is_found(place: int) -> None:
    """Any other character in any one place is refused: the modulus is prime."""
    good = "91330100MA2DEMA01A"
    allowed = "0123456789" if 2 <= place < 8 else ALPHABET
    for other in set(allowed) - {good[place]}:
        with pytest.raises(UsccError) as caught:
            parse_uscc(good[:place] + other + good[place + 1 :])
        assert caught.value.code == "uscc_check"


def test_two_swapped_neighbours_are_found() -> None:
    """Two neighbours that change places are refused."""
    with pytest.raises(UsccError):
        parse_uscc("91330100AM2DEMA01A")


@pytest.mark.parametrize(
    "text",
    ["", "91330100MA2DEMA01", "91330100MA2DEMA01AA", "9I330100MA2DEMA01A", "91A30100MA2DEMA01A", "９" * 18],
)
def test_other_forms_are_no_company_number(text: str) -> None:
    """17 and 19 characters, the letter I, letters in the region and full-width digits are refused as form."""
    with pytest.raises(UsccError) as caught:
        parse_uscc(text)
    assert caught.value.code == "uscc_form"


def test_check_character_is_always_in_the_alphabet() -> None:
    """A sum that the modulus divides gives 0, the 31st case of the standard."""
    assert check_character("0" * 17) == "0"
