"""Check what files and registers say of banks: the БИК, the bank of an account, the days of payments (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.payee_accounts import is_of_bank
from inbox_worker.deciding.register_checks import find_largest
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show, show_sum
from inbox_worker.ledger.banks import find_banks
from inbox_worker.settings.bank_codes import find_bank_of

_LIKE = 0.7  # the share of signs in which a known БИК is near: one of eight differs, or two change places
_NOTHING = "—"
_SAME = ("bank", "paid_on", "account", "amount")  # of a payment that came twice
_ASKED = [*_SAME, "number", "submission", "row"]
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


@check
def payment_usual(table: CheckedTable, case: Case, most: str) -> list[Finding]:
    """Warn of payments over `most`, once, at the largest: a slip of the bank, or another's money. What a bank brought
    is posted all the same."""
    return find_largest(table, "amount", Decimal(most), "register.payment_unusual")


@check
def payment_once(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of payments whose number differs by zeros in front alone from one of the same bank, day, account and sum:
    a spreadsheet takes them away, so one payment may have come twice (4.1.7)."""
    found, met = [], dict[tuple[Any, ...], tuple[str, str]]()
    for bare, *same, number, submission, row, index in _alike_without_zeros(table.form.rows, case.earlier):
        known, place = met.setdefault((bare, *same), (number, f"{submission or case.id}, {row}"))
        if known != number and not submission:
            facts = {"account": same[2], "amount": show_sum(same[3]), "known": known, "place": place}
            found.append(table.make_finding("register.payment_twice", index, "number", **facts))
    return found


def _alike_without_zeros(rows: pa.Table, earlier: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Yield payments, earlier ones first, that others of their bank, day, account and sum are alike but for zeros in
    front of the number: the number without them, what is the same, number, submission ('' = these rows), row, place."""
    every = rows.append_column("submission", pa.repeat("", rows.num_rows))
    if earlier.num_rows:
        old = earlier.filter(pc.is_in(earlier.column("account"), value_set=rows.column("account").combine_chunks()))
        every = pa.concat_tables([old.select(_ASKED), every.select(_ASKED)], promote_options="permissive")
    at = np.arange(every.num_rows) - every.num_rows + rows.num_rows
    every = every.select(_ASKED).append_column("at", pa.array(at)).drop_null()
    every = every.filter(pc.greater(every.column("amount"), pa.scalar(Decimal(0))))
    if not pc.any(pc.starts_with(every.column("number"), "0")).as_py():
        return
    every = every.append_column("bare", pc.utf8_ltrim(every.column("number"), "0"))
    numbers = every.group_by(["bare", *_SAME]).aggregate([("number", "count_distinct")])
    several = numbers.filter(pc.greater(numbers.column("number_count_distinct"), 1))
    among = every.filter(pc.is_in(every.column("bare"), value_set=several.column("bare").combine_chunks()))
    yield from rows_of(among, "bare", *_ASKED, "at")


def _group(table: CheckedTable, *columns: str) -> list[_Alike]:
    """Return the different values of columns that are all filled, in the order of their first rows."""
    values = pa.table({name: table.column(name) for name in columns}).append_column(
        "at", pa.array(np.arange(len(table)))
    )
    groups = values.drop_null().group_by(list(columns)).aggregate([("at", "min"), ("at", "count")])
    alike = (_Alike(tuple(row[name] for name in columns), row["at_min"], row["at_count"]) for row in groups.to_pylist())
    return sorted(alike, key=lambda one: one.first)
