"""Checks of a statement of the transit account, and of the register of banks (4.1.7)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show


@check
def statement_sides(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse a line that is not exactly one of debit and credit, or whose sum is not above zero."""
    sides = [np.asarray(pc.fill_null(pc.not_equal(table.column(name), _ZERO), False)) for name in ("debit", "credit")]
    minus = [np.asarray(pc.fill_null(pc.less(table.column(name), _ZERO), False)) for name in ("debit", "credit")]
    return table.each("statement.sides", (sides[0] == sides[1]) | minus[0] | minus[1], "reference")


@check
def statement_balances(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse whole a statement without balances, or whose lines do not lead from one to the other."""
    stated = table.form.control_sum
    if stated is None:
        return [Finding("statement.no_balances", value="—")]
    sums = [pc.sum(table.column(name)).as_py() or Decimal(0) for name in ("credit", "debit")]
    if stated == sums[0] - sums[1]:
        return []
    facts = {"stated": show(stated), "counted": show(sums[0] - sums[1])}
    return [Finding("statement.balance_differs", value="—", facts=facts)]


@check
def bank_terms(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse a commission of more than all that is received, and a limit of an order that no sum could be within: one
    not above the bank's fee for a transfer waits for more."""
    limit, fee = table.column("order_limit"), pc.fill_null(table.column("transfer_fee"), Decimal(0))
    small = table.each("bank.limit_small", pc.less_equal(limit, fee), "order_limit")
    return small + table.each("bank.commission_absurd", pc.greater(table.column("commission"), 100), "commission")


_ZERO = pa.scalar(Decimal(0), pa.decimal128(18, 2))
