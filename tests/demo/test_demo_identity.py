"""Invented numbers pass their check digits."""

from random import Random

import pytest

from inbox_worker.core.identifiers import valid_bin, valid_iban
from inbox_worker.demo.names import BANKS, make_bin, make_iban, make_iin


def test_known_numbers_pass_and_spoiled_ones_do_not() -> None:
    assert valid_bin("971240003619") and not valid_bin("971240003618")
    assert valid_iban("KZ28722S000001013958") and not valid_iban("KZ29722S000001013958")


@pytest.mark.parametrize("make", [make_bin, make_iin])
def test_made_numbers_are_valid_and_varied(make: object) -> None:
    rng = Random(1)
    numbers = [make(rng) for _ in range(300)]  # type: ignore[operator]
    assert all(map(valid_bin, numbers))
    assert len(set(numbers)) > 290


@pytest.mark.parametrize("bic", BANKS)
def test_made_ibans_are_valid_and_of_their_bank(bic: str) -> None:
    rng = Random(2)
    for _ in range(100):
        iban = make_iban(rng, bic)
        assert valid_iban(iban)
        assert iban[4:7] == BANKS[bic]
