"""10.5, 5.1, 4.8: a price that is changed in place after it was charged changes no fee and is told where staff look."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from typer.testing import CliRunner

from inbox_worker.cli.homes import check_home
from inbox_worker.cli.main import app
from inbox_worker.cli.month_screens import warn_of_prices
from inbox_worker.contract.changed_prices import ChangedPrice, find_changed_prices, find_changed_vat
from inbox_worker.core.model import Period
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.review import look_through
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

A, B = bin_of("A"), bin_of("B")
SEPTEMBER = Period(2026, 9)


def town(office: TownOffice) -> None:
    """Two Customers, payments of two days loaded at 1.2 per cent; the month is closed and its act made."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="1000"),
        line("B", "1001", "lift", base="кв.", tariff="1000"),
    )  # fmt: skip
    office.load_payments(
        payment("1001", "1000", day="05.09.2026", number="1", to="A", service="maintenance"),
        payment("1001", "500", day="05.09.2026", number="2", to="B", service="lift"),
        payment("1001", "200", day="07.09.2026", number="3", to="A", service="maintenance"),
        now="2026-09-08",
    )  # fmt: skip
    office.close("2026-09", "2026-10-02")
    render_documents(office.office, SEPTEMBER, ["act"], A, moment("2026-10-03"))
    look_through(office.office, moment("2026-10-03"))


office = copies_of(town)


def write(office: TownOffice, old: str, new: str) -> None:
    """An analyst writes over a line of rules/prices.yaml; the home is opened anew."""
    path = office.folder / "rules/prices.yaml"
    before = path.read_text("utf-8")
    assert before.count(old) == 1
    path.write_text(before.replace(old, new), "utf-8")
    office._open.close()
    office._enter()


def problems(office: TownOffice) -> list[str]:
    return [one for one in check_home(office.folder, now=moment("2026-10-05")) if "prices.yaml" in one]


def run(office: TownOffice, *arguments: str) -> tuple[int, str]:
    """Run a command as staff type it, and return its exit code and all that it says."""
    office._open.close()
    ran = CliRunner().invoke(app, list(arguments), env={"INBOX_WORKER_HOME": str(office.folder)})
    office._enter()
    return ran.exit_code, ran.output


def test_a_price_written_over_is_named_with_its_days_and_nothing_is_computed_anew(office: TownOffice) -> None:
    assert find_changed_prices(office.office) == [] and problems(office) == []
    fees = [(row["number"], row["percent"], row["fee"]) for row in office.parts("2026-09")]
    write(office, 'percent: "1.2"', 'percent: "1.5"')
    [found] = find_changed_prices(office.office)
    assert found == ChangedPrice(
        D("1.2"), D("1.5"), False, (A, B), date(2026, 9, 5), date(2026, 9, 7), 3, D("1700.00"), (SEPTEMBER,)
    )
    assert [(row["number"], row["percent"], row["fee"]) for row in office.parts("2026-09")] == fees
    [told] = problems(office)
    assert "05.09.2026 … 07.09.2026" in told and "1.2 %" in told and "1.5" in told and "2026-09" in told
    assert told in warn_of_prices(office.office, Period(2026, 10), date(2026, 11, 2))
    late = warn_of_prices(office.office, Period(2026, 12), date(2027, 1, 2))
    assert told not in late, "a close reads its own month and the last, however old the ledger"


def test_verify_names_it_and_is_well_again_when_it_is_written_back(office: TownOffice) -> None:
    assert run(office, "ledger", "verify")[0] == 0
    write(office, 'percent: "1.2"', 'percent: "1.5"')
    code, out = run(office, "ledger", "verify")
    assert code == 1 and "1.2 %" in out and "10.5" in out
    write(office, 'percent: "1.5"', 'percent: "1.2"')
    assert run(office, "ledger", "verify")[0] == 0


def test_a_price_with_a_day_of_its_own_is_no_change_and_one_before_loaded_payments_is(office: TownOffice) -> None:
    listed = '  - {from: 2025-01-01, kind: any, service: any, percent: "1.2", clause: "5.1"}\n'
    later = '  - {from: 2026-09-08, kind: any, service: any, percent: "1.5", clause: "5.1"}\n'
    write(office, listed, listed + later)
    assert find_changed_prices(office.office) == []
    write(office, "from: 2026-09-08", "from: 2026-09-07")
    [found] = find_changed_prices(office.office)
    assert (found.first, found.last, found.payments, found.amount, found.customers) == (
        date(2026, 9, 7), date(2026, 9, 7), 1, D("200.00"), (A,),
    )  # fmt: skip
    write(office, "from: 2025-01-01, kind", "from: 2026-09-06, kind")
    [gone, _] = find_changed_prices(office.office)
    assert (gone.written, gone.payments) == (None, 2), "the list has no price of the 5th any more"


def test_an_own_price_told_for_days_that_were_charged_is_named_with_its_customer(office: TownOffice) -> None:
    office.load("customers", [customer("A", price="0,75", counts_from="06.09.2026")], now="2026-10-04")
    [found] = find_changed_prices(office.office)
    assert (found.own, found.customers, found.withheld, found.written) == (True, (A,), D("1.2"), D("0.75"))
    assert (found.first, found.payments) == (date(2026, 9, 7), 1)
    [told] = [one for one in check_home(office.folder, now=moment("2026-10-05")) if A in one]
    assert "4.8" in told and "0.75" in told


def test_4_1_11_vat_written_over_is_named_by_the_act_that_was_made(office: TownOffice) -> None:
    assert find_changed_vat(office.office) == []
    write(office, 'from: 2026-01-01, percent: "16"', 'from: 2026-01-01, percent: "12"')
    [found] = find_changed_vat(office.office)
    assert (found.month, found.customer, found.printed, found.written) == ("2026-09", A, D(16), D(12))
    assert any(found.name in one and "16 %" in one for one in problems(office))
