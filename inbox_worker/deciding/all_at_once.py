"""The first answer to a refused form tells also what later steps would find in it (4.3.2).

Nothing here changes an outcome: the form is refused already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.checks import run_checks
from inbox_worker.deciding.held_for import find_wanted_documents
from inbox_worker.deciding.table import CheckedTable, rows_of
from inbox_worker.deciding.wording import is_error

# Nobody can mend these by mending cells: what else is wrong in the form does not matter
_HOPELESS = frozenset({
    "form.operator_only", "form.not_a_register", "bank.other_form", "bank.mailbox", "bank.unproven", "bank.another",
    "customer.no_utilities", "contract.ended", "form.empty", "form.empty_replacement",
})  # fmt: skip
_OF_MONTH = frozenset({"month.too_far", "month.closed"})
_TO_DELETE = frozenset({"rows.struck_out", "value.struck_out", "row.words_against"})
_OF_ANOTHER = "sender.other_customer"  # lines of a Customer for whom the sender does not speak are not shown to him


def find_all_else(case: Case, refused_for: Sequence[Finding]) -> list[Finding]:
    """Return what the checks find in the rows of a form that is refused as a whole, and the documents that it will
    need. Rows are checked as those of the Customer that the sender speaks for, in the month that the calendar gives."""
    errors = {finding.code for finding in refused_for if is_error(finding, case.rules)}
    if errors & _HOPELESS:
        return []
    checked = _as_mended(case, errors)
    known = checked.rule.operator or (checked.customer is not None and _OF_ANOTHER not in errors)
    found = []
    if checked.form.rows.num_rows:
        table = CheckedTable(checked)
        found = run_checks(table, checked, alone=not known)
    if not case.form.rows.num_rows:  # a column is not there: only what is wrong in a cell of the others is sure
        found = [finding for finding in found if finding.row and finding.cell]
    return found + find_documents_needed(checked)


def find_documents_needed(case: Case) -> list[Finding]:
    """Return a finding when the mended form is to come with documents (4.3.2), and why those that came are none."""
    if find_wanted_documents(case) is None:
        return []
    facts = {"form": case.rule.title.ru, "form_kk": case.rule.title.kk, "clause": case.rule.clause}
    return [Finding("documents.needed", facts=facts), *case.broken]


def find_nothing_left(case: Case, errors: Sequence[Finding]) -> list[Finding]:
    """Return a finding where every row of a form is asked to be deleted if it is not needed: the form that would then
    come has none, and would be refused for that."""
    asked = {(finding.sheet, finding.row) for finding in errors if finding.code in _TO_DELETE}
    rows = set(rows_of(case.form.rows, "sheet", "row"))
    return [Finding("form.nothing_left")] if rows and rows <= asked else []


def _as_mended(case: Case, errors: set[str]) -> Case:
    """Return the case with what stands for the header's values that are wrong, and the rows that could be read."""
    form, customer = case.form, case.customer
    if errors & _OF_MONTH:
        form = replace(form, header={key: cell for key, cell in form.header.items() if key != "month"})
    if not form.rows.num_rows and form.partial is not None:
        form = replace(form, rows=form.partial)
    if customer is None and not case.rule.operator and len(case.own_customers) == 1:
        customer = case.own_customers[0]
    return replace(case, form=form, customer=customer)
