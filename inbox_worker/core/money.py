"""Exact money: rounding once, splitting to the tiyn, VAT inside a sum, sums in words (money.md).

Tenge with two places as `Decimal`; a tiyn is 1/100. No float ever stands between a sum and its document.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

TIYN = Decimal("0.01")
LARGEST_IN_WORDS = Decimal("999999999999.99")


def round_money(amount: Decimal) -> Decimal:
    """Round to the tiyn, half up away from zero; once, at the end of a formula.

    >>> round_money(Decimal('2051.432150')), round_money(Decimal('-0.005'))
    (Decimal('2051.43'), Decimal('-0.01'))
    """
    rounded = amount.quantize(TIYN, ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def vat_inside(total: Decimal, percent: Decimal) -> Decimal:
    """Return the VAT that a sum already contains: total x rate / (100 + rate), rounded once (5.1).

    >>> vat_inside(Decimal('1160000'), Decimal('16'))
    Decimal('160000.00')
    """
    return round_money(total * percent / (100 + percent))


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split `amount` into parts in proportion to `weights`, whole tiyn each; they always add up to `amount` exactly.

    Tiyn left over go to the largest remainders, ties to the earlier position. A zero weight gets nothing. A
    negative amount is split as its opposite is, with the sign turned. Weights may have signs, but not a sum
    of zero. Raises ValueError when the amount has parts of a tiyn or the weights add up to zero.

    >>> [str(part) for part in split(Decimal('100.00'), [Decimal(50)] * 3)]
    ['33.34', '33.33', '33.33']
    """
    if amount != round_money(amount):
        raise ValueError(f"{amount} has parts of a tiyn; round it before splitting")
    if not sum(weights):
        raise ValueError(f"{amount} cannot be split: the {len(weights)} weights add up to zero")
    if amount < 0:
        return [-part if part else part for part in split(-amount, weights)]
    shares = [Fraction(weight) for weight in weights]
    whole, all_tiyn = sum(shares), int(amount / TIYN)
    floors = [all_tiyn * share // whole for share in shares]
    remainders = [all_tiyn * share / whole % 1 for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: (-remainders[place], place))
    for place in by_remainder[: all_tiyn - sum(floors)]:
        floors[place] += 1
    return [tiyn * TIYN for tiyn in floors]


def in_words_ru(amount: Decimal) -> str:
    """Return a sum in Russian words, tiyn in figures, up to 999 999 999 999.99. Raises ValueError above that.

    >>> in_words_ru(Decimal('1234.56'))
    'Одна тысяча двести тридцать четыре тенге 56 тиын'
    """
    return _in_words(amount, "ru", "тенге")


def in_words_kk(amount: Decimal) -> str:
    """Return a sum in Kazakh words, tiyn in figures, up to 999 999 999 999.99. Raises ValueError above that.

    >>> in_words_kk(Decimal('1234.56'))
    'Бір мың екі жүз отыз төрт теңге 56 тиын'
    """
    return _in_words(amount, "kz", "теңге")


def _in_words(amount: Decimal, language: str, tenge: str) -> str:
    from num2words import num2words

    rounded = round_money(amount)
    if abs(rounded) > LARGEST_IN_WORDS:
        raise ValueError(f"{rounded} is too large for a sum in words; the largest is {LARGEST_IN_WORDS}")
    whole, tiyn = divmod(int(abs(rounded) / TIYN), 100)
    words = f"{'минус ' if rounded < 0 else ''}{num2words(whole, lang=language)} {tenge} {tiyn:02d} тиын"
    return words[0].upper() + words[1:]


def show_ru(amount: Decimal) -> str:
    """Return a sum as people read it in both languages: blanks that do not break, a comma, two places.

    >>> show_ru(Decimal('1234567.89')).replace(chr(160), '_')
    '1_234_567,89'
    """
    from babel.numbers import format_decimal

    return str(format_decimal(round_money(amount), format="#,##0.00", locale="ru"))


def as_term(shown: str) -> str:
    """Return a number as people write it behind a sign of a formula: one below zero in brackets.

    >>> as_term('-0,45'), as_term('0,45')
    ('(-0,45)', '0,45')
    """
    return f"({shown})" if shown.startswith("-") else shown
