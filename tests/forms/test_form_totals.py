"""Totals and header pairs: what could not be read is never absent, a subtotal has rows of its own (4.1.15)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from form_books import RECALCULATIONS, REGISTER, head, told

ONE = ["10020030", "Лифт", "06.2026", -100, "акт 1"]
TWO = ["10020031", "Лифт", "06.2026", -50, "акт 2"]
PAYMENT = ["CASPKZKA", "05.09.2026", "70011", "10020030", None, None, 5000]
UNREAD = {"#REF!": "value.error_cell", "=Z1": "value.formula_empty"}


def saved(*rows: list[object]) -> bytes:
    """A workbook whose formulas have no value, as a program that does not compute saves it."""
    book, sink = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(sink)
    return sink.getvalue()


def places(table) -> list[tuple[str, str]]:
    return [(code, cell) for code, cell, _ in told(table) if code != "workbook.formulas"]


def register(*rows: list[object], count: object = None, total: object = None) -> bytes:
    top = [["Форма", "bank_register"], ["Версия", "1"], ["Количество", count], ["Сумма", total], []]
    return saved(*top, REGISTER, *rows)


@pytest.mark.parametrize(("written", "code"), UNREAD.items())
def test_a_total_that_could_not_be_read_refuses_the_form(read, written: str, code: str) -> None:
    table = read(saved(*head("recalculations"), RECALCULATIONS, ONE, ["Итого", None, None, written]))
    assert places(table) == [(code, "D9")]
    table = read(register(PAYMENT, ["Итого", None, None, None, None, None, written]))
    assert places(table) == [(code, "G8")]


@pytest.mark.parametrize(("written", "code"), [*UNREAD.items(), ("пять тысяч", "value.not_a_number")])
def test_a_control_value_that_could_not_be_read_refuses_the_register(read, written: str, code: str) -> None:
    assert places(read(register(PAYMENT, total=written))) == [(code, "B4")]
    assert places(read(register(PAYMENT, count=written))) == [(code, "B3")]
    rows = [PAYMENT, ["Итого", None, None, None, None, None, "5 тысяч"]]
    assert told(read(register(*rows))) == [("value.not_a_number", "G8", "5 тысяч")]


def test_control_values_with_their_units_are_read(read) -> None:
    table = read(register(PAYMENT, count="1 платёж", total="5 000,00 тг"))
    assert (told(table), table.control_count, f"{table.control_sum}") == ([], 1, "5000.00")


@pytest.mark.parametrize(("written", "code"), UNREAD.items())
@pytest.mark.parametrize("label", ["Месяц учёта", "Заменяет", "БИН заказчика", "Форма"])
def test_a_header_value_that_could_not_be_read_is_told_once_by_its_label(read, written, code, label) -> None:
    top = [[label, written] if row[:1] == [label] else row for row in [*head("recalculations")[:5], ["Заменяет"], []]]
    found = read(saved(*top, RECALCULATIONS, ONE)).findings
    named = [(f.code, f.facts["column"]) for f in found if f.code != "workbook.formulas"]
    assert named == [(code, label)]


def test_an_error_in_a_header_is_proof_its_column(read) -> None:
    [found] = read(saved(*head("recalculations"), [*RECALCULATIONS, "#REF!"], ONE)).findings
    assert (found.code, found.cell, found.facts["column"]) == ("value.error_cell", "F7", "заголовок столбца F")


def test_a_subtotal_is_compared_with_the_rows_that_it_names(read) -> None:
    rows = [ONE, TWO, ["Итого по 10020030", None, None, -100], ["Итого по 10020031", None, None, -50]]
    whole = ["Итого", None, None, -150]
    assert told(read(saved(*head("recalculations"), RECALCULATIONS, *rows, whole))) == []
    wrong = [*rows[:2], ["Итого по 10020031", None, None, -60], ["Итого", None, None, -160]]
    found = read(saved(*head("recalculations"), RECALCULATIONS, *wrong)).findings
    assert [(f.code, f.value, f.facts["sum"]) for f in found] == [
        ("total.mismatch", "-60,00", "-50,00"), ("total.mismatch", "-160,00", "-150,00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "told_of"),
    [
        (["Итого: 160 тенге"], True),
        (["Итого на сумму 160"], True),
        (["Всего к снятию 1 500"], True),
        (["Жиыны: 160 теңге"], True),
        (["Итого", None, "160 тг"], True),  # under another column
        (["Итого: 150 тенге"], False),  # its sign may be left out
        (["Итого: -150,00 тг"], False),
        (["Итого", None, "-150 тг"], False),
        (["Итого: 50 тенге"], False),  # since the subtotal
        (["Итого по 10020030: 100 тг"], False),
        (["Итого: 2"], False),
        (["Итого: 2 строки"], False),
        (["Количество: 5000"], False),
    ],
)
def test_a_total_in_words_is_compared_with_the_rows(read, line: list[object], told_of: bool) -> None:
    rows = [ONE, ["Итого: 100 тенге"], TWO, line]
    found = [f for f in read(saved(*head("recalculations"), RECALCULATIONS, *rows)).findings if "total" in f.code]
    assert [(f.code, f.cell) for f in found] == ([("total.mismatch", "A11")] if told_of else [])
    assert all(f.facts["sum"] == "-150,00" for f in found) or not told_of


def test_a_total_in_words_may_be_of_any_column_of_money(read) -> None:
    names = ["Лицевой счёт", "Услуга", "Тариф", "Начислено", "Долг (+) или переплата (−)"]
    rows = [["10020030", "Домофон", 450, 450, 1200], ["10020031", "Домофон", 450, 450, 300]]
    for total, codes in (("900", []), ("1500", []), ("1600", ["total.mismatch"])):
        table = read(saved(*head("service_charges"), names, *rows, [f"Итого: {total} тенге"]))
        assert [code for code, *_ in told(table)] == codes


@pytest.mark.parametrize(("stated", "other"), [(-150, None), (-149, "-150,00")])
def test_a_total_over_its_rows_is_compared_with_them(read, stated: int, other: str | None) -> None:
    for line in (["Всего по форме", None, None, stated], [f"Итого: {stated} тенге"]):
        table = read(saved(*head("recalculations"), RECALCULATIONS, line, ONE, TWO))
        assert [one.facts["sum"] for one in table.findings if one.code == "total.mismatch"] == (
            [other] if other else []
        )
        assert table.rows.num_rows == 2


@pytest.mark.parametrize(
    ("line", "told_so"),
    [
        (["Итого: двадцать тысяч тенге"], "двадцать тысяч"),
        (["Итого", None, None, "двадцать тысяч"], "двадцать тысяч"),
        (["Всего на сумму: двадцать одна тысяча тенге 00 тиын"], "двадцать одна тысяча"),
        (["Барлығы: жиырма мың теңге"], "жиырма мың"), (["Сумма прописью: сто тенге"], "сто"),
        (["Итого: сто пятьдесят тенге 00 тиын"], None), (["Всего: минус сто пятьдесят тенге"], None),
        (["Барлығы: бір жүз елу теңге"], None), (["Сумма прописью (тенге): сто пятьдесят"], None),
        (["Всего два лицевых счёта"], None), (["Один экземпляр — в бухгалтерию"], None),
        (["Итого: 150 (сто пятьдесят) тенге"], None),
    ],
)  # fmt: skip
def test_a_total_that_is_spelled_is_compared_with_the_rows(read, line: list[object], told_so: str | None) -> None:
    found = read(saved(*head("recalculations"), RECALCULATIONS, ONE, TWO, [], line)).findings
    assert [one.value for one in found if one.code == "total.mismatch"] == ([told_so] if told_so else [])
