"""Record what statements and banks say of payment orders, and ask a person about those that came back (4.1.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from inbox_worker.core.model import Submission
from inbox_worker.core.money import show_ru
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.held_for import LONGEST_TASK, task_term
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.tasks import Task
from inbox_worker.ledger.transfers import OrderState
from inbox_worker.month.bank_answers import ORDER_ANSWERS, Answered
from inbox_worker.month.confirming import find_ends, record_ends, unheard_after
from inbox_worker.month.office import Office

ORDER_BACK = "order_back"
_MOST_NAMED = 10


def confirm_fresh(office: Office, fresh: Submission, now: datetime) -> None:
    """Record what a statement or answers that were just posted say of orders, without a look at all that was heard
    before. An answer that confirms an order may have its return in a statement already."""
    unheard = unheard_after(office, fresh.id)
    for _ in range(2 if fresh.form == ORDER_ANSWERS else 1):
        if found := find_ends(office, unheard):
            _record(office, found, now)


def confirm_orders(office: Office, now: datetime) -> None:
    """Record what is known of orders, by all statements and answers."""
    if found := find_ends(office):
        _record(office, found, now)


def _record(office: Office, found: Sequence[Answered], now: datetime) -> None:
    """Record ends of orders in one transaction with a task for each form that brought some back: their money waits for
    a new order, and somebody has to find out why it did not arrive."""
    back = defaultdict[str, list[Answered]](list)
    for one in found:
        if one.state is OrderState.REJECTED:
            back[one.line.partition("/")[0]].append(one)
    with office.journal.transaction() as connection:
        record_ends(connection, office, found)
        for of in back.values():
            _ask(connection, office, of, now)


def _ask(connection: Connection, office: Office, back: Sequence[Answered], now: datetime) -> None:
    orders = [one.order for one in back]
    customers = list(dict.fromkeys(order.customer for order in orders))
    numbers = ", ".join(str(order.number) for order in orders[:_MOST_NAMED])
    facts = {
        "orders": numbers + (", …" if len(orders) > _MOST_NAMED else ""),
        "sum": show_ru(sum((order.amount for order in orders), Decimal(0))),
        "customer": orders[0].name + (", …" if len(customers) > 1 else ""),
        "reason": next((one.reason for one in back if one.reason), "—"),
    }
    what = office.rules.texts.written.both("task.order_back", **facts)[:LONGEST_TASK]
    made_at = to_almaty(now)
    clause, due = task_term(office.rules, ORDER_BACK, made_at.date())
    about, customer = f"order {orders[0].number}", customers[0] if len(customers) == 1 else ""
    office.journal.tasks.add(connection, Task(ORDER_BACK, customer, SERVICE, what, 0, about, clause, due, made_at))
