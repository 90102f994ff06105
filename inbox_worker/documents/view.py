"""Shows values in documents, the same way in all of them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import get_month_names
from babel.numbers import format_decimal

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.money import show_ru
from inbox_worker.settings.form_rules import METERED, Service
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

__all__ = ["break_words", "breakable", "clean", "customer_line", "last_day", "month_kk", "month_ru", "printable",
           "show_bill_quantity", "show_bill_sum", "show_bill_tariff", "show_date", "show_exact", "show_quantity",
           "show_ru", "show_short", "show_sum", "show_tariff", "unit_words"]  # fmt: skip


def show_date(day: date) -> str:
    """Return dd.mm.yyyy, as both languages write it."""
    return f"{day:%d.%m.%Y}"


def last_day(month: Period) -> date:
    """Return the day the month's services count as done."""
    return month.plus(1).first_day - timedelta(days=1)


def month_ru(month: Period) -> str:
    """Return 'сентябрь 2026'."""
    return f"{get_month_names('wide', 'stand-alone', 'ru')[month.month].lower()} {month.year}"


def month_kk(month: Period) -> str:
    """Return '2026 жылғы қыркүйек'."""
    return f"{month.year} жылғы {get_month_names('wide', 'stand-alone', 'kk')[month.month].lower()}"


def show_sum(amount: Decimal) -> str:
    """Return a sum that has its two places already, as `show_ru` does but much faster: for bills by the million."""
    return f"{amount:,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def show_bill_sum(amount: Decimal) -> str:
    """Return a sum as a column of a bill shows it: nothing is a dash, narrow blanks part the thousands."""
    return _as_bills_do(f"{amount:,.2f}") if amount else "–"


def show_bill_tariff(tariff: Decimal) -> str:
    """Return a tariff with its four places, so that commas stand under each other."""
    return _as_bills_do(f"{tariff:,.4f}")


def show_bill_quantity(quantity: Decimal) -> str:
    """Return a quantity with the places that it has."""
    return _as_bills_do(f"{quantity.normalize():,f}")


def _as_bills_do(number: str) -> str:
    return number.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",").replace("-", "–")


def show_exact(number: Decimal, least: int) -> str:
    """Return a number with all its places, at least so many: nothing of a calculation is rounded away."""
    places = max(least, -int(number.normalize().as_tuple().exponent))
    return f"{number:,.{places}f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


@lru_cache(maxsize=1024)
def show_short(number: Decimal) -> str:
    """Return a number without the noughts behind its last place: '25', '0,65'."""
    return str(format_decimal(number, format="#,##0.######", locale="ru"))


@lru_cache(maxsize=4096)
def show_tariff(tariff: Decimal) -> str:
    """Return a tariff with two to four places: '31,4155', '137,50'."""
    return str(format_decimal(tariff, format="#,##0.00##", locale="ru"))


@lru_cache(maxsize=4096)
def show_quantity(quantity: Decimal) -> str:
    """Return a whole number without places, else two or three: '1', '65,30', '12,345'."""
    whole = quantity == quantity.to_integral_value()
    return str(format_decimal(quantity, format="#,##0" if whole else "#,##0.00#", locale="ru"))


def unit_words(rules: Rules, base: str, service: Service | None = None) -> tuple[str, str]:
    """Return what a line is charged by, in both languages: of a metered line what its service's meters count."""
    if base == METERED and service is not None and service.unit is not None:
        return service.unit.ru, service.unit.kk
    if base == "schedule":
        words = rules.texts.written.words("unit.schedule")
        return words.ru, words.kk
    return next((found.code, found.kk) for found in rules.bases if found.code == base)


def printable(text: str) -> str:
    """Return a text with blanks for its control characters: a docx or a line of voices with one does not open."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]", " ", text)


def clean(text: str) -> str:
    """Return a printable text without doubled blanks."""
    return re.sub(r"\s+", " ", printable(text)).strip()


def show_bank(name: str, bic: str) -> str:
    """Return a bank's name with its БИК, which stands alone where the name is not known."""
    return f"{clean(name)} ({bic})" if name not in ("", bic) else bic


def breakable(text: str) -> str:
    """Return cleaned text whose words of over 30 characters may be broken anywhere, so that none runs over a cell's
    edge."""
    return break_words(clean(text))


def break_words(text: str, longest: int = 30) -> str:
    """Return the same of a text that is clean: blanks that keep a number together stay."""
    return re.sub(rf"\S{{{longest + 1},}}", lambda word: "\u200b".join(word[0]), text)


def customer_line(customer: Customer, texts: Texts) -> str:
    """Return whom a workbook is for: name, БИН, contract."""
    contract = texts.both("heading.contract", number=clean(customer.contract), day=show_date(customer.contract_date))
    return f"{clean(customer.name)}, {texts.both('heading.bin')} {customer.bin}, {contract}"
