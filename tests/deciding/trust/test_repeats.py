"""The same bytes again: said to be counted only while all their rows still act (money.md, duplicate; law 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from trust_centre import Centre

from tests.support.office import customer

ROW = {"account": "1001", "service": "maintenance", "past_month": "06.2026"}
MORE = {**ROW, "past_month": "05.2026", "amount": "-1"}


def codes(arrival: Mapping[str, Any]) -> list[str]:
    return [found["code"] for found in arrival["submissions"][0]["findings"]]


@pytest.mark.parametrize("whole", [False, True])
def test_a_copy_of_a_replaced_form_is_told_what_acts(centre: Centre, whole: bool) -> None:
    """By row key or by `Заменяет`; `explain` of the replaced form says so, too."""
    book = centre.book("recalculations", [{**ROW, "amount": "-5"}, MORE], "A")
    first = centre.mail("A", book)["submissions"][0]["submission"]
    assert codes(centre.mail("A", book)) == ["submission.duplicate"]
    head = {"Заменяет": first} if whole else {}
    other = centre.book("recalculations", [{**ROW, "amount": "-7"}], "A", **head)
    later = centre.mail("A", other)["submissions"][0]["submission"]
    again = centre.mail("A", book)
    [told] = again["submissions"][0]["findings"]
    assert (again["outcome"], told["code"]) == ("duplicate", "submission.overtaken")
    assert later in told["message"] and f"не действует: {2 if whole else 1} из 2" in told["message"]
    said = centre.run("explain", first).out
    assert (f"заменена формой: {later}" if whole else f"строки заменены: {later} (строк 1)") in said
    assert codes(centre.mail("A", other))[0] == "submission.duplicate"  # all of its rows act


def test_rows_that_counted_by_another_form_are_looked_for_too(centre: Centre) -> None:
    """A copy posted nothing, for its row stood already; when that one is replaced, the copy's acts no more."""
    centre.form("recalculations", {**ROW, "amount": "-5"})
    copy = centre.book("recalculations", [{**ROW, "amount": "-5"}], "A")
    assert codes(centre.mail("A", copy)) == ["row.unchanged"]
    later = centre.form("recalculations", {**ROW, "amount": "-7"})["submissions"][0]["submission"]
    [told] = centre.mail("A", copy)["submissions"][0]["findings"]
    assert told["code"] == "submission.overtaken" and later in told["message"]


def test_an_older_register_loaded_again_is_told_like_a_form(centre: Centre) -> None:
    path = centre.folder / "customers.xlsx"
    centre.load("customers", customer("A", emails="first@a.example"))
    first = path.read_bytes()
    centre.load("customers", customer("A", emails="new@a.example"))
    path.write_bytes(first)
    [arrival] = centre.json("load", path)["arrivals"]
    assert (arrival["outcome"], codes(arrival)) == ("duplicate", ["submission.overtaken"])
