"""The Customer's lines for consumers' bills (4.1.1): what an account sees of this Customer, a row a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from inbox_worker.documents.view import customer_line, last_day, month_kk, month_ru
from inbox_worker.model import Customer
from inbox_worker.rendered import CloseData, Operator, Rendered
from inbox_worker.rules import Rules
from inbox_worker.sheet_columns import TOTAL, Column, records
from inbox_worker.sheets import Book

SHEET = "Строки счетов"
COLUMNS = (
    Column("account", "Лицевой счёт", "Дербес шот", width=12),
    Column("address", "Адрес", "Мекенжай", width=28),
    Column("flat", "Кв.", "Пәтер", width=6),
    Column("name", "ФИО", "Аты-жөні", width=33),
    Column("service_ru", "Услуга", "Қызмет", width=22),
    Column("service_kk", "Услуга (каз.)", "Қызмет (қаз.)", width=22),
    Column("unit", "Единица", "Бірлік", width=18),
    Column("quantity", "Количество", "Саны", "quantity", 10),
    Column("tariff", "Тариф", "Тариф", "tariff", 9),
    Column("opening", "Долг (+), аванс (−)", "Қарыз (+), аванс (−)", "money", 17, total=True),
    Column("charged", "Начислено", "Есептелді", "money", 15, total=True),
    Column("corrected", "Недопоставка и перерасчёт", "Жеткізілмеген және қайта есептеу", "money", 14, total=True),
    Column("penalty", "Пеня", "Өсімпұл", "money", 11, total=True),
    Column("paid", "Оплачено", "Төленді", "money", 15, total=True),
    Column("moved", "Перенесено", "Ауыстырылды", "money", 12.5, total=True),
    Column("closing", "К оплате", "Төлеуге", "money", 15, total=True),
    Column("service", "Код услуги", "Қызмет коды", width=12, hidden=True),
)
TOTALS = tuple(column.name for column in COLUMNS if column.total)
PLUS = ("opening", "charged", "corrected", "penalty", "moved")
MINUS = ("paid", "closing")
SHOWN_FIELDS = {name: name for name in ("tariff", "quantity", *TOTALS)} | {"corrected": "undelivered+recalculated"}
FIELDS = ("account", "address", "flat", "name", "service", "quantity", "tariff", "opening", "charged",
          "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


def render_bill_rows(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """The Customer's bill lines as a workbook, by account and then in the bill's order of services (2.1.7).

    `close` holds this Customer's lines only. `figures` as in the turnover statement; `corrected` stands for
    undelivered + recalculated together.
    """
    month = f"{month_ru(close.month)} / {month_kk(close.month)}"
    book = Book(
        title=f"Строки счетов / Шот жолдары, {month}",
        subject=customer_line(customer)[:250],
        author=operator.name,
        made_on=last_day(close.month),
        rows=close.lines.num_rows,
    )
    titles = (
        "Строки Заказчика в счетах потребителей / Тұтынушылар шоттарындағы Тапсырыс берушінің жолдары",
        f"Заказчик / Тапсырыс беруші: {customer_line(customer)}",
        f"Исполнитель / Орындаушы: {operator.name} / {operator.name_kk}, БИН / БСН {operator.bin}",
        f"Месяц / Ай: {month}; тенге / теңге",
    )
    page = book.page(SHEET, COLUMNS, titles, f"Строки счетов / Шот жолдары {close.month.form_text}")
    first = page.next_row
    last = first + close.lines.num_rows - 1
    page.start(page.identity(PLUS, MINUS, (first, last + 1)))
    sums = {name: Decimal(0) for name in TOTALS}
    for values in sorted(_rows(close, rules), key=lambda v: (v["account"], rules.service_order[v["service"]])):
        page.add([values[column.name] for column in COLUMNS])
        for name in TOTALS:
            sums[name] += values[name]
    page.end(last, table=True)
    page.add_total({"account": TOTAL}, sums, (first, last))
    figures = page.figures(SHOWN_FIELDS, (first, last + 1))
    return Rendered("bill_rows", f"bill-rows-{close.month}.xlsx", book.finish(), "", figures)


def _rows(close: CloseData, rules: Rules) -> Iterator[Mapping[str, Any]]:
    units = {base.code: base.code if base.kk == base.code else f"{base.code} / {base.kk}" for base in rules.bases}
    units["schedule"] = "график / кесте"
    for record in records(close.lines, FIELDS):
        field = dict(zip(FIELDS, record, strict=True))
        service = rules.service(field["service"])
        yield {
            **field,
            "service_ru": service.ru,
            "service_kk": service.kk,
            "unit": units[service.base],
            "corrected": field["undelivered"] + field["recalculated"],
        }
