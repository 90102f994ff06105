"""The kind of value that a number format makes of a number: percent, date or time, or number (ECMA-376, 18.8.30)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inbox_worker.workbooks.cell_values import NUMBER, PERCENT, Cell, Look
from inbox_worker.workbooks.rich_texts import StringLooks
from inbox_worker.workbooks.shown_otherwise import (
    differs,
    hides_text,
    may_round,
    may_show_otherwise,
    round_as_shown,
)

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')  # quoted words, escaped letters, blanks as wide as a letter, fillings
_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)  # colours, currencies, conditions
_RED = re.compile(r'(?:[^;"\[]|\[(?!red)[^\]]*\]|"[^"]*")*\[red\]', re.IGNORECASE)  # for what is above zero
_DATED = re.compile(r"[dmyhsge]|am/pm|a/p", re.IGNORECASE)
BUILT_IN = {
    **dict.fromkeys((1, 3, 5, 6, 37, 38, 41, 42), "#,##0"), **dict.fromkeys((2, 4, 7, 8, 39, 40, 43, 44), "#,##0.00"),
    9: "0%", 10: "0.00%", 14: "dd.mm.yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "dd.mm.yyyy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy/m/d"),
}  # fmt: skip


def _bare(code: str) -> str:
    """Return a format's first section without what is only shown.

    >>> _bare('0.00"%";[Red]-0%'), _bare('[h]:mm')
    ('0.00', '[h]:mm')
    """
    return _BRACKETS.sub("", _LITERAL.sub("", code)).split(";")[0]


def is_percent(code: str) -> bool:
    """Return whether a number is shown a hundred times as large, with a per cent sign.

    >>> is_percent("0.0%"), is_percent('0.0"%"')
    (True, False)
    """
    return "%" in _bare(code)


def is_dated(code: str) -> bool:
    """Return whether a number is shown as a date, a time or a duration.

    >>> is_dated("[$-419]d mmm"), is_dated('# ##0.00" тенге"'), is_dated("General")
    (True, False, False)
    """
    bare = _bare(code)
    return bare.casefold() != "general" and _DATED.search(re.sub(r"(?i)e[+-]0", "", bare)) is not None


def plain_format(code: str) -> str:
    """Return a format as people see it: without quotes, locales and escapes.

    >>> plain_format('[$-419]d\\\\ mmm;@')
    'd mmm'
    """
    return re.sub(r"\[\$[^\]]*\]|\\|\"", "", code).split(";")[0].strip()[:60]


def show_number(number: float) -> str:
    """Return a number as a spreadsheet shows it: no `.0`, a comma, 15 digits at most."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(number, ".15G").replace(".", ",")


def show_time(days: float, code: str) -> str:
    """Return a time or duration of so many days: hours (perhaps more than a day has), minutes, seconds.

    With a format, as Excel shows it: no day before 1900, and `#` for what is below zero.

    >>> show_time(8.770833333, ""), show_time(-0.5, ""), show_time(-0.5, "h:mm")
    ('210:30:00', '-12:00:00', '####')
    """
    if code and days < 0:
        return "####"
    if days < 1 and re.search(r"[dy]", code, re.IGNORECASE):
        return "00.01.1900"
    seconds = round(abs(days) * 86_400)
    return f"{'-' if days < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(frozen=True)
class CellFormats:
    """Cell styles, by number, whose format makes a percent or a date of a number, shows it otherwise (`odd`) or with
    fewer places (`rounding`): their format codes; those that strike a cell out, in which nobody sees what stands in it,
    or no text (`no_text`), and those in red; shared texts that look otherwise in part (`strings`); and the looks by
    which a rule of conditional formatting hides, or strikes out."""

    percents: dict[int, str] = field(default_factory=dict)
    dated: dict[int, str] = field(default_factory=dict)
    odd: dict[int, str] = field(default_factory=dict)
    rounding: dict[int, str] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)
    red: set[int] = field(default_factory=set)
    strings: StringLooks = field(default_factory=StringLooks)
    hiding_looks: set[str] = field(default_factory=set)
    striking_looks: set[str] = field(default_factory=set)
    no_text: set[int] = field(default_factory=set)

    def put(self, number: int, code: str, struck: bool) -> None:
        """Keep a style."""
        if is_percent(code):
            self.percents[number] = code
        elif is_dated(code):
            self.dated[number] = code
        elif may_show_otherwise(code):
            self.odd[number] = code
        if may_round(code) and not is_dated(code):
            self.rounding[number] = code
        if hides_text(code):
            self.no_text.add(number)
        if struck:
            self.struck.add(number)
        if _RED.match(code):
            self.red.add(number)

    def note(self, look: Look, row: int, column: int, style: int, number: float) -> None:
        """Keep a number that its style makes a percent or a date of, or shows otherwise."""
        if code := self.percents.get(style):
            look.put(row, column, Cell(PERCENT, float(f"{number * 100:.15g}"), code))
        elif code := self.dated.get(style):
            look.put_date(row, column, number, code)
        elif (code := self.odd.get(style)) and differs(number, code):
            look.put(row, column, Cell(NUMBER, number, code))
        elif (code := self.rounding.get(style)) and round_as_shown(number, code) is not None:
            look.put_rounded(row, column, Cell(NUMBER, number, code))
