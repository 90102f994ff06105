"""How values look in documents: decided once, the same in all of them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import get_month_names
from babel.numbers import format_decimal

from inbox_worker.model import Customer, Period
from inbox_worker.money import show_ru

__all__ = ["clean", "customer_line", "last_day", "month_kk", "month_ru", "show_date", "show_quantity",
           "show_ru", "show_tariff"]  # fmt: skip


def show_date(day: date) -> str:
    """dd.mm.yyyy, as both languages write it."""
    return f"{day:%d.%m.%Y}"


def last_day(month: Period) -> date:
    """The day the month's services count as done."""
    return month.plus(1).first_day - timedelta(days=1)


def month_ru(month: Period) -> str:
    """'сентябрь 2026'."""
    return f"{get_month_names('wide', 'stand-alone', 'ru')[month.month].lower()} {month.year}"


def month_kk(month: Period) -> str:
    """'2026 жылғы қыркүйек'."""
    return f"{month.year} жылғы {get_month_names('wide', 'stand-alone', 'kk')[month.month].lower()}"


def show_tariff(tariff: Decimal) -> str:
    """Two to four places: '31,4155', '137,50'."""
    return str(format_decimal(tariff, format="#,##0.00##", locale="ru"))


def show_quantity(quantity: Decimal) -> str:
    """A whole number without places, else two or three: '1', '65,30', '12,345'."""
    whole = quantity == quantity.to_integral_value()
    return str(format_decimal(quantity, format="#,##0" if whole else "#,##0.00#", locale="ru"))


def clean(text: str) -> str:
    """Somebody's text without control signs (a docx with one of them does not open) and doubled blanks."""
    return re.sub(r"\s+", " ", re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]", " ", text)).strip()


def customer_line(customer: Customer) -> str:
    """Whom a workbook is for: name, БИН, contract."""
    contract = f"договор / шарт № {clean(customer.contract)} от {show_date(customer.contract_date)}"
    return f"{clean(customer.name)}, БИН / БСН {customer.bin}, {contract}"
