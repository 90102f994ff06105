"""Check what files and registers say of banks: the БИК, the bank of an account, the days of payments (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.payee_accounts import is_of_bank
from inbox_worker.deciding.table import CheckedTable, check, show
from inbox_worker.ledger.banks import find_banks
from inbox_worker.settings.bank_codes import find_bank_of

_LIKE = 0.7  # the share of signs in which a known БИК is near: one of eight differs, or two change places
_NOTHING = "—"
_BIC = 8  # signs of a bank; a branch has three more


class _Alike(NamedTuple):
    """The rows with the same values: the position of the first of them, and how many they are."""

    values: tuple[Any, ...]
    first: int
    rows: int


@check
def bank_known(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Warn once of a БИК that neither rules/bank_codes.yaml nor the register of banks has, with the nearest that is
    known: after a slip of the pen the money would be another bank's, and no statement would agree with it (4.1.7)."""
    names = {bic: bank.name for bank in case.rules.bank_codes.values() for bic in (bank.bic, *bank.earlier)}
    names |= {bic: bank.name for bic, bank in find_banks(case.office.journal, case.office.home.ledger).items()}
    known = {bic[:_BIC] for bic in names}
    return [
        table.make_finding("bic.unknown", one.first, column, near=_find_near(one.values[0], names))
        for one in _group(table, column)
        if one.values[0][:_BIC] not in known
    ]


def _find_near(bic: str, names: Mapping[str, str]) -> str:
    near = get_close_matches(bic, list(names), 1, _LIKE)
    return f"{near[0]} ({names[near[0]]})" if near else _NOTHING


@check
def account_of_bank(table: CheckedTable, case: Case, account: str, bank: str) -> list[Finding]:
    """Warn once of an account that is not of the bank whose БИК stands beside it, where the account's is known."""
    found = []
    for (iban, bic), first, _ in _group(table, account, bank):
        if not is_of_bank(case.rules, iban, bic):
            named = find_bank_of(case.rules.bank_codes, iban)
            owner = f"{named.bic} ({named.name})" if named else _NOTHING
            found.append(table.make_finding("bic.of_another", first, bank, iban=iban, owner=owner))
    return found


@check
def payment_days(table: CheckedTable, case: Case, column: str, days_back: int, days_ahead: int) -> list[Finding]:
    """Refuse payments of days to come, each day told once: that money is in no bank yet. Until the end of the first
    open month they are warned of: nobody closes it before, and a banking day may begin in the evening. `days_ahead`:
    so many days are never refused; so many back, a day is a slip of the pen."""
    came, found = case.received_on, []
    usual, last = came - timedelta(days=days_back), came + timedelta(days=days_ahead)
    if open_month := case.first_open or case.office.directory.first_month():
        last = max(last, open_month.last_day)
    spans = {"first": show(usual), "last": show(came), "clause": table.rule.clause}
    for (day,), first, rows in _group(table, column):
        if day > last:
            facts = {"count": str(rows), "received": show(came)}
            found.append(table.make_finding("register.day_ahead", first, column, **facts))
        elif not usual <= day <= came:
            code = "date.unlikely" if day > came else "date.absurd"
            found.append(table.make_finding(code, first, column, **spans))
    return found


def _group(table: CheckedTable, *columns: str) -> list[_Alike]:
    """Return the different values of columns that are all filled, in the order of their first rows."""
    values = pa.table({name: table.column(name) for name in columns}).append_column(
        "at", pa.array(np.arange(len(table)))
    )
    groups = values.drop_null().group_by(list(columns)).aggregate([("at", "min"), ("at", "count")])
    alike = (_Alike(tuple(row[name] for name in columns), row["at_min"], row["at_count"]) for row in groups.to_pylist())
    return sorted(alike, key=lambda one: one.first)
