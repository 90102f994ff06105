"""10.5, 5.1, 4.8: a price counts when that very sum was published to the Customer 10 calendar days before; one of his
own agreement needs no publishing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from inbox_worker.cli.homes import check_home
from inbox_worker.cli.month_screens import warn_of_prices
from inbox_worker.contract.duties import find_duties, meet_duty
from inbox_worker.contract.duty import Duty
from inbox_worker.contract.page import describe_contract
from inbox_worker.contract.prices import find_early_charges, find_late_prices
from inbox_worker.core.model import Period
from inbox_worker.explain.explain import explain_anything
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.review import look_through
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.service.calendar import ServiceCalendar
from tests.documents.golden import word_text
from tests.explain.test_explain_documents import first_cell
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment, payment

A, B = bin_of("A"), bin_of("B")
NOVEMBER, DECEMBER = Period(2026, 11), Period(2026, 12)
SOURCE = "price 2026-12-01 1.5"


def town(office: TownOffice) -> None:
    """Documents go into the exchange folder."""
    config = office.folder / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\nexchange: {folder: exchange}\n", "utf-8")
    delivery = office.folder / "rules/delivery.yaml"
    delivery.write_text(delivery.read_text("utf-8").replace("default: [mail]", "default: [folder]"), "utf-8")
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="1000", start="10.2026"),
        line("B", "1001", "lift", base="кв.", tariff="1000", start="10.2026"),
    )


office = copies_of(town)


def write_price(office: TownOffice, percent: str, start: str = "2026-12-01", kind: str = "any") -> None:
    """An analyst writes the price that begins on a day, in place of what stood there; the home is opened anew."""
    path = office.folder / "rules/prices.yaml"
    own = f'  - {{from: {start}, kind: {kind}, service: any, percent: "{percent}", clause: "5.1"}}'
    kept = [row for row in path.read_text("utf-8").splitlines() if "percent" not in row or "2026-12" not in row]
    place = next(i for i, row in enumerate(kept) if row.startswith("# VAT"))
    path.write_text("\n".join([*kept[:place], own, *kept[place:], ""]), "utf-8")
    office._open.close()
    office._enter()


def duties(office: TownOffice, on: str) -> list[Duty]:
    return [duty for duty in find_duties(office.office, date.fromisoformat(on)) if duty.duty == "operator.prices"]


def states(office: TownOffice, on: str) -> dict[str, str]:
    """БИН -> state of the duty to publish."""
    return {duty.customer: duty.state(date.fromisoformat(on)) for duty in duties(office, on)}


def publish(office: TownOffice, now: str, *whose: str) -> list[Path]:
    """Make the notices of prices that are due, and send those of the Customers named."""
    made = [p for p in render_documents(office.office, NOVEMBER, ["notice"], "", moment(now)) if "prices" in p.name]
    look_through(office.office, moment(now))
    for path in made:
        if any(bin_ in str(path) for bin_ in whose):
            target = Path(str(path).replace("/pending/", "/approved/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
    for minute in (1, 2):
        pass_outbox(office.office, moment(f"{now}T11:{minute:02d}"))
    return made


def late(office: TownOffice, on: str) -> list[str]:
    return [one.customer for one in find_late_prices(office.office, date.fromisoformat(on))]


def early(office: TownOffice, month: Period, on: str) -> list[str]:
    return [one.customer for one in find_early_charges(office.office, month, date.fromisoformat(on))]


def test_new_prices_are_told_to_every_customer_ten_days_before(office: TownOffice) -> None:
    write_price(office, "1.5")
    [one, two] = duties(office, "2026-11-01")
    assert (one.source, one.due, two.state(date(2026, 11, 1))) == (SOURCE, date(2026, 11, 21), "open")
    [first, second] = publish(office, "2026-11-02", A)
    assert not first.exists() and second.exists()
    text = word_text(second.read_bytes())
    assert "все услуги — 1,5 %" in text and "барлық қызметтер — 1,5 %" in text and "01.12.2026" in text
    assert states(office, "2026-11-22") == {A: "met", B: "overdue"}


def test_one_price_that_many_were_not_told_is_one_task(office: TownOffice) -> None:
    write_price(office, "1.5")
    for day in ("2026-11-23", "2026-11-24"):
        ServiceCalendar().keep(office.office, moment(f"{day}T09:00"))
    [task] = [task for task in office.office.journal.tasks.all() if task.kind == "price"]
    assert (task.customer, task.submission, task.clause) == ("", SOURCE, "10.5")
    assert A in task.what and B in task.what and ": 2 (" in task.what


def test_a_price_that_is_changed_after_its_notice_is_owed_anew(office: TownOffice) -> None:
    """1.5 was published; 2.5 stands in the rules: nobody was told of that."""
    write_price(office, "1.5")
    publish(office, "2026-11-02", A, B)
    assert (states(office, "2026-11-02"), late(office, "2026-12-05")) == ({A: "met", B: "met"}, [])
    write_price(office, "2.5")
    assert states(office, "2026-11-03") == {A: "open", B: "open"}
    [made, _] = publish(office, "2026-11-25")
    assert "2,5 %" in word_text(made.read_bytes()) and made.name.endswith("N-2026-00003.docx")
    assert late(office, "2026-11-21") == [] and late(office, "2026-11-22") == [A, B]
    [problem] = check_home(office.folder, now=moment("2026-11-22T12:00"))
    assert "price 2026-12-01 2.5 cannot count" in problem and "(10.5): 2;" in problem and "2026-12-02" in problem
    [problem] = check_home(office.folder, now=moment("2026-12-05T12:00"))
    assert "2.5 cannot count" in problem and "keep the price" in problem, "what counts already is refused, too"
    write_price(office, "1.50")
    assert late(office, "2026-12-05") == [], "the price that was published, however it is written"


@pytest.mark.parametrize("start", ["2026-11-10", "2026-10-01", "2025-06-01"])
def test_a_price_that_is_written_with_a_day_that_is_past_is_refused(office: TownOffice, start: str) -> None:
    """Nobody could be told of it before that day: also of one before the Customers were known here, and also before any
    command has recorded that it is there. Who became a Customer later agreed to it."""
    office.office.record_changes(moment("2026-10-05"))
    assert late(office, "2026-11-10") == [], "what stood there from the beginning"
    write_price(office, "1.5", start)
    assert late(office, "2026-11-10") == [A, B]
    office.office.record_changes(moment("2026-11-10"))
    office.load("customers", [customer("C")], now="2026-11-11")
    assert late(office, "2026-11-12") == [A, B]
    [problem] = check_home(office.folder, now=moment("2026-11-12T12:00"))
    assert f"price {start} 1.5 cannot count: customers" in problem and "(10.5): 2;" in problem
    assert "`from: 2026-11-22` or later" in problem


def test_a_price_that_was_told_late_counts_ten_days_after(office: TownOffice) -> None:
    """Told on 25.11: not from 01.12, but from 05.12; the month that is charged by it earlier says so when it is
    closed."""
    write_price(office, "1.5")
    publish(office, "2026-11-25", A, B)
    assert states(office, "2026-11-25") == {A: "met", B: "met"}
    assert late(office, "2026-11-26") == [A, B]
    assert late(office, "2026-12-04") == [A, B] and late(office, "2026-12-05") == []
    assert early(office, NOVEMBER, "2026-12-31") == [] and early(office, DECEMBER, "2026-12-31") == [A, B]
    [said] = warn_of_prices(office.office, DECEMBER, date(2026, 12, 31))
    assert SOURCE in said and "05.12.2026" in said and A in said
    write_price(office, "1.5", "2026-12-05")
    publish(office, "2026-11-25", A, B)
    assert late(office, "2026-12-05") == [] and early(office, DECEMBER, "2026-12-31") == []


def test_what_staff_know_of_an_announcement_is_for_that_sum_alone(office: TownOffice) -> None:
    write_price(office, "1.5")
    meet_duty(office.office, "operator.prices", SOURCE, "объявление в офисе 10.11", moment("2026-11-30"))
    assert late(office, "2026-12-01") == []
    write_price(office, "1.6")
    assert late(office, "2026-12-01") == [A, B]


def test_a_price_of_another_kind_of_customers_is_not_told(office: TownOffice) -> None:
    write_price(office, "1.5", kind="лифтовая организация")
    assert duties(office, "2026-11-30") == []


def test_the_contract_shows_the_coming_price_and_the_notices(office: TownOffice) -> None:
    write_price(office, "1.5")
    publish(office, "2026-11-02", A)
    page = describe_contract(office.office, A, date(2026, 11, 10))
    [coming], [notice] = page["coming_prices"], page["price_notices"]
    assert (coming["from"], coming["prices"], coming["state"]) == ("2026-12-01", SOURCE, "published")
    assert (notice["prices"], notice["on"]) == (SOURCE, "2026-11-02") and "N-2026-00001" in notice["proof"]
    write_price(office, "2.5")
    page = describe_contract(office.office, A, date(2026, 11, 22))
    assert [one["state"] for one in page["coming_prices"]] == ["missed"]
    assert [one["prices"] for one in page["price_notices"]] == [SOURCE]
    assert describe_contract(office.office, A, date(2026, 12, 1))["coming_prices"] == []


def charged(office: TownOffice, month: str) -> dict[str, tuple[D, D]]:
    """Service -> per cent and fee of the payments of a month."""
    rows = office.payments(month)
    return {row["service"]: (row["percent"], row["fee"]) for row in rows}


def test_4_8_a_customer_s_own_price_is_withheld_instead_of_the_list_s(office: TownOffice) -> None:
    """A agreed 0.75 from 10.10: its payment of the 9th costs 1.2 %, those since then 0.75; B pays the list's."""
    office.load("customers", [customer("A", price="0,75", counts_from="10.10.2026")], now="2026-10-12")
    office.load_payments(
        payment("1001", "1000", day="09.10.2026", number="1", to="A", service="maintenance"),
        payment("1001", "1000", day="10.10.2026", number="2", to="A", service="maintenance"),
        payment("1001", "1000", day="10.10.2026", number="3", to="B", service="lift"),
        now="2026-10-13",
    )  # fmt: skip
    office.close("2026-10")
    rows = {row["number"]: (row["percent"], row["fee"]) for row in office.parts("2026-10")}
    assert rows == {"1": (D("1.2"), D("12.00")), "2": (D("0.75"), D("7.50")), "3": (D("1.2"), D("12.00"))}
    page = describe_contract(office.office, A, date(2026, 10, 31))
    assert [(one["percent"], one["clause"]) for one in page["prices"]] == [("0.75", "4.8")]
    made = render_documents(office.office, Period(2026, 10), ["act", "distribution"], A, moment("2026-11-02"))
    act = next(path for path in made if path.name.startswith("act"))
    assert "19,50" in word_text(act.read_bytes())
    look_through(office.office, moment("2026-11-02"))
    path = next(path for path in made if path.name.startswith("distribution") and path.suffix == ".xlsx")
    cell = first_cell(path, "payments.fee", "Платежи")
    column, row = cell.rstrip("0123456789"), int(cell.rpartition("!")[2][1:])
    cells = [f"{column}{number}" for number in (row, row + 1)]
    each = ["\n".join(explain_anything(office.office, str(path), cell, TODAY)) for cell in cells]
    listed, agreed = sorted(each, key=lambda text: "4.8" in text)
    assert "rules/prices.yaml" in listed and "1,20 %" in listed and "0,75 %" in agreed
    assert "п. 4.8" in agreed and "customers.xlsx" in agreed, agreed


def test_4_8_an_own_price_needs_no_notice_and_its_change_is_shown(office: TownOffice) -> None:
    office.load("customers", [customer("A", price="0,75")], now="2026-10-12")
    office.load("customers", [customer("A", price="0,9", counts_from="20.10.2026")], now="2026-10-20")
    write_price(office, "1.5")
    assert set(states(office, "2026-11-01")) == {B}
    office.load("customers", [customer("A", price="")], now="2026-10-25")
    assert set(states(office, "2026-11-01")) == {A, B}, "the list counts for A again"


@pytest.mark.parametrize(("price", "code"), [("100", "price.absurd"), ("-1", "value.negative")])
def test_4_8_a_price_that_cannot_be_is_refused(office: TownOffice, price: str, code: str) -> None:
    answer = office.load("customers", [customer("A", price=price)], now="2026-10-12")
    assert (answer.outcome, answer.errors) == ("rejected", [code])


def test_4_8_a_tenth_of_a_per_cent_may_be_a_share(office: TownOffice) -> None:
    answer = office.load("customers", [customer("A", price="0,012", iban="KZ298566784726714751")], now="2026-10-12")
    assert (answer.outcome, answer.codes) == ("accepted", ["percent.small", "row.replaced"])
