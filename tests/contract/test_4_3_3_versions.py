"""4.3.3, section 11: the register of Customers keeps every version; a day has what was true on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import docx
import pytest

from inbox_worker.contract.page import describe_contract
from inbox_worker.core.model import Period
from inbox_worker.ledger.journal import open_journal
from inbox_worker.outbox.publish import render_documents
from tests.support.office import ROOT, TownOffice, bin_of, customer, line, moment

OLD, NEW = "г. Алматы, ул. Абая, 10", "г. Алматы, пр. Достык, 5"


def act_of(office: TownOffice, month: str, now: str) -> str:
    paths = render_documents(office.office, Period.parse(month), ["act"], bin_of("A"), moment(now))
    act = docx.Document(str(next(path for path in paths if path.suffix == ".docx")))
    cells = [cell.text for table in act.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in act.paragraphs), *cells])


def test_documents_of_a_month_print_what_was_true_at_its_end(office: TownOffice) -> None:
    office.load_customers(customer("A", address=OLD))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="1000"))
    assert office.load("customers", [customer("A", address=NEW)], now="2026-10-03").outcome == "accepted"
    for month, made in (("2026-09", "2026-10-05"), ("2026-10", "2026-11-05")):
        office.close(month, made)
    assert OLD in act_of(office, "2026-09", "2026-10-05") and NEW not in act_of(office, "2026-09", "2026-10-05")
    assert NEW in act_of(office, "2026-10", "2026-11-05") and OLD not in act_of(office, "2026-10", "2026-11-05")


def test_the_contracts_page_shows_the_version_of_its_day(office: TownOffice) -> None:
    office.load_customers(customer("A", head="Иванов И. И."))
    office.load("customers", [customer("A", head="Петров П. П.")], now="2026-10-03")
    heads = [
        describe_contract(office.office, bin_of("A"), day)["people"]["head"]
        for day in (date(2026, 7, 1), date(2026, 10, 2), date(2026, 10, 3))
    ]
    assert heads == ["Иванов И. И.", "Иванов И. И.", "Петров П. П."]
    known = office.office.journal.customers.versions(bin_of("A"))
    assert [(one.begins, one.customer.head) for one in known] == [
        (date(2026, 8, 1), "Иванов И. И."), (date(2026, 10, 3), "Петров П. П."),
    ]  # fmt: skip
    assert all(one.stated_by and one.submission for one in known) and known[1].stated_at == moment("2026-10-03")


def test_a_correction_of_the_past_names_its_day(office: TownOffice) -> None:
    """A slip of the pen in the register is put right for the documents of a month that is over."""
    office.load_customers(customer("A", head="Иваноф"))
    right = customer("A", head="Иванов", counts_from="01.09.2026")
    assert office.load("customers", [right], now="2026-10-03").outcome == "accepted"
    on = office.office.journal.customers.on
    assert on(date(2026, 9, 30))[bin_of("A")].head == "Иванов" and on(date(2026, 8, 31))[bin_of("A")].head == "Иваноф"


@pytest.mark.parametrize("ahead", ["04.10.2026"])
def test_a_row_of_a_day_to_come_is_refused(office: TownOffice, ahead: str) -> None:
    """The register is who may send and where money goes today: a later day has its own load."""
    later = office.load("customers", [customer("A", counts_from=ahead)], now="2026-10-03")
    assert (later.outcome, later.codes) == ("rejected", ["date.absurd"])
    assert office.office.journal.customers.on(date(2026, 10, 3)) == {}


def test_a_home_made_before_has_its_register_for_every_day(tmp_path: Path) -> None:
    """Its wording is each Customer's first version: documents print the same as before."""
    with closing(sqlite3.connect(tmp_path / "journal.db")) as first:
        first.executescript((ROOT / "tests/ledger/journal-0016.sql").read_text("utf-8"))
        row = (bin_of("A"), "A", "управляющая компания", "1", "2025-08-01", "", "a@a.kz;b@a.kz", "CASPKZKA",
               "KZ28722S000001013958", "17", "Иванов", OLD, 0, "IW-000001-1", "")  # fmt: skip
        first.execute(f"insert into customers values ({', '.join('?' * len(row))})", row)
        first.commit()
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    known = journal.customers.on(date(2026, 10, 3))
    assert known[bin_of("A")].emails == ("a@a.kz", "b@a.kz")
    assert journal.customers.on(date(2020, 1, 1)) == known == journal.customers.on(date(2027, 1, 1))
    journal.database.dispose()
