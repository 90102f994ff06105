"""4.7: what one Customer is given tells nothing of another one, though they share accounts, houses and banks."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.outbox.publish import CUSTOMERS_KINDS, render_documents
from inbox_worker.outbox.publish_notices import make_notice
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

OTHER = {"contract": "ТАЙНЫЙ-9", "emails": "office@taina.example",
         "head": "Тайный Руководитель", "contact": "Тайное Лицо", "phone": "+7 777 123 45 67",
         "iban": "KZ75125KZT1001300335", "bic": "NBRKKZKX", "address": "г. Алматы, ул. Тайная, 1"}  # fmt: skip


def texts_of(data: bytes) -> str:
    """All that stands in a document, its hidden parts too; a workbook within a file is opened as well."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(texts_of(archive.read(name)) for name in archive.namelist())


@pytest.fixture
def shared(office: TownOffice) -> TownOffice:
    """A and B have lines on the same account; a payer paid both and owes both."""
    office.load_customers(customer("A"), customer("B", **OTHER))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="1000"),
        line("B", "1001", "lift", base="кв.", tariff="777.77"),
        line("B", "1002", "lift", base="кв.", tariff="777.77"),
    )
    office.load_payments(
        payment("1001", "400", day="05.09.2026", number="1", to="A", service="maintenance"),
        payment("1001", "333.33", day="05.09.2026", number="2", to="B", service="lift"),
    )
    office.close("2026-09", "2026-10-02")
    return office


def secrets() -> list[str]:
    other = customer("B", **OTHER)
    words = [str(other[name]) for name in ("bin", "name", *OTHER) if name != "bic"]
    return [*words, "777,77", "777.77", "333,33", "333.33", "1002"]


def test_no_document_of_a_customer_names_another_or_his_money(shared: TownOffice) -> None:
    day = moment("2026-10-05")
    made = [p for kind in CUSTOMERS_KINDS if kind != "payments"
            for p in render_documents(shared.office, Period(2026, 9), [kind], bin_of("A"), day)]  # fmt: skip
    made += render_documents(shared.office, Period(2026, 9), ["payments"], bin_of("A"), day, date(2026, 9, 5))
    assert_silent(made, len(CUSTOMERS_KINDS))


def test_no_notice_does_either(shared: TownOffice) -> None:
    assert_silent([make_notice(shared.office, "proofs", bin_of("A"), "протокол", None, moment("2026-10-05"))], 1)


def test_the_answer_to_a_form_about_a_foreign_account_does_not_say_whose_it_is(shared: TownOffice) -> None:
    row = {"account": "1002", "service": "lift", "past_month": "08.2026", "amount": "-5"}
    answer = shared.ingest("recalculations", [row], received="2026-10-10")
    assert answer.outcome == "rejected"
    said = str(answer.report)
    assert [word for word in secrets() if word != "1002" and word in said] == []


def assert_silent(paths: list[Path], least: int) -> None:
    assert len(paths) >= least - 1
    for path in (one for one in paths if one.suffix != ".pdf"):  # made of the .docx
        words = texts_of(path.read_bytes())
        assert bin_of("A") in words or "1001" in words, path.name
        assert [word for word in secrets() if word in words] == [], path.name
