"""4.3.2: a form with two faults that have nothing to do with each other hears of both at once, whatever form it is."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import combinations

import openpyxl
import pytest

from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT, TownOffice, customer, line
from tests.support.papers import File

RULES = load_rules(ROOT / "rules")
FORMS = sorted(form for form, rule in RULES.forms.items() if not rule.operator)
GARBAGE = "?12x"
ABOVE = {"bin": ("БИН заказчика", "050140000012"), "month": ("Месяц учёта", "13.2036")}
Faults = frozenset[str]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("pairs") / "home", reader) as office:
        office.load_customers(customer("A", utilities=True), customer("B", utilities=True, emails="two@firms.example"),
                              customer("C", utilities=True, emails="two@firms.example"))  # fmt: skip
        office.load_directory(line("A", "1001", "maintenance", tariff="31.4155", area="65.30"))
        yield office


def refusable(column: ColumnRule) -> bool:
    """Whether a cell of the column is judged by itself."""
    return column.type not in ("text", "address", "account", "code") and not column.open


def faults_of(rule: FormRule) -> list[str]:
    return [*ABOVE, *(column.name for column in rule.columns if column.required or refusable(column))]


def book(town: TownOffice, rule: FormRule, faults: Faults, by: str) -> bytes:
    """The example of a form with those faults: above the table, or in a column a value that it cannot have, or none."""
    row = {column.name: column.example for column in rule.columns}
    for column in rule.columns:
        if column.name in faults:
            row[column.name] = GARBAGE if refusable(column) else ""
    opened = openpyxl.load_workbook(io.BytesIO(town.form(rule.form, [row], by=by, month="09.2026")))
    for fault in faults & ABOVE.keys():
        label, value = ABOVE[fault]
        [cell] = [c for cells in opened.active.iter_rows() for c in cells if str(c.value).startswith(label)]
        cell.offset(0, 1).value = value
    sink = io.BytesIO()
    opened.save(sink)
    return sink.getvalue()


def hear(town: TownOffice, rule: FormRule, faults: Faults, by: str) -> set[tuple[str, str]]:
    """Code and cell of what the sender of the form hears."""
    file, sender = File("f.xlsx", book(town, rule, faults, by)), "" if by == "A" else "two@firms.example"
    answer = town.mail([file], received="2026-08-20", by=by, sender=sender, mailbox=rule.mailbox)
    return {(finding["code"], finding["cell"]) for finding in answer.findings}


@pytest.mark.slow
@pytest.mark.parametrize(("by", "every"), [("A", 10), *(pytest.param(by, 1, marks=pytest.mark.slow) for by in "AB")])
@pytest.mark.quick("meter_readings-A-10")
@pytest.mark.parametrize("form", FORMS)
def test_two_faults_are_told_in_one_answer(town: TownOffice, form: str, by: str, every: int) -> None:
    """`every`: so many pairs are there for each that is tried."""
    rule = RULES.forms[form]
    clean = hear(town, rule, frozenset(), by)
    alone: Mapping[str, set[tuple[str, str]]] = {
        fault: hear(town, rule, frozenset({fault}), by) - clean for fault in faults_of(rule)
    }
    lost = {
        pair: sorted(wanted - heard)
        for pair in [*combinations(alone, 2)][::every]
        if (wanted := alone[pair[0]] | alone[pair[1]])
        and not wanted <= (heard := hear(town, rule, frozenset(pair), by))
    }
    assert not lost
