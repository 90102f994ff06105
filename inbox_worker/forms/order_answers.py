"""A bank's answer to payment orders, as its file says it -> the typed form order_answers (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.forms.layout_table import as_texts
from inbox_worker.forms.statements import texts_of_sheet
from inbox_worker.forms.typing import type_column
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.bank_answers import ANSWERS, BankAnswer
from inbox_worker.workbooks.sheet import Sheet
from inbox_worker.workbooks.statement_rows import PROBLEMS

FORM = "order_answers"


def read_order_answers(sheets: Iterable[Sheet], rules: Rules) -> FormTable:
    """Return the answers that the reading process found in a file; what it could not understand are findings."""
    texts = {sheet.name: texts_of_sheet(sheet) for sheet in sheets}
    answers = [BankAnswer(int(row[0]), *row[1:]) for row in texts.get(ANSWERS, [])]
    findings = [Finding(row[1], cell=row[0], value=row[2]) for row in texts.get(PROBLEMS, [])]
    rule, rows = rules.forms[FORM], np.array([one.line for one in answers], np.int64)
    columns: dict[str, pa.Array] = {
        "sheet": pa.array([""] * len(answers), pa.string()),
        "row": pa.array(rows.astype(np.int32)),
    }
    for column in rule.columns:
        cells = as_texts([getattr(one, column.name) for one in answers])
        known = column.name in (*rule.key, *rule.compares)
        task = ColumnTask(cells, column, "", "", rows, rules.texts.written, compared=known)
        columns[column.name] = type_column(task, rules)
        findings += task.findings
    return FormTable(FORM, rule.version, {}, pa.table(columns), {"": {}}, tuple(findings), None, None)
