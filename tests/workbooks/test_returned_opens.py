"""A workbook that goes back marked has no fault of ours for Excel to mend, however odd it came (4.3.2)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from zipfile import BadZipFile

import pytest
from lxml.etree import XMLSyntaxError
from odd_books import BOOKS
from test_returned import WARNED, WRONG, answer

from inbox_worker.workbooks.cells import CellReader
from tests.support.excel_rules import faults

LONG = [replace(WRONG, cell=f"E{row}", message="Ұ " * 9000, value="x" * 40_000) for row in range(20)]
FOUND = [replace(one, sheet=sheet) for sheet in ("Sheet1", "Sheet", "Лист1") for one in (WRONG, WARNED)]


@pytest.mark.quick("plain.xlsx", "our_list_of_findings_in_it.xlsx")
@pytest.mark.parametrize("name", [name for name in BOOKS if name.endswith((".xlsx", ".xlsm"))])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_answer_has_no_fault_that_its_workbook_had_not(name: str, reader: CellReader) -> None:
    data, own = BOOKS[name](), set[str]()
    with suppress(BadZipFile, KeyError, XMLSyntaxError, TypeError, AttributeError, ValueError):
        own = set(faults(data))  # one that cannot even be looked at goes back as a list alone
    assert set(faults(answer(data, reader, *FOUND, *LONG, name=name))) <= own
