"""4.1.12: two log-in names that a person reads as one are one person; names that differ stay two."""

from __future__ import annotations

import pytest

from inbox_worker.settings.likeness import is_same_person


@pytest.mark.parametrize("other", ["Ivanov1", "IVANOV1 ", "іvаnоv1", "ivan\u00adov1", "lvanovl", "ivan0v1", "ιvanov1"])
def test_spellings_that_look_alike_are_one_person(other: str) -> None:
    assert is_same_person("ivanov1", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("adam", "а\u0501аm"), ("wanda", "\u051danda"), ("quark", "\u051buark"), ("vera", "\u0475era"),
        ("anna", "\u0251nna"), ("ivan", "\u0131van"), ("gulya", "\u0581ulya"), ("zoe", "\u1d22oe"),
    ],
)  # fmt: skip
def test_a_letter_of_another_alphabet_makes_no_other_person(one: str, other: str) -> None:
    assert is_same_person(one, other) and is_same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna", "anya"),
        ("jürgen", "гүлнар"),
        ("қайрат", "Fёdor"),
        ("anna_q", "wanda"),
        ("ivanov1", "ivanov2"),
        ("a.bek", "a.bekova"),
    ],
)
def test_names_that_differ_are_two_people(one: str, other: str) -> None:
    assert not is_same_person(one, other)
