"""Files of payment orders that must not go to a bank any more, and what becomes of their orders (4.1.7, 4.3.3, 7.1).

An order leaves its file when it is approved. Until then it follows the account that counts, and the decision of the
people who review it: what is taken back waits, or is ordered under a new number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from inbox_worker.core.time import to_almaty
from inbox_worker.documents.order_list import KIND
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.office import Office
from inbox_worker.month.ordering import find_misdirected
from inbox_worker.outbox.problems import Problem

_REJECTED, _CHANGED = "file rejected", "account changed"
WHY_BACK = {_REJECTED: "order_back.file_rejected", _CHANGED: "order_back.account_changed"}  # journal's -> text's
_LEFT = (DocumentState.APPROVED, DocumentState.SENT)


def take_back_orders(office: Office, now: datetime) -> list[PaymentOrder]:
    """Take back the orders of files that people rejected, and those not approved yet whose account does not count any
    more, in one transaction. Return them."""
    transfers, versions = office.journal.transfers, office.journal.documents.versions(kinds=[KIND])
    left = {_batch_of(version) for version in versions if version.state in _LEFT}
    waiting = [order for order in transfers.orders([OrderState.ORDERED]) if order.batch not in left]
    refused = {_batch_of(version) for version in versions if version.state is DocumentState.REJECTED}
    misdirected = find_misdirected(office, waiting, to_almaty(now).date())
    back = [order for order in waiting if order.batch in refused or order.number in misdirected]
    if back:
        with office.journal.transaction() as connection:
            for order in back:
                why = _REJECTED if order.batch in refused else _CHANGED
                transfers.settle(connection, order.number, OrderState.REJECTED, why)
                record_act(connection, "order taken back", str(order.number), now, who=SERVICE, details=why)
    return back


def find_old_orders(office: Office, versions: Sequence[Version], now: datetime) -> list[Problem]:
    """Find files that hold an order which came back, or whose account does not count any more: a bank that got them
    would pay twice, or to the wrong account."""
    files = [version for version in versions if version.kind == KIND]
    if not files:
        return []
    orders = office.journal.transfers.orders()
    misdirected = find_misdirected(office, orders, to_almaty(now).date())
    found = []
    for version in files:
        stated = str(version.entry.get("made_of", {}).get("orders", "")).split()
        own = [order for order in orders if order.batch == _batch_of(version)]
        held = [order for order in own if str(order.number) in stated] if stated else own
        bad = [one for one in held if one.state is not OrderState.ORDERED or one.number in misdirected]
        if bad:
            found.append(Problem("outbox.old_orders", version.place, version.id, _name(bad)))
    return found


def _name(orders: Sequence[PaymentOrder]) -> str:
    return ", ".join(f"№ {order.number}" for order in orders[:10]) + (", …" if len(orders) > 10 else "")


def _batch_of(version: Version) -> int:
    return int(version.entry.get("made_of", {}).get("batch", 0))
