"""Workbooks as customers make them, and one reading process for all tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from inbox_worker.form.read import read_form
from inbox_worker.form.workbook import CellReader
from inbox_worker.model import Finding, FormTable
from inbox_worker.rules import Rules, load_rules

ROOT = Path(__file__).parents[2]
READINGS = ["Лицевой счёт", "Услуга", "№ прибора", "Предыдущее", "Текущее", "Дата снятия"]
RECALCULATIONS = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]
REGISTER = ["Банк (БИК)", "Дата приёма", "№ платежа", "Лицевой счёт", "БИН", "Услуга", "Сумма"]
Read = Callable[..., Any]


def head(form: str, month: object = "09.2026") -> list[list[object]]:
    """The rows above a table."""
    return [
        ["Форма", form],
        ["Версия", "1"],
        ["БИН заказчика", "971240003619"],
        ["Заказчик", "ТОО «Жайлы үй»"],
        ["Месяц учёта", month],
        [],
    ]


def xlsx(*sheets: list[list[object]], first: tuple[int, int] = (0, 0), **options: object) -> bytes:
    """A workbook of rows, a sheet each; a value may be (value, number format)."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, **options}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for r, row in enumerate(rows, first[0]):
                for c, value in enumerate(row, first[1]):
                    if isinstance(value, tuple):
                        sheet.write(r, c, value[0], book.add_format({"num_format": value[1]}))
                    elif value is not None:
                        sheet.write(r, c, value)
    return sink.getvalue()


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules(ROOT / "rules")


@pytest.fixture(scope="session")
def reader(rules: Rules) -> Iterator[CellReader]:
    with CellReader(rules.limits) as cells:
        yield cells


@pytest.fixture
def read(rules: Rules, reader: CellReader) -> Read:
    """Reads bytes as a form that is expected to be recognised."""

    def run(data: bytes, name: str = "форма.xlsx") -> FormTable:
        found = read_form(data, name, rules, reader)
        assert isinstance(found, FormTable), found
        return found

    return run


@pytest.fixture
def refuse(rules: Rules, reader: CellReader) -> Callable[..., Finding]:
    """Reads bytes that are expected to give one finding and no form."""

    def run(data: bytes, name: str = "форма.xlsx") -> Finding:
        found = read_form(data, name, rules, reader)
        assert isinstance(found, tuple) and len(found) == 1, found
        return found[0]

    return run


def told(table: FormTable) -> list[tuple[str, str, str]]:
    """Code, cell and value of each finding."""
    return [(f.code, f.cell, f.value) for f in table.findings]
