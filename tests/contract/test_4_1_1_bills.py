"""Bills of consumers out of the draft, by house and by account, with what changed told (4.1.1, 4.1.2, 4.1.4)."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.bill_pdf import bills_data, style_of
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.month.months import MonthError
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.publish_bills import month_bills
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment
from tests.support.papers import SCAN


def _town(office: TownOffice) -> None:
    """Two Customers on account 1001; a tariff and a recalculation for October, days without heating of September."""
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.30", name="Асан", balance="300"),
        line("B", "1001", "heating", tariff="137.5", area="48.00", balance="-100"),
        line("A", "1002", "maintenance", tariff="31.4155", area="40", house="H-2"),
        line("A", "1010", "maintenance", tariff="31.4155", area="40", flat="2"),
    )


office = copies_of(_town)


def october(office: TownOffice) -> None:
    office.close("2026-09")
    tariff = [{"service": "maintenance", "base": "м²", "tariff": "33", "from_month": "10.2026"}]
    office.ingest("tariffs", tariff, received="2026-09-20", documents=[SCAN])
    again = [{"account": "1001", "service": "maintenance", "past_month": "08.2026", "amount": "-50", "basis": "акт 7"}]
    office.ingest("recalculations", again, received="2026-09-20")
    lost = [{"account": "1001", "service": "heating", "from_date": "01.09.2026", "to_date": "05.09.2026", "days": 5,
             "reason": "авария"}]  # fmt: skip
    office.ingest("undelivered", lost, received="2026-09-20", by="B")


def bills(office: TownOffice, month: str) -> dict[str, dict[str, Any]]:
    facts = MonthFacts(office.office, Period.parse(month))
    style = style_of(office.office.home, office.office.rules, facts.month)
    return {bill["account"]: bill for bill in bills_data([bill for _, bill in month_bills(facts)], style)["bills"]}


def made(office: TownOffice, *accounts: str) -> list[Path]:
    month, now = Period.parse("2026-10"), moment("2026-10-20")
    return render_documents(office.office, month, ["bills"], "", now, None, accounts)


def test_4_1_1_one_bill_has_the_lines_of_all_customers(office: TownOffice) -> None:
    """The lines are the close's, an advance is not taken from another Customer's debt."""
    office.close("2026-09")
    bill = bills(office, "2026-09")["1001"]
    assert [row["service_ru"] for group in bill["groups"] for row in group["rows"]] == ["Содержание дома", "Отопление"]
    owed = [office.line("2026-09", "1001", service, owner)["closing"] for service, owner in
            (("maintenance", "A"), ("heating", "B"))]  # fmt: skip
    assert D(str(bill["pay"]).replace("\xa0", "").replace(",", ".")) == sum(owed)
    assert bill["changes"] == []  # the ledger's first month: nothing is new


def test_4_1_1_a_service_that_another_customer_goes_on_with_is_not_told_as_gone(office: TownOffice) -> None:
    """A leaves the house and B maintains it: the new line is told with its Customer's name, for A's stands there with
    its debt. What nobody gives any more is told."""
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="50", start="09.2026"))
    left = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "10.09.2026"}
    assert office.ingest("house_exit", [left], received="2026-09-10").outcome == "accepted"
    office.close("2026-09")
    office.load_directory(line("B", "1001", "maintenance", tariff="40", start="10.2026"), now="2026-09-20")
    told = [words["ru"] for words in bills(office, "2026-10")["1001"]["changes"]]
    assert any(words.startswith("Содержание дома (") and "новая строка" in words for words in told), told
    assert "Больше не начисляется: Лифт." in told


def test_4_1_4_what_changed_since_last_month_is_told(office: TownOffice) -> None:
    october(office)
    told = " ".join(words["ru"] for words in bills(office, "2026-10")["1001"]["changes"])
    assert "Содержание дома: тариф изменился с 31,4155 на 33,00 тенге. Основание: " in told
    assert "Содержание дома: перерасчёт за август 2026: -50,00 тенге. Основание: акт 7" in told
    assert "Отопление: без услуги 5 дн. (01.09.2026–05.09.2026, авария), начисление уменьшено на 1\xa01" in told
    assert "перерасчёт" not in " ".join(words["ru"] for words in bills(office, "2026-10")["1002"]["changes"])


def test_4_1_4_what_counted_a_past_month_again_is_told(office: TownOffice) -> None:
    """Of November: a reading takes October's estimate back, a tariff counts September and October again, its days
    without heating with it; «перерасчёт за октябрь 2026» stood for all but the tariff."""
    water = line("B", "1001", "cold_water", base="счётчик", tariff="10", area="48.00", meter="M1", reading="0")
    office.load_directory(water)

    def read(current: str, day: str) -> None:
        row = {"account": "1001", "service": "cold_water", "meter": "M1", "current": current, "taken_on": day}
        assert office.ingest("meter_readings", [row], received="-".join(reversed(day.split("."))), by="B").errors == []

    read("10", "20.08.2026")
    october(office)
    office.close("2026-10")
    read("15", "20.10.2026")
    tariff = [{"service": "heating", "base": "м²", "tariff": "150", "from_month": "09.2026"}]
    assert office.ingest("tariffs", tariff, received="2026-10-20", by="B", documents=[SCAN]).outcome == "accepted"
    told = [words["ru"].replace("\xa0", " ") for words in bills(office, "2026-11")["1001"]["changes"]]
    assert "Отопление: перерасчёт по новому тарифу за сентябрь 2026 – октябрь 2026: +1 200,00 тенге." in told
    assert "Отопление: дни без услуги пересчитаны вместе с начислением за сентябрь 2026: -100,00 тенге." in told
    assert "Холодная вода: перерасчёт по показанию прибора за октябрь 2026: -100,00 тенге." in told


def test_4_1_2_bills_come_out_of_the_draft_a_file_a_house(office: TownOffice) -> None:
    october(office)
    paths = made(office)
    assert [path.name for path in paths] == ["bills-2026-10-H-1.pdf", "bills-2026-10-H-2.pdf"]
    assert paths[0].parent.name.startswith(office.office.home.operator.bin)
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in made(office)] == before
    assert all(data.startswith(b"%PDF") for data in before)


def test_4_1_2_a_single_bill_on_demand(office: TownOffice) -> None:
    october(office)
    (path,) = made(office, "1001")
    assert path.name == "bill-2026-10-1001.pdf"
    with pytest.raises(MonthError, match="account 7777 has no lines in 2026-10"):
        made(office, "1001", "7777")


def test_flats_are_in_the_order_people_count_them(office: TownOffice) -> None:
    """Flat 2 (account 1010) stands before flat 1001."""
    from inbox_worker.outbox.publish_bills import bill_orders

    orders = list(bill_orders(MonthFacts(office.office, Period.parse("2026-09")), "", ()))
    assert [bill.account for bill in orders[0].bills] == ["1010", "1001"]


def test_a_customers_bills_are_those_of_its_accounts(office: TownOffice) -> None:
    facts = MonthFacts(office.office, Period.parse("2026-09"))
    assert [bill.account for _, bill in month_bills(facts, bin_of("B"))] == ["1001"]


def test_7_2_a_bill_shows_its_meters_as_they_were_read_and_estimated(office: TownOffice) -> None:
    """The day of a reading, what nobody read, and the months behind them; readings are taken until the forms' day."""
    office.load_directory(
        line("B", "1001", "electricity", base="счётчик", tariff="20", meter="M1", reading="100"),
        line("B", "1001", "cold_water", base="счётчик", tariff="20", meter="M2", reading="7"),
    )
    reading = {"account": "1001", "service": "electricity", "meter": "M1", "current": "150,5", "taken_on": "20.08.2026"}
    office.ingest("meter_readings", [reading], received="2026-08-20", by="B")
    electricity, water = meters(office, "2026-09")
    assert (electricity["previous"], electricity["current"], electricity["current_on"]) == ("100", "150,5", "20.08.26")
    assert (electricity["used"], electricity["estimated"], water["estimated"]) == ("50,5", False, True)
    office.close("2026-09")
    later = meters(office, "2026-10")[0]
    assert (later["previous"], later["previous_on"], later["current"]) == ("150,5", "20.08.26", "–")
    assert (later["used"], later["average"], later["estimated"]) == ("50,5", "50,5", True)
    assert later["bars"][:10] == [None] * 10
    assert [bar["estimated"] for bar in later["bars"][10:]] == [False, True]
    office.close("2026-10")
    reading |= {"current": "210", "taken_on": "20.10.2026"}
    office.ingest("meter_readings", [reading], received="2026-10-20", by="B")
    last = meters(office, "2026-11")[0]
    assert [bar["estimated"] for bar in last["bars"][9:]] == [False, True, False]
    assert (last["used"], last["bars"][11]["tall"]) == ("59,5", 1000)


