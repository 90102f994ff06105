"""Numbers of payments that were written another way than in an earlier register, or in the reversal's own (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.likeness import are_alike, code_skeleton

_PLAIN = r"^\d+$"
_COLUMNS = ["bank", "account", "number", "paid_on", "amount"]


def numbers_known(rows: pa.Table, earlier: pa.Table) -> Iterator[tuple[int, str, list[str], bool]]:
    """Row, its number, the known numbers it may be, and whether several of them are a reason to refuse.

    A reversal is looked for among all payments of its bank and account, these of its own register included; a payment
    among those of its day, for then it was sent before. Numbers of digits alone differ only from others.
    """
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(rows.column("number"), _PLAIN)), False)
    known = _beside(rows, earlier, bool(pc.any(odd).as_py()))
    if known is None:
        return
    payments: dict[tuple[str, str, str], set[tuple[str, date]]] = {}
    for row in known.to_pylist():
        if row["number"]:
            key = (row["bank"], row["account"], code_skeleton(row["number"]))
            payments.setdefault(key, set()).add((row["number"], row["paid_on"]))
    for index, row in enumerate(rows.select(_COLUMNS).to_pylist()):
        if None in row.values():
            continue
        there = payments.get((row["bank"], row["account"], code_skeleton(row["number"])), set())
        back = row["amount"] < Decimal(0)
        numbers = {number for number, day in there if back or day == row["paid_on"]}
        fitting = [number for number in numbers if are_alike(number, row["number"])]
        if fitting and row["number"] not in fitting:
            yield index, row["number"], fitting, back


def _beside(rows: pa.Table, earlier: pa.Table, odd: bool) -> pa.Table | None:
    """Payments of the accounts asked, earlier ones and those of the register itself; None where no number is odd."""
    own = rows.select(_COLUMNS)
    if not earlier.num_rows:
        return _payments(own) if odd else None
    there = pc.is_in(earlier.column("account"), value_set=rows.column("account").combine_chunks())
    old = earlier.filter(there).select(_COLUMNS)
    if not odd:
        old = old.filter(pc.invert(pc.match_substring_regex(old.column("number"), _PLAIN)))
    if not odd and not old.num_rows:
        return None
    return pa.concat_tables([old, _payments(own)], promote_options="permissive")


def _payments(rows: pa.Table) -> pa.Table:
    """Rows that pay; only reversals are looked for among them."""
    return rows.filter(pc.greater(rows.column("amount"), pa.scalar(Decimal(0), rows.column("amount").type)))
