"""Оборотная ведомость (4.1.8): every line of the Customer with its balances, charges and payments of the
month.

Grouped by service, house and account; on every row and total opening + charged + undelivered + recalculated
+ penalty - paid + moved = closing, and a cell in the workbook itself keeps proving it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from inbox_worker.documents.view import customer_line, last_day, month_kk, month_ru
from inbox_worker.model import CloseData, Customer, Operator, Rendered
from inbox_worker.rules import Rules
from inbox_worker.sheets import Book, Column, Page, records

SHEET = "Оборотная ведомость"
ZERO = Decimal(0)
COLUMNS = (
    Column("service_ru", "Услуга", "Қызмет", width=20),
    Column("service_kk", "Услуга (каз.)", "Қызмет (қаз.)", width=18),
    Column("house", "Код дома", "Үй коды", width=9),
    Column("address", "Адрес", "Мекенжай", width=28),
    Column("flat", "Кв.", "Пәтер", width=6),
    Column("account", "Лицевой счёт", "Дербес шот", width=12),
    Column("name", "ФИО", "Аты-жөні", width=24),
    Column("tariff", "Тариф", "Тариф", "tariff", 9),
    Column("quantity", "Количество", "Саны", "quantity", 10),
    Column("opening_debit", "Сальдо начальное, дебет", "Бастапқы сальдо, дебет", "money", 15, total=True),
    Column("opening_credit", "Сальдо начальное, кредит", "Бастапқы сальдо, кредит", "money", 15, total=True),
    Column("charged", "Начислено", "Есептелді", "money", 15, total=True),
    Column("undelivered", "Недопоставка", "Жеткізілмеген", "money", 12.5, total=True),
    Column("recalculated", "Перерасчёт", "Қайта есептеу", "money", 12.5, total=True),
    Column("penalty", "Пеня", "Өсімпұл", "money", 11, total=True),
    Column("paid", "Оплачено", "Төленді", "money", 15, total=True),
    Column("moved", "Перенесено", "Ауыстырылды", "money", 12.5, total=True),
    Column("closing_debit", "Сальдо конечное, дебет", "Соңғы сальдо, дебет", "money", 15, total=True),
    Column("closing_credit", "Сальдо конечное, кредит", "Соңғы сальдо, кредит", "money", 15, total=True),
    Column("service", "Код услуги", "Қызмет коды", width=12, hidden=True),
)
TOTALS = tuple(column.name for column in COLUMNS if column.total)
PLUS = ("opening_debit", "charged", "undelivered", "recalculated", "penalty", "moved", "closing_credit")
MINUS = ("opening_credit", "paid", "closing_debit")
SHOWN_FIELDS = {name: name.removesuffix("_debit").removesuffix("_credit") for name in ("tariff", "quantity", *TOTALS)}
FIELDS = ("service", "house", "address", "flat", "account", "name", "tariff", "quantity", "opening",
          "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """A row of the statement: `values` by column name."""

    order: tuple[int, str, str]
    values: Mapping[str, Any]


def render_turnover(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """The Customer's statement as a workbook. `close` holds this Customer's lines only.

    `figures`: column letter -> field of lines.parquet (debit and credit of a balance are the same field),
    `sheet`, `account_column`, `service_column` (hidden, the service's code), `first_row`, `last_row` of the
    table.
    """
    lines = sorted(_lines(close, rules), key=lambda line: line.order)
    groups = len({line.order[0] for line in lines}) + len({line.order[:2] for line in lines})
    month = f"{month_ru(close.month)} / {month_kk(close.month)}"
    book = Book(
        title=f"Оборотная ведомость / Айналым ведомосі, {month}",
        subject=customer_line(customer)[:250],
        author=operator.name,
        made_on=last_day(close.month),
        rows=len(lines) + groups,
    )
    titles = (
        "Отчёт по начислению и балансу (Оборотная ведомость) / Есептеу және баланс бойынша есеп (Айналым ведомосі)",
        f"Заказчик / Тапсырыс беруші: {customer_line(customer)}",
        f"Исполнитель / Орындаушы: {operator.name} / {operator.name_kk}, БИН / БСН {operator.bin}",
        f"Месяц / Ай: {month}; тенге / теңге",
    )
    page = book.page(SHEET, COLUMNS, titles, f"Оборотная ведомость / Айналым ведомосі {close.month.form_text}")
    first = page.next_row
    total = first + len(lines) + groups
    page.start(page.identity(PLUS, MINUS, (first, total)))
    _write(page, lines)
    page.end(total - 1)
    return Rendered(
        kind="turnover",
        file_name=f"turnover-{close.month}.xlsx",
        data=book.finish(),
        template="",
        figures=page.figures(SHOWN_FIELDS, (first, total)),
    )


def _lines(close: CloseData, rules: Rules) -> Iterator[_Line]:
    for record in records(close.lines, FIELDS):
        field = dict(zip(FIELDS, record, strict=True))
        service = rules.service(field["service"])
        opening, closing = field["opening"], field["closing"]
        yield _Line(
            order=(rules.service_order[service.code], field["house"] or "", field["account"]),
            values={
                **field,
                "service_ru": service.ru,
                "service_kk": service.kk,
                "opening_debit": max(opening, ZERO),
                "opening_credit": max(-opening, ZERO),
                "closing_debit": max(closing, ZERO),
                "closing_credit": max(-closing, ZERO),
            },
        )


def _write(page: Page, lines: list[_Line]) -> None:
    """Lines with a total row after each house and each service, and one for all."""
    names = [column.name for column in COLUMNS]
    first = page.next_row
    grand = _zeros()
    for _, of_service in groupby(lines, key=lambda line: line.order[0]):
        service_first, service_sums = page.next_row, _zeros()
        for _, of_house in groupby(of_service, key=lambda line: line.order[1]):
            house_first, house_sums = page.next_row, _zeros()
            for line in of_house:
                page.add([line.values[name] for name in names], level=2)
                _count(house_sums, line.values)
            texts = {name: line.values[name] for name in ("service_ru", "service_kk", "service")}
            of_this_house = {**texts, "house": line.values["house"], "address": "Итого по дому / Үй бойынша"}
            page.add_total(of_this_house, house_sums, (house_first, page.next_row - 1), "part", level=1)
            _count(service_sums, house_sums)
        whole = {**texts, "address": "Итого по услуге / Қызмет бойынша"}
        page.add_total(whole, service_sums, (service_first, page.next_row - 1), "group")
        _count(grand, service_sums)
    page.add_total({"service_ru": "Всего / Барлығы"}, grand, (first, page.next_row - 1))


def _zeros() -> dict[str, Decimal]:
    return defaultdict(Decimal)


def _count(sums: dict[str, Decimal], values: Mapping[str, Any]) -> None:
    for name in TOTALS:
        sums[name] += values[name]
