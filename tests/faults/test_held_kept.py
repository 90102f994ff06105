"""A held form keeps what it was when it came: its sender, its Customer, its bytes (4.3.2, 6.2.7). A register, config or
limits that changed while it waited neither stop nor re-attribute it. By the command line."""

from __future__ import annotations

import re

import pytest

from tests.faults.journals import BEFORE, BOTH, LATER, TARIFF, House, recalculation
from tests.support.office import bin_of, customer
from tests.support.papers import SCAN

PAPER = ("--documents", "бумага, 20.08.2026")


def _hold(house: House) -> str:
    [told] = house.ingest(house.mail(house.form("tariffs", TARIFF), name="held"))
    assert told["outcome"] == "held"
    return str(told["arrival"])


def _register(house: House, **changes: object) -> None:
    """The register of Customers as of today: A with these changes."""
    assert house.run("load", house.book("customers", [customer("A", **changes), customer("B")])).code == 0


@BOTH
def test_the_form_of_a_sender_who_left_is_released_by_staff(house: House) -> None:
    number = _hold(house)
    _register(house, emails="new@a.example")
    [told] = house.told("release", number, *PAPER)
    [form] = told["submissions"]
    assert (told["outcome"], told["sender"]) == ("accepted", "office@a.example")
    assert (form["customer"], form["month"], form["rows_posted"]) == (bin_of("A"), "2026-09", 1)


@BOTH
def test_the_form_of_a_sender_who_left_is_released_by_a_reply_from_the_new_address(house: House) -> None:
    number = _hold(house)
    _register(house, emails="new@a.example")
    reply = house.mail(SCAN, sender="new@a.example", references="<held@a.example>")
    [told] = house.ingest(reply, at=LATER)
    assert (told["outcome"], told["submissions"][0]["submission"]) == ("accepted", f"{number}-1")
    assert told["submissions"][0]["documents"].endswith("protokol.pdf")


def test_the_old_address_releases_nothing_any_more(house: House) -> None:
    _hold(house)
    _register(house, emails="new@a.example")
    [told] = house.ingest(house.mail(SCAN, references="<held@a.example>"), at=LATER)
    assert (told["outcome"], told["submissions"]) == ("quarantined", [])


@pytest.mark.slow
@BOTH
def test_an_address_that_is_anothers_by_now_does_not_make_the_form_anothers(house: House) -> None:
    number = _hold(house)
    rows = [customer("A", emails="new@a.example"), customer("B", emails="office@b.example;office@a.example")]
    assert house.run("load", house.book("customers", rows)).code == 0
    [told] = house.told("release", number, *PAPER)
    assert (told["outcome"], told["submissions"][0]["customer"]) == ("accepted", bin_of("A"))


def test_a_contract_that_ended_meanwhile_takes_its_last_month_and_none_after(house: House) -> None:
    """The form is for September: on 31.08 its lines are gone, and it would change nothing (10.11)."""
    number = _hold(house)
    _register(house, valid_until="01.09.2026")
    assert house.told("release", number, *PAPER)[0]["outcome"] == "accepted"


def test_a_contract_that_ended_before_the_month_refuses_the_form(house: House) -> None:
    number = _hold(house)
    _register(house, valid_until="31.08.2026")
    assert house.told("release", number, *PAPER)[0]["outcome"] == "rejected"


def test_a_config_that_would_not_believe_the_letter_today_is_not_asked(house: House) -> None:
    number = _hold(house)
    config = house.folder / "config.yaml"
    config.write_text(config.read_text("utf-8").replace('authserv_id: "" ', 'authserv_id: "mx.example" '), "utf-8")
    assert house.told("release", number, *PAPER)[0]["outcome"] == "accepted"


def test_a_lower_limit_of_files_does_not_lose_the_form(house: House) -> None:
    """Two workbooks came when 200 were allowed; the second one is held, and one is allowed today."""
    forms = house.form("recalculations", recalculation("-6")), house.form("tariffs", TARIFF)
    [told] = house.ingest(house.mail(*forms), at=BEFORE)
    assert [form["outcome"] for form in told["submissions"]] == ["accepted", "held"]
    limits = house.folder / "rules" / "limits.yaml"
    limits.write_text(re.sub(r"(?m)^zip_members: \d+", "zip_members: 1", limits.read_text("utf-8")), "utf-8")
    [told] = house.told("release", told["arrival"], *PAPER)
    assert [(form["form"], form["outcome"]) for form in told["submissions"]] == [
        ("recalculations", "accepted"),
        ("tariffs", "accepted"),
    ]


def test_an_admitted_form_is_released_after_the_register_changed(house: House) -> None:
    """Staff vouched for a stranger's letter; its form was held, and the Customer's address changed."""
    [told] = house.ingest(house.mail(house.form("tariffs", TARIFF), sender="x@elsewhere.example"))
    [told] = house.told("admit", told["arrival"], "--as-customer", bin_of("A"), "--by", "Сауле")
    assert told["outcome"] == "held"
    _register(house, emails="new@a.example")
    [told] = house.told("release", told["arrival"], *PAPER)
    assert (told["outcome"], told["submissions"][0]["customer"]) == ("accepted", bin_of("A"))


def test_explain_leads_to_the_cell_of_a_sender_who_left(house: House) -> None:
    number = _hold(house)
    assert house.run("release", number, *PAPER).code == 0
    _register(house, emails="new@a.example")
    assert house.run("draft", "2026-09").code == 0
    told = house.run("explain", f"{number}-1").out
    assert "принята" in told and "office@a.example" in house.run("explain", number).out
