"""Every odd workbook gives what `expected.yaml` says, and goes back to its sender (4.1.15)."""

from __future__ import annotations

from typing import Any

import pytest
from odd_books import BOOKS, PLAIN, xlsx

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.deciding.wording import word_all
from inbox_worker.forms.marked import build_answer
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.preflight import unzip
from tests.support.office import ROOT
from tests.support.slips import read

RULES = load_rules(ROOT / "rules")
EXPECTED: dict[str, dict[str, Any]] = read(ROOT / "tests/workbooks/expected.yaml")


def values(form: FormTable) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in ("sheet", "row")} for row in form.rows.to_pylist()]


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return sorted(finding.code for finding in findings)


@pytest.fixture(scope="session")
def plain(reader: CellReader) -> list[dict[str, Any]]:
    form = read_form(xlsx(PLAIN), "plain.xlsx", RULES, reader)
    assert isinstance(form, FormTable)
    return values(form)


def test_every_file_has_its_expectation_and_there_are_enough() -> None:
    assert set(BOOKS) == set(EXPECTED)
    assert len(BOOKS) >= 100


@pytest.mark.quick(*range(0, 140, 3))
@pytest.mark.parametrize("name", BOOKS)
def test_file(name: str, plain: list[dict[str, Any]], reader: CellReader) -> None:
    data, expected, shown = BOOKS[name](), EXPECTED[name], name
    if name.endswith(".zip"):
        (member,) = unzip(data, RULES.limits)
        data, shown = member.data, member.name
    found = read_form(data, shown, RULES, reader)
    if "form" not in expected:
        assert isinstance(found, tuple)
        assert codes(found) == expected["codes"]
    else:
        assert isinstance(found, FormTable), found
        assert (found.form, found.rows.num_rows, codes(found.findings)) == (
            expected["form"],
            expected["rows"],
            expected["codes"],
        )
        assert (values(found) == plain) is expected["same"]
        for column, text in expected.get("first", {}).items():
            value = values(found)[0][column]
            assert (None if value is None else str(value)) == text
    findings = found.findings if isinstance(found, FormTable) else found
    worded = word_all(findings, RULES)
    answer = build_answer(data, shown, worded, "IW-000001-1", RULES, reader.marking)
    again = read_form(answer.data, "back.xlsx", RULES, reader)
    if isinstance(found, FormTable) and answer.data and _is_carried(name):
        assert isinstance(again, FormTable), again
        assert values(again) == values(found)


def _is_carried(name: str) -> bool:
    """Whether the file itself goes back: an .xlsx; of formulas only the cells, for values wait for Excel."""
    return name.endswith((".xlsx", ".xlsm")) and not name.startswith("formula_with_value")
