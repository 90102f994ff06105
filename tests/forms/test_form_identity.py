"""Check digits of БИН, IBAN, and the shape of БИК."""

from __future__ import annotations

import pytest

from inbox_worker.core.identifiers import bin_check_digit, valid_bic, valid_bin, valid_iban


def test_real_numbers_pass() -> None:
    assert valid_bin("971240003619") and valid_iban("KZ28722S000001013958")
    assert valid_bic("CASPKZKA") and valid_bic("KKMFKZ2A") and valid_bic("IRTYKZKAXXX")


@pytest.mark.parametrize("digit", "012345678")
def test_every_other_last_digit_fails(digit: str) -> None:
    assert not valid_bin("97124000361" + digit)


@pytest.mark.parametrize("text", ["", "97124000361", "9712400036190", "97124000361A", "９71240003619", " 71240003619"])
def test_bin_of_a_wrong_shape_fails(text: str) -> None:
    assert not valid_bin(text)


def test_second_weights_and_numbers_without_a_digit() -> None:
    """Weights 1..11 give 10 for some numbers: then the second row decides; some numbers have no digit."""
    digits = [bin_check_digit(f"0101400{n:04d}") for n in range(3000)]
    assert None in digits and set(digits) - {None} == set(range(10))


@pytest.mark.parametrize(
    "text", ["KZ29722S000001013958", "KZ28722S00000101395", "RU28722S000001013958", "kz28722s000001013958"]
)
def test_wrong_iban_fails(text: str) -> None:
    assert not valid_iban(text)


@pytest.mark.parametrize("text", ["CASPRUKA", "CASPKZK", "casPKZKA", "CASPKZKAXX"])
def test_wrong_bic_fails(text: str) -> None:
    assert not valid_bic(text)
