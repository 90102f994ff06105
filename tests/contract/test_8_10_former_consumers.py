"""4.1.12, 8.10: personal data of consumers who left: whose term is over, where they are, and what holds them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from inbox_worker.cli.main import app
from inbox_worker.contract.former_consumers import FormerConsumer, find_former_consumers
from inbox_worker.contract.incidents import open_incident
from inbox_worker.core.model import Period
from inbox_worker.documents.ledger_books import render_books
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment
from tests.support.papers import File

OVER, YOUNG = "2029-10-01", "2029-09-30"  # three years after 30.09.2026 and one day
EXIT = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "10.08.2026"}
SCAN = File("заявление.pdf", b"%PDF-1.4 scan")
GONE = "Ахметова Гүлнар Сейтқызы"


def town(office: TownOffice) -> None:
    """House H-1 leaves on 30.09.2026: account 1001, whose consumer paid ahead, and 1002, who owes; 2001 stays."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", balance="-500", name=GONE),
        line("A", "1002", "maintenance", base="кв.", tariff="500", name="Должник Пётр"),
        line("A", "2001", "maintenance", base="кв.", tariff="500", house="H-2", name="Жилец Анна"),
    )
    assert office.ingest("house_exit", [EXIT], received="2026-08-20").outcome == "accepted"
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)


office = copies_of(town)


def former(office: TownOffice, on: str = OVER) -> Mapping[str, FormerConsumer]:
    return {one.account: one for one in find_former_consumers(office.office, date.fromisoformat(on))}


def test_the_term_begins_when_the_last_line_ended_and_the_last_money_moved(office: TownOffice) -> None:
    """A month of three years is the rules' 36; who still has a line is no former consumer."""
    assert office.line("2026-09", "1001", "maintenance")["closing"] == D(0)
    found = former(office)
    assert found.keys() == {"1001", "1002"}
    one = found["1001"]
    assert (one.since, one.until, one.clause) == (date(2026, 9, 30), date(2029, 10, 1), "4.1.12, 8.10")
    assert one.customers == (bin_of("A"),) and one.is_over(date.fromisoformat(OVER))
    assert not former(office, YOUNG)["1001"].is_over(date.fromisoformat(YOUNG))


def test_money_that_moved_later_begins_the_term_anew(office: TownOffice) -> None:
    office.load_payments(payment("1002", "500", day="02.12.2026"))
    office.close("2026-12")
    office.close("2027-01")
    one = former(office)["1002"]
    assert (one.since, one.until) == (date(2026, 12, 31), date(2030, 1, 1))
    assert one.kept == ("duty",), "the payment was not distributed yet"


def test_who_owes_is_held_back_however_long_ago_it_was(office: TownOffice) -> None:
    one = former(office, "2099-01-01")["1002"]
    assert one.kept == ("claim",) and not one.is_over(date(2099, 1, 1))


def files_with(home: Path, name: str) -> set[str]:
    """Every Parquet file and workbook below the ledger that holds the name."""
    found = {path for path in (home / "ledger").rglob("*.parquet")
             if any(name in row.values() for row in pq.read_table(path).to_pylist())}  # fmt: skip
    for path in (home / "ledger").rglob("*.xlsx"):
        with ZipFile(path) as book:
            found |= {path for part in book.namelist() if name.encode() in book.read(part)}
    return {path.relative_to(home).as_posix() for path in found}


def test_every_file_of_the_ledger_with_the_name_is_told_and_no_other(office: TownOffice) -> None:
    for month in (9, 11):
        render_books(office.office, Period(2026, month))
    places = former(office)["1001"].places
    assert places.closes == ("ledger/closes/2026-09/places.parquet",)
    assert places.books == (f"ledger/books/2026-09/{bin_of('A')}.xlsx", "ledger/books/2026-09/ledger.xlsx")
    assert len(places.facts) == 1 and [form.rpartition("-")[0] for form in places.forms] == ["IW-000002"]
    assert files_with(office.office.home.path, GONE) == set(places.files)


@pytest.mark.slow
def test_a_name_that_a_correction_told_is_found_also_once_the_form_was_replaced(office: TownOffice) -> None:
    """The earlier owner's name stands in `Было`, the later one's in `Стало`; a form replaced whole keeps its file. One
    that corrects an area holds no name and is not told."""
    for month in ("2026-11", "2026-10", "2026-09"):
        office.reopen(month)
    row = {"account": "1001", "indicator": "ФИО", "was": GONE, "becomes": "Новый Хозяин", "from_date": "01.09.2026"}
    first = office.ingest("directory_corrections", [row], received="2026-08-21", month="09.2026", documents=[SCAN])
    assert first.outcome == "accepted", first.report
    again = {**row, "becomes": "Новая Хозяйка"}
    second = office.ingest("directory_corrections", [again], received="2026-08-22", month="09.2026",
                           replaces=f"{first.id[:9]}-1", documents=[SCAN])  # fmt: skip
    assert second.outcome == "accepted", second.report
    area = {**row, "indicator": "Площадь", "was": "", "becomes": "54,30"}
    third = office.ingest("directory_corrections", [area], received="2026-08-23", month="09.2026", documents=[SCAN])
    assert third.outcome == "accepted", third.report
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    places = former(office)["1001"].places
    home = office.office.home.path
    named = {path for name in (GONE, "Новый Хозяин", "Новая Хозяйка") for path in files_with(home, name)}
    assert named == set(places.files) and sum("directory_corrections" in path for path in named) == 2


