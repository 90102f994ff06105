"""Перечень платёжных поручений (4.1.7): the orders of one file for people, and that file in the bank's format."""

from __future__ import annotations

from inbox_worker.core.rendered import Rendered
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.heading import Heading, show_known_bank
from inbox_worker.documents.order_files import OrderBatch, write_1c, write_pain
from inbox_worker.documents.order_mt102 import write_mt102
from inbox_worker.documents.sheet_columns import largest_numbers, money_columns, text_columns
from inbox_worker.documents.sheet_style import SheetColumn
from inbox_worker.documents.view import clean, show_date
from inbox_worker.ledger.banks import LIST, MT102, ONE_C
from inbox_worker.settings.rules import Rules

KIND = "payment_orders"
_COLUMNS = (
    SheetColumn("order", "integer", 16),
    SheetColumn("bin", "apart", 26),
    SheetColumn("beneficiary", width=40, flexible=True),
    *text_columns(bic=20, iban=39, kbe=9, knp=10),
    *money_columns(amount=24),
    SheetColumn("payer_iban", "apart", 42),
    SheetColumn("purpose", width=44, flexible=True),
)


def render_orders(batch: OrderBatch, format_: str, template: str, rules: Rules) -> list[Rendered]:
    """Render a batch as the list for people, and as the file that its bank's `format_` names (ledger/banks.py)."""
    made, first = to_almaty(batch.first.made_at).date(), batch.first
    bank = show_known_bank(rules, batch.banks.get(first.bank, ""), first.bank)
    whose = f", {bank}, {show_date(made)}, № {first.batch}"
    heading = Heading(KIND, rules, batch.month, batch.operator, None, whose)
    book = heading.open_book()
    rows = [
        {**vars(order), "order": order.number, "bin": order.customer, "beneficiary": clean(order.name)}
        for order in batch.orders
    ]
    name = rules.texts.written.words("sheet_name.payment_orders").ru
    page = heading.add_page(book, name, _COLUMNS, largest_numbers(_COLUMNS, rows))
    page.write_table(rows, "bin")
    figures = page.figures({"amount": "order.amount"})
    documents = [Rendered(KIND, f"{batch.stem}.xlsx", book.finish(), "", figures)]
    if format_ == ONE_C:
        documents.append(Rendered(KIND, f"{batch.stem}.txt", write_1c(batch, template, rules), ""))
    elif format_ == MT102:
        documents.append(Rendered(KIND, f"{batch.stem}.txt", write_mt102(batch, rules.orders), ""))
    elif format_ != LIST:
        documents.append(Rendered(KIND, f"{batch.stem}.xml", write_pain(batch, format_, rules), ""))
    return documents
