"""Changes of the register of Customers by confirmed forms: requisites, the first head (4.3.3, 4.3.4).

It counts from the day it was confirmed or, where that is later, from the day that its row names: until then the old
requisites stay valid. Another row, of a requisite that the register does not have, is entered by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from inbox_worker.core.model import Customer, Finding
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.notice_checks import NOTICE
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.ledger.customers import CustomerVersion

LEFT_TO_STAFF = "register.by_hand"


@dataclass(frozen=True)
class RegisterChange:
    """One field that a row changes, and from which day."""

    index: int
    begins: date
    field: str
    column: str
    becomes: Any
    clause: str


def tell_changes(case: Case) -> list[Finding]:
    """Return what each row of a confirmed form changed, was and since when; where it is a person's, that it is."""
    table, changes, found = CheckedTable(case), _find_changes(case), list[Finding]()
    known = dict[str, Any]()
    for change in changes:
        name = _words_of(case, change)
        was = known.get(change.field, getattr(_customer_on(case, change.begins), change.field))
        known[change.field] = change.becomes
        if change.becomes == was:
            continue
        facts = {"field": name["column"], "field_kk": name["column_kk"], "was": _show(was) or "—"}
        facts |= {"since": show(change.begins), "clause": change.clause}
        facts |= (
            table.texts.words("fact.yes").facts("becomes")
            if change.becomes is True
            else {"becomes": _show(change.becomes) or "—"}
        )
        found.append(table.make_finding("register.changed", change.index, case.rule.place_of(change.column), **facts))
    if case.rule.form == NOTICE or not case.rule.in_register:
        return found
    acting = {change.index for change in changes}
    first = case.rule.key[0]
    others = [index for index in range(len(table)) if index not in acting]
    return found + [table.make_finding(LEFT_TO_STAFF, index, first, clause=case.rule.clause) for index in others]


def changed_versions(case: Case) -> list[CustomerVersion]:
    """Return the versions of the Customer that a posted form makes, one a day from which something counts."""
    if case.customer is None:
        return []
    changed, versions = dict[str, Any](), []
    moment = case.acted_at or case.arrival.received_at
    for begins, changes in groupby(_find_changes(case), key=lambda change: change.begins):
        changed |= {change.field: change.becomes for change in changes}
        customer = replace(_customer_on(case, begins), **changed)
        versions.append(CustomerVersion(customer, begins, moment, case.confirmed or case.sender, case.id))
    return versions


def describe_changes(case: Case) -> str:
    """Write the changes as the chain of acts keeps them: each field, what it becomes, since when."""
    each = (f"{change.field} -> {_show(change.becomes)} from {change.begins}" for change in _find_changes(case))
    return f"{case.id}: {'; '.join(each)}"


def _find_changes(case: Case) -> list[RegisterChange]:
    """Return the changes in the order they count, those of a day as they stand in the form."""
    return sorted(_each_change(case), key=lambda change: (change.begins, change.index))


def _each_change(case: Case) -> Iterator[RegisterChange]:
    if not case.rule.in_register:
        return
    confirmed_on = to_almaty(case.acted_at or case.arrival.received_at).date()
    for index, row in enumerate(case.form.rows.to_pylist()):
        for field, column in case.rule.in_register.items():
            if row[column] is not None:
                value: Any = tuple(row[column].split(";")) if field == "emails" else row[column]
                value = True if field == "no_depersonalised" else value  # the row says it by being there
                begins = max(confirmed_on, row["changed_on"] or confirmed_on)
                yield RegisterChange(index, begins, field, column, value, row.get("clause") or case.rule.clause)


def _words_of(case: Case, change: RegisterChange) -> dict[str, str]:
    """Return what a field is called: as the register's form does, or, where an older home's has no such column, as the
    form that told it."""
    columns = case.rules.forms["customers"].columns
    found = next((column for column in columns if column.name == change.field), None)
    return (found or case.rule.column(change.column)).facts


def _customer_on(case: Case, day: date) -> Customer:
    return case.office.journal.customers.on(day)[case.bin]


def _show(value: Any) -> str:
    return "; ".join(value) if isinstance(value, tuple) else "" if value is False else show(value)