@pytest.mark.slow
def test_a_name_in_a_reopened_close_is_told_too(office: TownOffice) -> None:
    for month in ("2026-11", "2026-10", "2026-09"):
        office.reopen(month)
    for month in ("2026-09", "2026-10"):
        office.close(month)
    closes = former(office)["1001"].places.closes
    assert closes == ("ledger/closes/2026-09.1/places.parquet", "ledger/closes/2026-09/places.parquet")


@pytest.mark.slow
def test_a_payment_in_suspense_that_names_the_account_holds_it_back(office: TownOffice) -> None:
    office.load_payments(payment("1001", "70", day="02.12.2026", number="9", to="B"))
    office.close("2026-12")
    assert [one["account"] for one in office.facts("suspense")] == ["1001"]
    assert former(office)["1001"].kept == ("suspense", "duty"), "nor was it distributed"


def test_what_was_posted_for_a_month_that_is_open_holds_it_back(office: TownOffice) -> None:
    office.load_payments(payment("1001", "100", day="02.12.2026", number="9"))
    assert "unclosed" in former(office)["1001"].kept


def test_an_open_task_about_the_customers_account_holds_it_back(office: TownOffice) -> None:
    """A task about a letter of which the ledger has no rows may be about any account of its Customer."""
    held = office.ingest("request", [{"kind": "Удалённый доступ"}], received="2026-12-01")
    assert held.outcome == "held"
    assert set(former(office)["1001"].kept) == {"task", "held"}


def test_another_customers_task_holds_nothing_back(office: TownOffice) -> None:
    assert office.ingest("request", [{"kind": "Удалённый доступ"}], received="2026-12-01", by="B").outcome == "held"
    assert former(office)["1001"].kept == ()


def test_an_open_incident_about_a_letter_that_names_the_account_holds_it_back(office: TownOffice) -> None:
    open_incident(office.office, "утечка", ["IW-000002"], [], moment("2026-12-01"), moment("2026-12-01"))
    assert former(office)["1001"].kept == ("incident",)


def test_who_has_a_line_again_is_no_former_consumer(office: TownOffice) -> None:
    office.load_directory(line("B", "1001", "cleaning", base="кв.", tariff="0", start="12.2026"), now="2026-11-20")
    assert "1001" not in former(office)


@pytest.mark.parametrize("day", ["2026-08-01", OVER])
def test_before_the_first_close_nobody_left(office: TownOffice, day: str) -> None:
    for month in ("2026-11", "2026-10", "2026-09"):
        office.reopen(month)
    assert former(office, day) == {}


def listed(office: TownOffice, *arguments: str, language: str = "") -> str:
    """What `retention list` says, as staff type it."""
    office._open.close()
    environment = {"INBOX_WORKER_HOME": str(office.folder), "INBOX_WORKER_LANG": language}
    ran = CliRunner().invoke(app, ["retention", "list", "--on", OVER, *arguments], env=environment)
    office._enter()
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.slow
def test_the_list_tells_how_many_and_with_json_or_verbose_which(office: TownOffice) -> None:
    shown = listed(office)
    assert "Лицевые счета потребителей, которые выбыли: 2; срок истёк на 01.10.2029: 1" in shown
    assert "файлы учёта 1, файлы закрытий 1, книги учёта 0 запишутся заново, письма 1 уйдут" in shown
    assert "выбывшие потребители: 1  есть долг или аванс" in shown and "1001 " not in shown
    found = {one["account"]: one for one in json.loads(listed(office, "--json"))["consumers"]}
    assert (found["1001"]["state"], found["1001"]["kept"]) == ("term over", [])
    assert (found["1002"]["state"], found["1002"]["kept"]) == ("kept", ["claim"])
    assert found["1001"]["places"]["letters"] == ["IW-000002"]
    named = listed(office, "--verbose")
    assert f"1001  {bin_of('A')}  30.09.2026  4.1.12, 8.10  срок истёк 01.10.2029" in named
    for path in (path for paths in found["1001"]["places"].values() for path in paths):
        assert f"    {path}" in named
    assert "мерзімі өткені: 1" in listed(office, language="kk")
    assert "term over on 01.10.2029: 1" in listed(office, language="en")
