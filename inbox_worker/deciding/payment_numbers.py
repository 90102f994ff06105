"""Numbers of payments that were written another way than in an earlier register, or in the reversal's own (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.settings.likeness import are_alike, code_skeleton

_PLAIN = r"^\d+$"
_COLUMNS = ["bank", "account", "number", "paid_on", "amount"]


def numbers_known(rows: pa.Table, earlier: pa.Table) -> Iterator[tuple[int, str, list[str], bool]]:
    """Row, its number, the known numbers it may be, and whether several of them are a reason to refuse.

    A reversal is looked for among all payments of its bank and account, these of its own register included; a payment
    among those of its day, for then it was sent before. Numbers of digits alone differ only from others.
    """
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(rows.column("number"), _PLAIN)), False)
    old = _beside(rows, earlier, bool(pc.any(odd).as_py()))
    if not pc.any(odd).as_py() and not old.num_rows:
        return
    before, ever = _by_code(old.to_pylist()), _by_code([*old.to_pylist(), *_payments(rows).to_pylist()])
    for index, row in enumerate(rows.select(_COLUMNS).to_pylist()):
        if None in row.values():
            continue
        back = row["amount"] < Decimal(0)
        there = (ever if back else before).get((row["bank"], row["account"], code_skeleton(row["number"])), set())
        numbers = {number for number, day in there if back or day == row["paid_on"]}
        fitting = [number for number in numbers if are_alike(number, row["number"])]
        if fitting and row["number"] not in fitting:
            yield index, row["number"], fitting, back


def _by_code(payments: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], set[tuple[str, date]]]:
    """Numbers and days of payments by bank, account and what their number is to a person."""
    found: dict[tuple[str, str, str], set[tuple[str, date]]] = {}
    for row in payments:
        if row["number"]:
            key = (row["bank"], row["account"], code_skeleton(row["number"]))
            found.setdefault(key, set()).add((row["number"], row["paid_on"]))
    return found


def _beside(rows: pa.Table, earlier: pa.Table, odd: bool) -> pa.Table:
    """Earlier payments of the accounts asked; where all numbers are digits alone, those whose numbers are not."""
    if not earlier.num_rows:
        return rows.slice(0, 0)
    there = pc.is_in(earlier.column("account"), value_set=rows.column("account").combine_chunks())
    old = _payments(earlier.filter(there))
    return old if odd else old.filter(pc.invert(pc.match_substring_regex(old.column("number"), _PLAIN)))


def _payments(rows: pa.Table) -> pa.Table:
    """Rows that pay; only reversals are looked for among them."""
    return rows.select(_COLUMNS).filter(pc.greater(rows.column("amount"), pa.scalar(Decimal(0), pa.decimal128(18, 2))))
