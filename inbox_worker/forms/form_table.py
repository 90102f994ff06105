"""A form found in a workbook -> its header, its typed rows and all that is found in it (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.book_findings import find_in_book, find_in_header
from inbox_worker.forms.extra_columns import find_extra_columns
from inbox_worker.forms.forms_in_book import FormsInBook
from inbox_worker.forms.header import take_below, without_said_months
from inbox_worker.forms.missing_columns import find_missing, find_said_above, is_unclear
from inbox_worker.forms.titles import find_titles
from inbox_worker.forms.totals import join_controls
from inbox_worker.forms.typed_sheet import no_rows, type_sheet
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.preflight import Inspection

_HEADER_KEYS = ("form", "version", "customer", "customer_name", "month", "replaces", "customers_named")
_IN_ANOTHER_MEASURE = ("column.other_measure", "column.other_unit")


def make_table(held: FormsInBook, rules: Rules, seen: Inspection) -> FormTable:
    """Return the table of a form; without rows where a required column or the table itself is not there."""
    found, rule = held.found, held.found.rule
    findings = [*find_in_header(found), *find_in_book(found, rules, seen), *held.findings]
    units = rules.vocabulary.spelled.units
    missing, unclear = find_missing(found, rules), any(is_unclear(table, rule, units) for table in found.sheets)
    if any(table.head.twice for table in found.sheets):
        findings += [f for table in found.sheets for f in find_extra_columns(table, rule, rules, np.zeros(0, np.int64))]
    findings += [finding for table in found.sheets for finding in find_said_above(table, rule)]
    parts = [] if unclear else [type_sheet(table, rule, rules) for table in found.sheets]
    rows = pa.concat_tables([part.table for part in parts]) if parts else no_rows(rule)
    control = join_controls([(part.control, part.table) for part in parts])
    findings += [finding for part in parts for finding in part.findings]
    header = {key: cell for key, cell in found.pairs.values.items() if key in _HEADER_KEYS}
    for part in parts:
        findings += take_below(part.below, header)
    return FormTable(
        form=rule.form,
        version=header["version"].text if "version" in header else "",
        header=header,
        rows=no_rows(rule) if missing else rows,
        letters={t.sheet.name: p.letters for t, p in zip(found.sheets, parts, strict=False)},
        findings=(*without_said_months(findings, rule, rows), *_still_missing(missing, findings)),
        control_count=control.count,
        control_sum=control.sum,
        partial=rows if missing else None,
        others=held.others,
        beside={t.sheet.name: p.beside for t, p in zip(found.sheets, parts, strict=False) if p.beside},
        titles=tuple(title for table in found.sheets for title in find_titles(table, rules)),
    )


def _still_missing(missing: Iterable[Finding], findings: Iterable[Finding]) -> list[Finding]:
    """Return findings of missing columns without those of a column that is there in another measure, or as several: to
    add it beside those would be wrong."""
    there = {(one.sheet, one.facts["column"]) for one in findings if one.code in _IN_ANOTHER_MEASURE}
    parted = [one for one in findings if one.code == "column.of_one_value"]
    there |= {(one.sheet, one.facts["own"]) for one in parted}
    into = {(one.sheet, one.facts["into"]) for one in parted}
    return [one for one in missing if (one.sheet, one.value) not in there and (one.sheet, f"«{one.value}»") not in into]
