"""Leading zeros that a spreadsheet took away: `0012` became 12 (4.3.1)."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.decision.table import CheckedTable, Context
from inbox_worker.form_rules import FormRule
from inbox_worker.model import Finding, FormTable

_MAKES_ACCOUNTS = ("new_houses",)  # its accounts are new: a likeness to an old one means nothing


def restore_zeros(form: FormTable, rule: FormRule, context: Context) -> tuple[FormTable, list[Finding]]:
    """The form with account numbers as the directory has them, and a warning for each that was mended.

    A number that is not the Customer's is taken for one of his accounts when exactly one of them differs from it by
    leading zeros only; when two fit it stays as written, and is an unknown account.
    """
    has_account = any(column.name == "account" and column.type == "account" for column in rule.columns)
    if rule.operator or rule.form in _MAKES_ACCOUNTS or not has_account or context.lines.empty:
        return form, []
    written = form.rows.column("account").combine_chunks()
    own = pc.unique(pa.array(context.lines["account"], pa.string(), from_pandas=True))
    strangers = pc.and_(pc.is_valid(written), pc.invert(pc.is_in(written, value_set=own)))
    if not pc.any(strangers).as_py():
        return form, []
    known: dict[str, list[str]] = {}
    for account in own.to_pylist():
        known.setdefault(account.lstrip("0"), []).append(account)
    mended: dict[int, str] = {}
    for index in pc.indices_nonzero(strangers).to_pylist():
        fitting = known.get(written[index].as_py().lstrip("0"), [])
        if len(fitting) == 1:
            mended[index] = fitting[0]
    if not mended:
        return form, []
    table = CheckedTable(form, rule, context.rules)
    findings = [table.finding("account.zeros_restored", i, "account", account=text) for i, text in mended.items()]
    accounts = written.to_pylist()
    for index, text in mended.items():
        accounts[index] = text
    place = form.rows.column_names.index("account")
    rows = form.rows.set_column(place, "account", pa.array(accounts, pa.string()))
    return replace(form, rows=rows), findings
