"""A Customer's contract on a screen is in the words, days and numbers of its reader."""

from __future__ import annotations

import re

import pytest

from tests.cli.centre import Centre
from tests.support.office import bin_of


@pytest.mark.parametrize(("language", "kind"), [("ru", "управляющая компания"), ("kk", "басқарушы компания")])
def test_the_kind_of_a_customer_days_and_percents_are_the_readers(centre: Centre, language: str, kind: str) -> None:
    said = centre.run("--lang", language, "contract", bin_of("A"), "--on", "20.10.2026").out
    assert kind in said, said
    assert re.search(r"(?m)^ +\S+ +01\.08\.2025", said) or re.search(r"с +01\.08\.2025", said), said
    assert re.search(r"(?m)^ .+ 1,2 +5\.1$", said), said


def test_a_list_without_records_says_so(centre: Centre) -> None:
    assert centre.run("--lang", "ru", "tasks", "list").out.splitlines()[0].endswith(": 0")
