"""Every workbook for people (4.1.1, 4.1.4, 4.1.8, 4.1.10, 4.1.16): totals, bytes, odd text, odd sums."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from string import ascii_uppercase

import openpyxl
import pyarrow as pa
import pytest

from inbox_worker.core.rendered import Operator
from inbox_worker.documents.payments import render_payments
from inbox_worker.outbox.sample import Sample, protocol_of, sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import (
    KINDS,
    TORTURE,
    cells,
    column,
    converted,
    formulas_of,
    has_arial,
    money,
    pdf_text,
    tortured,
    with_sums,
    workbook,
)

CELL, OTHER = r"[A-Z]+\d+", r"'[^'!]+'![A-Z]+\d+"
OURS = re.compile(
    rf"SUBTOTAL\(9,{CELL}:{CELL}\)|SUMPRODUCT\(ABS\(ROUND\([A-Z0-9:+-]+,2\)\)\)|ROUND\([A-Z0-9-]+,2\)"
    rf"|ROUND\(ABS\(B\d+-D\d+\)\+ABS\(C\d+-D\d+\),2\)|{OTHER}(\+{OTHER})*|{CELL}([+-]{CELL})*"
    rf"|IF\({CELL}=0,0,{CELL}/{CELL}\*100\)|ROUND\({CELL}-{OTHER},2\)"
)
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def made(operator: Operator, rules: Rules) -> Sample:
    return sample(operator, rules)


@pytest.mark.slow
def test_libreoffice_counts_the_same_totals(
    made: Sample, operator: Operator, rules: Rules, tmp_path: Path, soffice: Path
) -> None:
    books = {kind: workbook(kind, made, operator, rules).data for kind in KINDS}
    for kind, anew in converted(books, "xlsx", tmp_path, soffice).items():
        shown, counted = cells(books[kind]), cells(anew)
        live = [place for place, value in cells(books[kind], formulas=True).items() if str(value).startswith("=")]
        assert len(live) >= (0 if kind == "directory" else 4), f"{kind} has {len(live)} sums that recompute"
        for place in live:
            assert counted[place] == pytest.approx(shown[place], abs=0.001), (kind, place)


@every_kind
def test_same_data_same_bytes(kind: str, made: Sample, operator: Operator, rules: Rules) -> None:
    assert workbook(kind, made, operator, rules) == workbook(kind, sample(operator, rules), operator, rules)


@pytest.mark.quick(
    "A & B-turnover",
    "<b>\\u0436\\u0438\\u0440\\u043d\\u044b\\u0439</b>-turnover",
    "=cmd()-turnover",
    "=cmd()-bill_rows",
    "=cmd()-distribution",
    "=cmd()-debtors",
)
@every_kind
@pytest.mark.parametrize("text", TORTURE)
def test_text_is_never_a_formula_or_a_link(
    kind: str, text: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    data = workbook(kind, tortured(made, text), operator, rules).data
    assert all(OURS.fullmatch(formula) for formula in formulas_of(data)), formulas_of(data)
    read = openpyxl.load_workbook(BytesIO(data))
    links = [cell.hyperlink for sheet in read for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert all(link.target is None and link.location.split("!")[0].strip("'") in read.sheetnames for link in links)


@every_kind
def test_what_is_the_same_in_both_languages_stands_once(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    texts = [value for value in cells(workbook(kind, made, operator, rules).data).values() if isinstance(value, str)]
    same = [service.ru for service in rules.services if service.ru == service.kk]
    assert same and not [text for text in texts for name in same if f"{name} · {name}" in text]
    assert not [text for text in texts if "каз.)" in text]


def test_debt_is_split_by_age(made: Sample, operator: Operator, rules: Rules) -> None:
    data = workbook("debtors", made, operator, rules).data
    debts, total = column(data, "Задолжники", "Долг")
    owed = [amount for amount in made.close.lines.column("closing").to_pylist() if amount > 0]
    assert money(total) == sum(map(money, debts)) == sum(owed)
    assert money(column(data, "По услугам", "Долг")[1]) == sum(owed)
    parts = [column(data, "Задолжники", head)[1] for head in ("за 1 месяц (текущий)", "2–3 месяца", "4–6 месяцев",
             "7–12 месяцев", "свыше 12 месяцев", "до начала учёта")]  # fmt: skip
    assert sum(map(money, parts)) == sum(owed)
    assert "≥ 2" in column(data, "Задолжники", "Месяцев долга")[0]


def test_a_debt_that_is_not_made_of_its_ages_is_our_fault(made: Sample, operator: Operator, rules: Rules) -> None:
    with pytest.raises(ValueError, match="is not made of its ages"):
        workbook("debtors", replace(made, ages=made.ages.slice(0, 0)), operator, rules)


def test_payment_is_fee_and_transfer_in_every_row(made: Sample, operator: Operator, rules: Rules) -> None:
    data = workbook("distribution", made, operator, rules).data
    for sheet in ("По банкам и услугам", "Платежи"):
        taken, fee, left = (column(data, sheet, name)[1] for name in ("Принято банком", "Удержано исполнителем",
                            "К перечислению"))  # fmt: skip
        assert money(taken) == money(fee) + money(left) == sum(made.close.payments.column("amount").to_pylist())
    assert column(data, "Контроль", "Расхождение")[0] == [0, 0, 0]


def test_a_paid_sum_without_its_payment_shows_in_the_control(made: Sample, operator: Operator, rules: Rules) -> None:
    lost = replace(made, close=replace(made.close, payments=made.close.payments.slice(1)))
    gaps, _ = column(workbook("distribution", lost, operator, rules).data, "Контроль", "Расхождение")
    assert money(gaps[0]) == 2 * made.close.payments.column("amount")[0].as_py()


@pytest.mark.parametrize("number", ["=1+1", "+7701", "-5", "@x", "\t=1", "a;b\r\nc", '"q"'])
def test_csv_never_starts_a_formula(number: str, made: Sample, operator: Operator, rules: Rules) -> None:
    _, made_csv = render_payments(tortured(made, number).close, made.customer, operator, rules)
    rows = list(csv.reader(StringIO(made_csv.data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == made.close.payments.num_rows + 1
    for row in rows[1:]:
        assert row[2][0] not in "=+-@\t\r"
        assert row[2].lstrip("'") in number.replace("\r\n", " ").strip().replace("\t", "") or row[2] == number
    sums = [Decimal(row[6].replace(",", ".")) for row in rows[1:]]
    assert sum(sums) == sum(made.close.payments.column("amount").to_pylist())


def test_a_days_file_has_that_day_only(made: Sample, operator: Operator, rules: Rules) -> None:
    day = date(2026, 9, 10)
    book, table = render_payments(made.close, made.customer, operator, rules, day)
    assert (book.file_name, table.file_name) == ("payments-2026-09-10.xlsx", "payments-2026-09-10.csv")
    paid = dict.fromkeys(made.close.payments.column("paid_on").to_pylist())
    assert len(paid) > 1
    assert {row[0].date() for row in zip(column(book.data, "Платежи", "Дата приёма")[0], strict=True)} == {day}


@every_kind
def test_an_empty_month_has_its_documents_too(kind: str, made: Sample, operator: Operator, rules: Rules) -> None:
    close = replace(made.close, lines=made.close.lines.slice(0, 0), payments=made.close.payments.slice(0, 0))
    bare = replace(
        made,
        close=close,
        ages=made.ages.slice(0, 0), last_payments=made.last_payments.slice(0, 0),
        directory=made.directory.slice(0, 0),
        protocol=replace(
            protocol_of(close), facts=[], suspense=made.protocol.suspense.slice(0, 0), received=Decimal(0)
        ),
    )  # fmt: skip
    assert cells(workbook(kind, bare, operator, rules).data)


def test_negative_payments_are_summed_with_their_sign(made: Sample, operator: Operator, rules: Rules) -> None:
    payments = made.close.payments
    for name in ("amount", "fee", "transfer"):
        turned = pa.array([-value for value in payments.column(name).to_pylist()], payments.schema.field(name).type)
        payments = payments.set_column(payments.schema.get_field_index(name), payments.schema.field(name), turned)
    back = replace(made, close=replace(made.close, payments=payments))
    data = workbook("payments", back, operator, rules).data
    assert money(column(data, "Платежи", "Принято")[1]) == -sum(made.close.payments.column("amount").to_pylist())


TOTALS = {
    "turnover": [("Оборотная ведомость", "Начислено"), ("Оборотная ведомость", "Пеня")],
    "bill_rows": [("Строки счетов", "К оплате"), ("Строки счетов", "Пеня")],
    "distribution": [("По банкам и услугам", "Принято банком"), ("Платежи", "К перечислению")],
    "debtors": [("Задолжники", "Долг"), ("По услугам", "Долг")],
    "payments": [("Платежи", "Принято"), ("Платежи", "Удержано")],
    "directory": [],
    "close_protocol": [("По заказчикам", "Оплачено"), ("По услугам", "Сальдо конечное")],
}


@pytest.mark.quick("-999999999.99-turnover", "-999999999.99-bill_rows")
@every_kind
@pytest.mark.parametrize("amount", ["0.00", "-999999999.99", "999999999.99"])
def test_three_hundred_rows_of_any_sum(kind: str, amount: str, made: Sample, operator: Operator, rules: Rules) -> None:
    """Totals are exact, and nothing is shrunk."""
    given, rows = Decimal(amount), 300
    data = workbook(kind, with_sums(made, given, rows), operator, rules).data
    owed = max(given, Decimal(0)) if kind == "debtors" else given
    for sheet, head in TOTALS[kind]:
        assert money(column(data, sheet, head)[1]) == owed * rows, head
    read = openpyxl.load_workbook(BytesIO(data))
    numbers = [cell for sheet in read for row in sheet.iter_rows() for cell in row
               if isinstance(cell.value, int | float) and "#,##0" in cell.number_format]  # fmt: skip
    assert not any(cell.alignment.shrink_to_fit for cell in numbers)
    assert len(numbers) > (rows if kind in ("turnover", "bill_rows", "payments") else 0)


@pytest.mark.slow
def test_wide_sums_are_printed_as_numbers(
    made: Sample, operator: Operator, rules: Rules, tmp_path: Path, soffice: Path
) -> None:
    if not has_arial():
        pytest.skip("no font as wide as Arial is installed (fonts-liberation): columns are as wide as its numbers")
    wide = with_sums(made, Decimal("-999999999999.99"), 40)
    books = {kind: workbook(kind, wide, operator, rules).data for kind in ("turnover", "bill_rows")}
    for kind, page in converted(books, "pdf", tmp_path, soffice).items():
        text = pdf_text(page)
        assert "##" not in text and re.search(r"−999.999.999.999.99", text), kind


@pytest.mark.parametrize("kind", KINDS)
def test_no_column_is_headed_by_the_datas_name_for_it(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    rows: dict[tuple[str, str], list[str]] = {}
    for (sheet, place), value in cells(workbook(kind, made, operator, rules).data).items():
        rows.setdefault((sheet, place.lstrip(ascii_uppercase)), []).append(str(value))
    heads = [row for row in rows.values() if sum("\n" in text for text in row) > 3]
    assert heads and [text for row in heads for text in row if re.fullmatch("[a-z_]+", text)] == []


def test_a_houses_tariffs_are_told_in_both_languages(made: Sample, operator: Operator, rules: Rules) -> None:
    """They stood in Russian alone below a title in both."""
    told = [str(one) for one in cells(workbook("directory", made, operator, rules).data).values()]
    [line, *_] = [text for text in told if text.startswith("Тарифы, ₸ · Тарифтер: ")]
    known = {rules.service(code) for code in made.directory.column("service").to_pylist()}
    named = [service for service in known if service.ru in line]
    assert named and all(service.kk in line for service in named)
    assert "чел. / адам" in line
