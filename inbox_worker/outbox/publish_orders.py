"""Payment orders into the outbox, as their bank reads them and as people do (4.1.7)."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from inbox_worker.core.files import read_small_file
from inbox_worker.documents.order_files import OrderBatch
from inbox_worker.documents.order_list import KIND, render_orders
from inbox_worker.ledger.banks import bank_of, find_banks
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.office import Office
from inbox_worker.month.ordering import make_orders
from inbox_worker.outbox.bank_papers import GONE, find_names, put_up_paper
from inbox_worker.outbox.order_papers import take_back_orders


def put_up_orders(office: Office, now: datetime, upto: date | None = None) -> list[tuple[PaymentOrder, Path]]:
    """Order what can go, and put up for review the files of orders that are not approved yet, with the list of each
    batch. Return the orders in them, each with the file for its bank. A job killed midway is simply repeated.

    Orders of a rejected file, and those whose account does not count any more, are taken back first.
    """
    take_back_orders(office, now)
    make_orders(office, now, upto)
    gone = find_names(office, KIND, GONE)
    banks, template = find_banks(office.journal, office.home.ledger), office.home.document_template("orders_1c.txt")
    put: list[tuple[PaymentOrder, Path]] = []
    for _, of in groupby(office.journal.transfers.orders(), key=lambda order: order.batch):
        waiting = [order for order in of if order.state is OrderState.ORDERED]
        if not waiting:
            continue
        batch = OrderBatch(waiting, office.home.operator, {bic: bank.name for bic, bank in banks.items()})
        if f"{batch.stem}.xlsx" not in gone:
            bank = bank_of(banks, batch.first.bank)
            documents = render_orders(batch, bank.format, read_small_file(template).decode("utf-8"), office.rules)
            of_batch = {"batch": str(batch.first.batch), "orders": " ".join(str(order.number) for order in waiting)}
            paths = put_up_paper(office, batch.month, documents, bank.bic, of_batch, now)
            put += [(order, paths[-1]) for order in waiting]
    return put
