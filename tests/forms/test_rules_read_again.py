"""Rules that are read again are other objects of the same version: a form is read just as before."""

from __future__ import annotations

import copy
import io
from dataclasses import replace

import xlsxwriter

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT


def test_a_header_that_stands_again_goes_on_with_the_form(reader: CellReader) -> None:
    first = load_rules(ROOT / "rules")
    again = replace(first, forms=copy.deepcopy(dict(first.forms)))
    assert again.version == first.version and again.forms["stops"] is not first.forms["stops"]
    columns = first.forms["stops"].columns
    header, row = [c.ru for c in columns], [c.example for c in columns]
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate([header, row, [], header, row]):
            sheet.write_row(place, 0, [str(cell) if cell is not None else "" for cell in cells])
    for rules in (first, again, first):
        found = read_form(sink.getvalue(), "a.xlsx", rules, reader)
        assert isinstance(found, FormTable)
        assert found.rows.num_rows == 2
