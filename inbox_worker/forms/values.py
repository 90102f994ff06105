"""One written value -> a number, a day, a month. None when it is not one; the caller makes the finding."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from enum import Enum

from inbox_worker.forms.days_in_words import (
    day_in_words,
    month_in_words,
    month_without_year,
    months_named,
    says_only_month,
)
from inbox_worker.forms.moments import without_time
from inbox_worker.settings.likeness import digit_like

_BLANKS = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009'’`"), " ")
_SIGNS = dict.fromkeys(map(ord, "−–—‒‐‑⁃﹣－"), "-")
_CLEAN = _BLANKS | _SIGNS
_NUMBER = re.compile(r"([+-]?) ?(\d{1,3}(?: \d{3})+|\d+)(?:[.,](\d*))?")
_IN_BRACKETS = re.compile(r"\((?=[\d ]*\d)([^()+-]*)\)")
_ONE_GROUP = re.compile(r"[+-]? ?([1-9]\d{0,2})([.,])(\d{3})")  # 5,000: five or five thousand
_DECIMAL = re.compile(r"[+-]? ?(?:[\d ]+([.,])(?:\d{1,2}|\d{4,})|(?:0|\d{4,}|\d+(?: \d{3})+)([.,])\d{3})")
_BOTH_SIGNS = re.compile(r"[+-]?[\d ]*(?:[.,][\d ]+){2,}")
_GROUPED = re.compile(r"([+-]? ?\d{1,3})((?:,\d{3})+)\.(\d+)|([+-]? ?\d{1,3})((?:\.\d{3})+),(\d+)")
_SUM = re.compile(r"(-?) ?(\d[\d ]*(?:[.,]\d*)?|\d[\d ]*-00)( ?-)?")
_CURRENCY = re.compile(r"(?i)(?<=[\d)-])\s*(?:тг|тнг|тенге|теңге|kzt|₸)\.?\s*$|^\s*₸\s*(?=[-+\d(])")
_SIGN_IN_WORDS = re.compile(r"(?i)\s*(?:(минус|minus)|плюс|plus)\s*(?=\d)")
_TAIL = r"(?: ?(?:г|ж|года|жыл|жылы)\.?)?"
_DAY_FIRST = re.compile(r"(\d{1,2})(?: ?(?:[.,]|([/-])) ?| )(\d{1,2})(?(2) ?\2 ?|(?: ?[.,] ?| ))(\d{4})" + _TAIL)
_SHORT_YEAR = re.compile(r"(\d{1,2}) ?([./]) ?(\d{1,2}) ?\2 ?(\d{2})" + _TAIL)  # with dashes it may be a year first
_YEAR_FIRST = re.compile(r"(\d{4})([./-])(\d{1,2})\2(\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2}) ?[./,-] ?(\d{4})(?: ?(?:г|ж)\.?)?")
_MONTH_SHORT_YEAR = re.compile(r"(\d{1,2})[./](\d{2})(?: ?(?:г|ж)\.?)?")  # only where the year is no month
_MONTH_LAST = re.compile(r"(\d{4})[-./](\d{1,2})")
_ROMAN = re.compile(r"(?:(\d{1,2})([ ./-]) ?)?([IVX]{1,4})([ ./-]) ?((?:20)?\d{2}(?: ?(?:г|ж)\.?)?)")
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_CYRILLIC_ROMAN = str.maketrans("\u0406\u0425", "IX")
_MONTH_JOINED = re.compile(r"(20\d{2})(0[1-9]|1[0-2])|(0[1-9]|1[0-2])(20\d{2})")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
FIRST_YEAR, LAST_YEAR = 1900, 2199
SERIAL_DAYS = (30_000, 60_000)  # Excel's numbers of days for 1982..2064: outside, a number is no date
_LEAP_YEAR = 2024  # has every day of a year
_WORD_ALONE = re.compile(r"(?!\w{3}(?!\w))[^\W\d]+[.,]?")  # three letters may be a group of thousands
_LONGEST_NUMBER = 40  # digits and blanks before the point; int() raises past some thousands
EXCEL_EPOCH = date(1899, 12, 30).toordinal()


class NotExact(Enum):
    """The reason why a written number has no exact value."""

    NOT_A_NUMBER = "value.not_a_number"
    AMBIGUOUS = "value.ambiguous_number"
    THOUSANDS = "value.ambiguous_thousands"
    TOO_PRECISE = "value.too_precise"
    TOO_LARGE = "value.too_large"
    PERCENT = "value.percent"
    PLUS = "value.plus"
    IN_WORDS = "value.sum_in_words"
    DASH_BEHIND = "value.dash_behind"


def read_scaled(text: str, scale: int) -> int | NotExact:
    """Return a written number times 10**scale, exactly. Blanks of any kind part thousands; so does the first of point
    and comma where both stand; brackets make it negative, as accountants write it. A sign that ends it (`1001.`) parts
    nothing.

    >>> read_scaled('1 234,56', 2), read_scaled('−0.5', 2)
    (123456, -50)
    >>> read_scaled('(1 234,5)', 2)
    -123450
    >>> read_scaled('796.', 2), letters_for_digits('79б,О'), letters_for_digits('796 м3')
    (79600, 'б → 6, О → 0', '')
    >>> read_scaled('12.345,67', 2), read_scaled('-1,234,567.8', 2)
    (1234567, -123456780)
    >>> read_scaled('12.345,67,8', 2)
    <NotExact.AMBIGUOUS: 'value.ambiguous_number'>
    """
    clean = _without_groups(_clean_number(text))
    found = _NUMBER.fullmatch(clean)
    if found is None:
        return NotExact.AMBIGUOUS if _BOTH_SIGNS.fullmatch(clean) else NotExact.NOT_A_NUMBER
    sign, whole, fraction = found.groups()
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > scale:
        return NotExact.TOO_PRECISE
    if len(whole) > _LONGEST_NUMBER:
        return NotExact.TOO_LARGE
    value = int(whole.replace(" ", "") + fraction.ljust(scale, "0"))
    if value > 2**53:
        return NotExact.TOO_LARGE
    return -value if sign == "-" else value


def _clean_number(text: str) -> str:
    """Return a written number with plain blanks and signs, brackets as a minus."""
    clean = text.translate(_CLEAN).strip()
    if bracketed := _IN_BRACKETS.fullmatch(clean):
        clean = f"-{bracketed[1].strip()}"
    return clean


def _without_groups(clean: str) -> str:
    """Return a number in which one sign parts thousands and the other, last and once, the fraction, without the first
    one: nothing else can be meant."""
    found = _GROUPED.fullmatch(clean)
    if found is None:
        return clean
    first, groups, fraction = filter(None, found.groups())
    return f"{first}{groups.replace(',', '').replace('.', '')}.{fraction}"


def written_sum(text: str) -> str:
    """Return a sum as other numbers are written: without currency, its minus before it, a comma before no tiyns, a sign
    in words as a sign. Another number behind a dash may be the end of a range; `100,-` may be one without tiyns.

    >>> written_sum('1 234,50- тг'), written_sum('-500-00'), written_sum('45-50'), written_sum('минус 500 тг')
    ('-1 234,50', '-500,00', '45-50', '-500')
    """
    text = without_currency(text)
    if len(text) <= 2 * _LONGEST_NUMBER and (said := _SIGN_IN_WORDS.match(text)):
        text = f"{'-' if said[1] else '+'}{text[said.end() :]}"
    found = _SUM.fullmatch(text.translate(_CLEAN).strip()) if len(text) <= 2 * _LONGEST_NUMBER else None
    if found is None or (found[3] and (found[1] or found[2].rstrip(".,").replace(" ", "").isdecimal())):
        return text
    return f"{'-' if found[1] or found[3] else ''}{found[2].replace('-', ',')}"


def letters_for_digits(text: str) -> str:
    """Return the letters that stand among the digits of a number or a day and look like digits, each with its digit;
    '' where the text has other letters, a word between its numbers (`14 ч`, `в 14:30`), or no digit."""
    short = len(text) <= _LONGEST_NUMBER and not _find_roman(text)
    bare = "".join(text.split()) if short and not any(map(_WORD_ALONE.fullmatch, text.split())) else ""
    found = {letter: digit for letter in bare if letter.isalpha() and (digit := digit_like(letter))}
    rest = bare.translate(dict.fromkeys(map(ord, found)))
    if not found or not re.fullmatch(r"[-+]?[\d.,/:-]*\d[\d.,/:-]*", rest):
        return ""
    return ", ".join(f"{letter} → {digit}" for letter, digit in found.items())


def group_sign(text: str) -> str:
    """Return the only sign of a number when it may part thousands, '' when it cannot.

    >>> group_sign('-1,250'), group_sign('0,500'), group_sign('1250,500'), group_sign('12,5')
    (',', '', '', '')
    """
    found = _ONE_GROUP.fullmatch(_clean_number(text))
    return found[2] if found else ""


def decimal_sign(text: str) -> str:
    """Return the sign that can part nothing but the fraction of a number, '' when there is none.

    >>> decimal_sign('12,5'), decimal_sign('1,234.50'), decimal_sign('1,250')
    (',', '.', '')
    """
    found = _DECIMAL.fullmatch(_without_groups(_clean_number(text)))
    return (found[1] or found[2]) if found else ""


def both_readings(text: str) -> tuple[str, str]:
    """Return what a number with one group of three digits may be: with a fraction, with thousands.

    >>> both_readings('-1,250')
    ('-1,25', '-1250')
    """
    whole, _, rest = _clean_number(text).replace(".", ",").partition(",")
    fraction = rest.rstrip("0")
    return f"{whole},{fraction}" if fraction else whole, whole + rest


def without_currency(text: str) -> str:
    """Return a written sum without its `тг`, `тенге` or `₸`.

    >>> without_currency('-1250,50 тг.'), without_currency('₸ 10')
    ('-1250,50', '10')
    """
    return _CURRENCY.sub("", text) if len(text) <= 2 * _LONGEST_NUMBER else text


def write_roman_month(text: str) -> str:
    """Return a day or month with its Roman month in digits; any other text as it is. `II-2026` may be a quarter.

    >>> write_roman_month('II.2026'), write_roman_month('5-XII-2026 г.'), write_roman_month('II-2026')
    ('02.2026', '5.12.2026 г.', 'II-2026')
    """
    found = _find_roman(text)
    if found is None or not (found[1] or found[4] in "./"):
        return text
    number = _ROMANS.index(found[3]) + 1
    return f"{found[1]}.{number:02d}.{found[5]}" if found[1] else f"{number:02d}.{found[5]}"


def _find_roman(text: str) -> re.Match[str] | None:
    found = _ROMAN.fullmatch(text.strip().translate(_CYRILLIC_ROMAN))
    return found if found and found[3] in _ROMANS else None


def day(text: str) -> date | None:
    """Read a day: 05.09.2026, 05/09/2026, 05-09-2026, 05.09.26 (day first), 2026-09-05, or in words; a time of day
    behind it says nothing."""
    text = without_time(" ".join(text.split()))  # a word processor's blanks keep `г.` beside its year
    if found := _DAY_FIRST.fullmatch(text):
        return _date(int(found[4]), int(found[3]), int(found[1]))
    if found := _SHORT_YEAR.fullmatch(text):
        return _date(2000 + int(found[4]), int(found[3]), int(found[1]))
    if found := _YEAR_FIRST.fullmatch(text):
        return _date(int(found[1]), int(found[3]), int(found[4]))
    found_words = day_in_words(text)
    return _date(*found_words) if found_words else None


def month(text: str) -> date | None:
    """Return the first day of a written month: 09.2026, 2026-09, 202609, 09.26, сен.26, сентябрь 2026, 2026 қыркүйек,
    a day; None where a text says more than the month, such as days of it, another year, all months but this.

    >>> month('за сентябрь 2026 г.'), month('кроме сентября 2026'), month('декабрь 2025-2026')
    (datetime.date(2026, 9, 1), None, None)
    """
    text = without_time(" ".join(text.split()))
    if found := _MONTH_FIRST.fullmatch(text):
        return _date(int(found[2]), int(found[1]), 1)
    if found := _MONTH_LAST.fullmatch(text):
        return _date(int(found[1]), int(found[2]), 1)
    if found := _MONTH_JOINED.fullmatch(text):
        return _date(int(found[1] or found[4]), int(found[2] or found[3]), 1)
    if whole := day(text):
        return whole.replace(day=1)
    if (found := _MONTH_SHORT_YEAR.fullmatch(text)) and int(found[2]) > 12:
        return _date(2000 + int(found[2]), int(found[1]), 1)
    if named_short := month_in_words(text):
        return _date(*named_short, 1)
    said = month_named(text)
    return said if said and _says_no_more(text, said) else None


def month_named(text: str) -> date | None:
    """Return the first day of the one month that a text names with its year, whatever else it says."""
    year, named = _YEAR.search(text), months_named(text)
    return _date(int(year[1]), named[0], 1) if year and len(named) == 1 else None


def _says_no_more(text: str, month: date) -> bool:
    """Return whether a text has no other words than a month's, and no numbers but its year; from its first day to its
    last is all of it."""
    if len(set(_YEAR.findall(text))) > 1:
        return False
    last = monthrange(month.year, month.month)[1]
    days = [int(number) for number in re.findall(r"\d+", _YEAR.sub("", text))]
    return says_only_month(text, whole=days == [1, last]) and days in ([], [1, last])


def without_year(text: str, days: bool) -> str:
    """Return the number of a month, or day and month (`days`), of a text that lacks only the year; '' for any other.

    >>> without_year('июнь', days=False), without_year('3 августа', days=True), without_year('20.08', days=True)
    ('06', '03.08', '20.08')
    """
    if len(text) > _LONGEST_NUMBER:
        return ""
    if not days:
        number = 0 if text.strip().isdecimal() else month_without_year(text)
        return f"{number:02d}" if number else ""
    plain = text.strip().rstrip(".")
    found = day(f"{plain} {_LEAP_YEAR}") or day(f"{plain}.{_LEAP_YEAR}")
    return f"{found:%d.%m}" if found else ""


def first_day(text: str) -> date | None:
    """Return a written day as it is, or the first day of a written month."""
    return day(text) or month(text)


def month_of_number(number: float) -> date | None:
    """Return a month that a spreadsheet made a number of: 9.2026 was 09.2026, 10.202 was 10.2020, 202609 is whole."""
    if number.is_integer():
        return month(f"{number:06.0f}")
    return month(f"{number:.4f}") if 1 <= number < 13 and abs(round(number, 4) - number) < 1e-9 else None


def is_serial(number: float) -> bool:
    """Return whether a number can be a day that lost its date format."""
    return number.is_integer() and SERIAL_DAYS[0] <= number <= SERIAL_DAYS[1]


def day_of_serial(number: float) -> date:
    """Return the day of an Excel serial number (1900 date system)."""
    return date.fromordinal(EXCEL_EPOCH + int(number))


def _date(year: int, number: int, day_number: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, number, day_number)
    except ValueError:
        return None
