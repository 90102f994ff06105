"""4.1.7: layouts of banks' files are data, chosen by what stands in a file; what does not fit is refused whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from form_books import told

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.bank_layouts import BankLayout
from inbox_worker.settings.rules import Rules
from tests.support.bank_files import BANK, DAY, PAID, SAMPLES, Paid, as_dbf, book, moments, operations, printed, total

Read = Callable[..., Any]
WIDTH = 86  # bytes of a record of the DBF


def rows(table: FormTable) -> list[tuple[object, ...]]:
    """What is posted of each payment."""
    return [(r["bank"], r["paid_on"], r["number"], r["account"], r["amount"]) for r in table.rows.to_pylist()]


WANTED = [(BANK, date(2026, 9, 5), one.number, one.account, one.amount) for one in PAID]


def test_every_shipped_layout_has_a_sample(rules: Rules) -> None:
    assert set(SAMPLES) == {name for name, layout in rules.banks.items() if layout.form == "bank_register"}


@pytest.mark.parametrize("layout", SAMPLES)
def test_4_1_7_the_same_payments_are_read_from_every_layout(layout: str, read: Read) -> None:
    """Whatever the file is called: its name says nothing."""
    _, data = SAMPLES[layout]
    table = read(data, "без имени")
    assert (table.form, told(table)) == ("bank_register", [])
    if layout == "register_moments":  # it has no numbers: the moment is the number
        made = [(*row[:2], f"{DAY} 12:00:{at:02d}", *row[3:]) for at, row in enumerate(WANTED)]
        assert rows(table) == made
    else:
        assert rows(table) == WANTED
    stated = (None, None) if layout == "register_dbf" else (len(PAID), total(PAID))
    assert (table.control_count, table.control_sum) == stated


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "utf-8"])
def test_a_text_is_read_in_each_of_its_encodings(encoding: str, read: Read) -> None:
    assert rows(read(printed(encoding=encoding), "a.txt")) == WANTED


def test_a_finding_names_the_line_of_a_text(read: Read) -> None:
    """Line 7 has a letter in its sum, line 8 has lost a character."""
    lines = printed().split(b"\r\n")
    lines[6] = lines[6].replace(b"1250.50", b"125O.50")
    lines[7] = lines[7][:-1]
    table = read(b"\r\n".join(lines), "a.txt")
    assert [(f.code, f.cell, f.row) for f in table.findings] == [("layout.line", "A8", 8), ("layout.value", "A7", 7)]


def test_a_finding_names_the_cell_of_a_workbook(read: Read) -> None:
    table = read(operations((*PAID, Paid("70014", "", D("5")))))
    assert ("value.missing", "C8", "") in told(table)


def test_a_control_row_that_is_not_there_refuses_the_file(read: Read) -> None:
    table = read(operations(foot=False))
    assert [(f.code, f.value) for f in table.findings] == [("layout.not_stated", "count"), ("layout.not_stated", "sum")]


def test_a_second_sheet_refuses_the_book(read: Read) -> None:
    assert ("layout.other_sheet", "", "Sheet2") in told(read(operations(beside="ещё платёж")))


def test_hidden_rows_of_a_banks_workbook_are_told(read: Read) -> None:
    """4.1.15: they are read like those that people see, as those of a form are."""
    made, sink = openpyxl.load_workbook(io.BytesIO(operations())), io.BytesIO()
    made.active.row_dimensions[6].hidden = True
    made.save(sink)
    table = read(sink.getvalue())
    assert (told(table), rows(table)) == ([("rows.hidden", "A6", "6")], WANTED)


def test_two_control_rows_that_differ_refuse_the_file(read: Read) -> None:
    data = moments().replace("Итого".encode(), "Итого;9;9,00\r\nИтого".encode())
    assert {f.code for f in read(data, "a.csv").findings} == {"layout.stated_twice"}


@pytest.mark.parametrize("encoding", ["mac-cyrillic", "utf-16"])
def test_a_known_layout_in_another_encoding_is_refused_by_its_encoding(
    encoding: str, refuse: Callable[..., Finding]
) -> None:
    finding = refuse(printed(encoding=encoding), "print.txt")
    assert (finding.code, finding.facts["encoding"]) == ("layout.encoding", encoding)
    assert finding.facts["layout"] == "register_print" and "cp866" in finding.facts["known"]


def test_a_damaged_utf8_text_is_refused_as_damaged(refuse: Callable[..., Finding], rules: Rules) -> None:
    """cp1251 reads any byte: only a layout that is UTF-8 alone can tell; bytes that no text has are told in all."""
    data = printed(encoding="cp1251").replace(b"70012", b"700\x0012")
    assert refuse(data, "a.txt").code == "layout.damaged"


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("a record is missing", lambda data: data[:-57]),
        ("a byte is missing", lambda data: data[:-30] + data[-29:]),
        ("a record has an unknown mark", lambda data: data.replace(b" CASPKZKA", b"!CASPKZKA", 1)),
        ("a field is longer than it says", lambda data: data.replace(bytes([12]), bytes([13]), 1)),
    ],
)
def test_a_dbf_that_is_not_what_its_head_says_is_refused(
    what: str, spoil: Callable[[bytes], bytes], refuse: Callable[..., Finding]
) -> None:
    assert refuse(spoil(as_dbf()), "a.dbf").code == "layout.damaged_dbf", what


def test_a_deleted_record_of_a_dbf_is_not_passed_over(read: Read) -> None:
    """One finding for all of them, with their numbers; those that are left are read."""
    table = read(as_dbf().replace(b" CASPKZKA", b"*CASPKZKA", 2), "a.dbf")
    [finding] = table.findings
    assert (finding.code, finding.facts["count"], finding.facts["places"]) == ("layout.deleted", "2", "1, 2")
    assert table.rows.column("amount").to_pylist() == [PAID[2].amount]


def control_record(of: Sequence[Paid]) -> bytes:
    """The DBF with its first record marked as deleted, and a last one that states count and sum of these payments."""
    stated = Paid("ИТОГО", str(len(of)), total(of))
    last = as_dbf((stated,))[-WIDTH - 1 :].replace(f"{BANK}20260905".encode(), b" " * 16)
    whole = as_dbf().replace(b" CASPKZKA", b"*CASPKZKA", 1)
    return whole[:4] + bytes([len(PAID) + 1]) + whole[5:-1] + last


@pytest.mark.parametrize(
    ("left", "layout", "code"),
    [
        (PAID[1:], {}, "layout.deleted_ignored"),  # the control record is of the records that are left
        (PAID, {}, "layout.deleted"),  # it is of all of them
        (PAID, {"deleted": "ignored"}, "layout.deleted_ignored"),
    ],
)
def test_a_control_record_decides_about_deleted_records(
    left: Sequence[Paid], layout: dict[str, Any], code: str, rules: Rules, reader: Any
) -> None:
    lines = (r";;ИТОГО;(?P<count>\d+);;;(?P<sum>[\d.]+)",)
    own = rules.banks["register_dbf"].model_copy(update={"lines": lines, **layout})
    table = read_form(control_record(left), "a.dbf", replace(rules, banks={"register_dbf": own}), reader)
    assert isinstance(table, FormTable)
    assert code in [finding.code for finding in table.findings]


def test_a_file_that_two_layouts_fit_is_refused(rules: Rules, reader: Any) -> None:
    twin = rules.banks["register_moments"].model_copy(update={"layout": "twin"})
    both = {**rules.banks, "twin": twin}
    found = read_form(moments(), "a.csv", replace(rules, banks=both), reader)
    assert isinstance(found, tuple)
    assert [(f.code, f.facts["layouts"]) for f in found] == [("layout.several", "register_moments, twin")]


def test_a_dbf_that_another_program_wrote(read: Read) -> None:
    """Written by the package dbf 0.99.11, not by us."""
    data = Path(__file__).with_name("register_of_another_make.dbf").read_bytes()
    table = read(data, "a.dbf")
    assert rows(table) == WANTED[:2] and table.rows.column("service").to_pylist() == ["heating", "heating"]


def test_a_file_that_several_layouts_know_and_none_fits_is_refused(rules: Rules, reader: Any) -> None:
    twin = rules.banks["register_moments"].model_copy(update={"layout": "twin"})
    spoilt = moments().replace(b"5000,00", b"5000.00", 1)
    found = read_form(spoilt, "a.csv", replace(rules, banks={**rules.banks, "twin": twin}), reader)
    assert isinstance(found, tuple)
    assert [f.code for f in found] == ["layout.none_fits"]


def test_a_control_sum_that_is_no_number_refuses_the_file(read: Read) -> None:
    found = read(book_with_sum("1,2,3")).findings
    assert [(f.code, f.value) for f in found] == [("layout.stated_unread", "1,2,3")]


def book_with_sum(stated: str) -> bytes:
    """register_operations with another control sum."""
    head = ["№ документа", "Дата операции", "Номер абонента", "Плательщик", "Зачислено"]
    row = ["1", "05.09.2026", "10020030", "Ким А.", 5.0]
    return book([["БИК банка", BANK], head, row, ["Итого операций", 1, None, None, stated]])


def xls(table: list[list[object]]) -> bytes:
    """A workbook of Excel 97."""
    made, sink = xlwt.Workbook(), io.BytesIO()
    sheet = made.add_sheet("Лист1")
    for place, row in enumerate(table):
        for at, value in enumerate(row):
            if value is not None:
                sheet.write(place, at, value)
    made.save(sink)
    return sink.getvalue()


def test_an_xls_is_read_by_the_same_layout(read: Read) -> None:
    head = ["№ документа", "Дата операции", "Номер абонента", "Плательщик", "Зачислено"]
    paid = [[p.number, "05.09.2026", p.account, "Ким А.", float(p.amount)] for p in PAID]
    foot = ["Итого операций", len(PAID), None, None, float(total(PAID))]
    assert rows(read(xls([["БИК банка", BANK], head, *paid, foot]))) == WANTED


def test_a_header_of_two_rows(rules: Rules, reader: Any) -> None:
    """As Halyk and БЦК print it: one text above several columns, a text of each below."""
    layout = BankLayout.model_validate({
        "layout": "two_rows", "title": {"ru": "р", "kk": "к"}, "file": "book", "head_rows": 2,
        "head": ["Номер", "Дата", "Корреспондент / Наименование", "Корреспондент / Счет", "Сумма / Кредит"],
        "columns": {
            "number": {"head": "Номер"}, "paid_on": {"head": "Дата", "date": "%d.%m.%Y"}, "bank": {"value": BANK},
            "account": {"head": "Корреспондент / Счет"}, "amount": {"head": "Сумма / Кредит"},
        },
        "lines": [r"Всего;(?P<count>\d+);;;(?P<sum>[\d .,]+)"],
    })  # fmt: skip
    table = [["Номер", "Дата", "Корреспондент", None, "Сумма"], [None, None, "Наименование", "Счет", "Кредит"]]
    table += [[p.number, "05.09.2026", "Ким А.", p.account, float(p.amount)] for p in PAID]
    table += [["Всего", len(PAID), None, None, float(total(PAID))]]
    found = read_form(xls(table), "a.xls", replace(rules, banks={"two_rows": layout}), reader)
    assert isinstance(found, FormTable) and rows(found) == WANTED and told(found) == []
