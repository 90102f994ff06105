"""What documents are compared with: the libraries alone, doing the same by their own calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined
from python_calamine import load_workbook

from inbox_worker.documents.sheet_style import format_properties
from inbox_worker.documents.turnover import COLUMNS, SHEET

Rows = Sequence[Sequence[object]]
_NAMES = {"customer": ("name", "address", "contacts", "bin", "contract", "contract_date", "head"),
          "operator": ("name", "name_kk", "address", "contacts", "bin", "iban", "bank", "bic", "head",
                       "head_position")}  # fmt: skip
_ROW = ("place", "name_ru", "name_kk", "done", "quantity", "price", "cost", "vat")
_COST = ("count", "amount", "product", "rounding", "cost")  # of the appendix
_ACT: dict[str, Any] = {
    **dict.fromkeys(("number", "date", "month_ru", "month_kk", "words_ru", "words_kk"), "x"),
    **dict.fromkeys(("quantity", "total", "vat", "vat_percent"), "x"),
    **{whose: dict.fromkeys(names, "x") for whose, names in _NAMES.items()},
    "rows": [dict.fromkeys(_ROW, "x")],
    "cost": {
        "rows": [dict.fromkeys((*_ROW, *_COST, "percent"), "x")],
        "total": dict.fromkeys((*_COST, "transfer"), "x"),
        "payments_file": "x",
        "scheduled": False,
    },
}


def bare_act(template: Path) -> bytes:
    """The act by docxtpl as its manual shows: the template opened, filled and saved for every act."""
    made = DocxTemplate(template)
    made.render(_ACT, jinja_env=Environment(autoescape=True, undefined=StrictUndefined))
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def cells_of(workbook: bytes) -> Rows:
    """Values of the cells of the statement's sheets of services, one below the other."""
    with load_workbook(BytesIO(workbook)) as book:
        return [row for name in book.sheet_names if name != SHEET for row in book.get_sheet_by_name(name).to_python()]


def bare_turnover(rows: Rows) -> bytes:
    """The same cells by xlsxwriter's own calls, with the formats of their columns and the documents' memory options."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        formats = [book.add_format(format_properties(column.kind, "row")) for column in COLUMNS]
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, (value, shown) in enumerate(zip(row, formats, strict=True)):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(number, place, value, shown)
                    else:
                        sheet.write_blank(number, place, None, shown)
                elif isinstance(value, date):
                    sheet.write_datetime(number, place, value, shown)
                elif isinstance(value, int | float):
                    sheet.write_number(number, place, value, shown)
    return target.getvalue()
