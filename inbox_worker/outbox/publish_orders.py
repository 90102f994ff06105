"""Payment orders into the outbox, as their bank reads them and as people do (4.1.7)."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from inbox_worker.documents.order_files import OrderBatch
from inbox_worker.documents.order_list import KIND, render_orders
from inbox_worker.ledger.banks import bank_of, find_banks
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.office import Office
from inbox_worker.month.ordering import make_orders
from inbox_worker.outbox.bank_papers import GONE, find_names, put_up_paper


def put_up_orders(office: Office, now: datetime, upto: date | None = None) -> list[tuple[PaymentOrder, Path]]:
    """Order what can go, and put up for review the files of orders that are not approved yet, with the list of each
    batch. Return the orders in them, each with the file for its bank. A job killed midway is simply repeated."""
    make_orders(office, now, upto)
    gone = find_names(office, KIND, GONE)
    banks, template = find_banks(office.journal, office.home.ledger), office.home.document_template("orders_1c.txt")
    put: list[tuple[PaymentOrder, Path]] = []
    for _, of in groupby(office.journal.transfers.orders(), key=lambda order: order.batch):
        batch = OrderBatch(list(of), office.home.operator, {bic: bank.name for bic, bank in banks.items()})
        waiting = [order for order in batch.orders if order.state is OrderState.ORDERED]
        if waiting and f"{batch.stem}.xlsx" not in gone:
            bank = bank_of(banks, batch.first.bank)
            documents = render_orders(batch, bank.format, template.read_text("utf-8"), office.rules)
            paths = put_up_paper(office, batch.month, documents, bank.bic, {"batch": batch.first.batch}, now)
            put += [(order, paths[-1]) for order in waiting]
    return put