def meters(office: TownOffice, month: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bills(office, month)["1001"]["meters"]
    return found


def test_10_3_a_stopped_service_has_no_line_in_the_bill_and_is_named_in_it(office: TownOffice) -> None:
    """Who paid it, or owes for it, reads why he does not find it; the month after the stop does not say "0"."""
    office.close("2026-09")
    stop = {"bin": bin_of("A"), "account": "1001", "service": "maintenance", "from_date": "01.10.2026",
            "to_date": "31.10.2026", "reason": "жалоба", "clause": "10.3"}  # fmt: skip
    office.load("stops", [stop], now="2026-09-20")
    bill = bills(office, "2026-10")["1001"]
    assert [row["service_ru"] for group in bill["groups"] for row in group["rows"]] == ["Отопление"]
    told = [words["ru"] for words in bill["changes"]]
    assert told == ["Начисление приостановлено, в этом счёте нет: Содержание дома."]
    office.close("2026-10")
    again = [words["ru"] for words in bills(office, "2026-11")["1001"]["changes"]]
    assert again == ["Содержание дома: в прошлом месяце не начислялось, в этом начисляется."]


def test_a_payment_that_its_bank_took_back_is_told(office: TownOffice) -> None:
    """One of September in October, from both Customers' lines: «Оплачено −…» stood in the bill without a word."""
    office.load_payments(payment("1001", "700", day="10.09.2026", number="17"))
    office.close("2026-09")
    office.load_payments(payment("1001", "-700", day="04.10.2026", number="17"), now="2026-10-05")
    told = [change["ru"] for change in bills(office, "2026-10")["1001"]["changes"] if "отозвал" in change["ru"]]
    assert told == ["Банк отозвал платёж № 17 (04.10.2026): 700,00 тенге сняты с оплаченного."]
    assert not any("отозвал" in change["ru"] for change in bills(office, "2026-10")["1010"]["changes"])
