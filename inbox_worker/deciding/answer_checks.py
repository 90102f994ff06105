"""Checks of what banks answered to payment orders (4.1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from inbox_worker.core.model import Finding
from inbox_worker.core.money import show_ru
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.bank_answers import find_meant, state_of

_MOST_NAMED = 10


@check
def answered_orders(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse an answer about an order that is not there, of another sum, or of another bank than that which answers;
    tell of each rejected order, and of one whose end is known otherwise."""
    orders, found = case.office.journal.transfers.orders(), list[Finding]()
    for index in range(len(table)):
        scope, number, many, answer = (table.value(index, name) for name in ("scope", "number", "many", "answer"))
        if None not in (scope, number, answer):
            meant = find_meant(case.office, orders, scope, number, many)
            found += _about(table, case, index, meant) or [table.make_finding("answer.no_order", index, "number")]
            sent = [order for order in meant if order.state is not OrderState.REJECTED]
            if meant and many is not None and many not in (len(meant), len(sent)):
                found.append(table.make_finding("answer.count_differs", index, "many", count=str(len(sent))))
    return found


def _about(table: CheckedTable, case: Case, index: int, meant: Sequence[PaymentOrder]) -> list[Finding]:
    """Return what there is to say of the orders of an answer, together."""
    state, amount = state_of(case.office, table.value(index, "answer")), table.value(index, "amount")
    by_code: dict[str, list[PaymentOrder]] = {}
    bank = case.bank or str(table.value(index, "bank") or "")
    for order in meant:
        differs = amount is not None and amount != order.amount
        by_code.setdefault("answer.sum_differs" if differs else _code_of(order, state, bank), []).append(order)
    found = []
    for code, orders in by_code.items():
        named = ", ".join(str(order.number) for order in orders[:_MOST_NAMED])
        total = show_ru(sum((order.amount for order in orders), Decimal(0)))
        facts = {"orders": named + (", …" if len(orders) > _MOST_NAMED else ""), "sum": total}
        facts |= {"customer": orders[0].name, "reason": table.value(index, "reason") or "—"}
        found.append(table.make_finding(code, index, "number", **facts))
    return found


def _code_of(order: PaymentOrder, state: OrderState, bank: str) -> str:
    """Return what there is to say of an order that is answered."""
    if bank and order.bank != bank:
        return "answer.another_bank"
    if order.state not in (OrderState.ORDERED, state) and state is not OrderState.ORDERED:
        return "answer.contradicts"
    return "answer.rejected" if state is OrderState.REJECTED else "answer.taken"
