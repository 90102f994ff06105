"""For every form: a valid workbook mangled in any of the usual ways reads to the same rows (4.1.15)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mangling import Value, manglings, sample, spoilt

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.forms.typing import arrow_type
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT

RULES = load_rules(ROOT / "rules")
ROWS = 4
PLAINLY = settings(
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # a shrunk example is no clearer than the mangling it prints, and takes minutes
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_SERVICES = {service.ru: service.code for service in RULES.services}


def typed(value: Any, column: ColumnRule) -> Any:
    """What reading must make of a sample."""
    if value is None or value == "":
        return None
    if column.type == "service":
        return _SERVICES[value]
    if column.type == "services":
        return ";".join(_SERVICES[name.strip()] for name in value.split(";"))
    if column.type == "yes_no":
        return value == "да"
    return value


def value_of(rule: FormRule, column: ColumnRule, place: int) -> Value:
    """A valid value; of columns whose type another column says (`Стало`), the example that goes with the other's."""
    bound = {name for part in rule.parts for name in (part.column, *part.when)}
    return column.example if column.name in bound and column.type != "date" else sample(column, place, RULES)


def prove(form: str, data: Any, reader: CellReader) -> None:
    rule = RULES.forms[form]
    optional = [c.name for c in rule.columns if not c.required]
    rows = []
    for place in range(ROWS):
        left_out = set(data.draw(st.lists(st.sampled_from(optional), unique=True))) if optional else set()
        rows.append({c.name: None if c.name in left_out else value_of(rule, c, place) for c in rule.columns})
    how = data.draw(manglings(len(rule.columns), ROWS))
    raw, name = spoilt(rule, rows, how)
    found = read_form(raw, name, RULES, reader)
    assert isinstance(found, FormTable), found
    assert found.form == form
    assert [f for f in found.findings if RULES.findings[f.code].severity == "error"] == []
    for column in rule.columns:
        expected = [typed(row[column.name], column) for row in rows]
        assert found.rows.column(column.name).to_pylist() == expected, column.name


@pytest.mark.quick("bank_register", "customers", "directory")
@pytest.mark.parametrize("form", sorted(RULES.forms))
def test_mangled_form_reads_to_the_same_rows(form: str, reader: CellReader) -> None:
    @settings(PLAINLY, max_examples=10)
    @given(st.data())
    def run(data: Any) -> None:
        prove(form, data, reader)

    run()


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(RULES.forms))
def test_mangled_form_reads_to_the_same_rows_at_length(form: str, reader: CellReader) -> None:
    @settings(PLAINLY, max_examples=400)
    @given(st.data())
    def run(data: Any) -> None:
        prove(form, data, reader)

    run()


def test_samples_are_of_the_types_that_columns_have() -> None:
    """Else the comparison above would compare nothing."""
    for rule in RULES.forms.values():
        for column in rule.columns:
            value = sample(column, 1, RULES)
            kind = str(arrow_type(column))
            if value not in (None, "") and kind.startswith(("decimal", "date", "int")):
                assert isinstance(value, Decimal | date | int), column
