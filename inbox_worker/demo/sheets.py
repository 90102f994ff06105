"""Workbooks as customers make them: the shape of interface.md, each with its own habits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter

from inbox_worker.settings.form_rules import ColumnRule, FormRule

Value = str | Decimal | int | date | None
_CREATED = datetime(2026, 8, 1, 9, 0)  # noqa: DTZ001 - workbook properties carry no zone; fixed for equal bytes


@dataclass(frozen=True)
class Style:
    """Habits of whoever filled the form in. `total` = what stands in the `Итого` row, by column name."""

    sheet: str = "Лист1"
    kazakh: bool = False  # headers in Kazakh
    starred: bool = False  # headers with the blank's asterisk
    shuffled: bool = False  # columns in another order
    counted: bool = False  # an extra column `№ п/п`
    numbered: bool = False  # a row of column numbers under the header
    signed: str = ""  # whose name stands in the signature lines
    text_numbers: bool = False  # '1 234,56' as text
    text_dates: bool = False
    bare_accounts: bool = False  # accounts without leading zeros as numbers
    coded: bool = True  # the form's code at the top
    dropped: tuple[str, ...] = ()  # columns left out


@dataclass(frozen=True)
class Filled:
    """A form's content: whose it is, its month (may be empty) and its rows by column name."""

    rows: Sequence[Mapping[str, Value]]
    bin: str = ""
    name: str = ""
    month: str = ""
    total: Mapping[str, Value] = field(default_factory=dict)


def grid(rule: FormRule, filled: Filled, style: Style) -> list[list[Value]]:
    """Return the sheet, row by row: title, label and value pairs, table, total, signatures."""
    columns = [column for column in rule.columns if column.name not in style.dropped]
    if style.shuffled:
        columns = columns[2:] + columns[:2]
    rows = _top(rule, filled, style)
    extra: list[Value] = ["№ п/п"] if style.counted else []
    rows.append(extra + [_header(column, style) for column in columns])
    if style.numbered:
        rows.append([number + 1 for number in range(len(extra) + len(columns))])
    names = [column.name for column in columns]
    for index, row in enumerate(filled.rows):
        counted: list[Value] = [index + 1] if style.counted else []
        rows.append(counted + [_habit(name, row.get(name), style) for name in names])
    if filled.total:
        rows.append(_total(names, filled.total, style))
    if style.signed:
        rows += [[], ["Руководитель", "____________", style.signed], ["М.П. / М.О."]]
    return rows


def _top(rule: FormRule, filled: Filled, style: Style) -> list[list[Value]]:
    title = rule.title.kk if style.kazakh else rule.title.ru
    top: list[list[Value]] = [[title]]
    if style.coded:
        top += [["Форма", rule.form], ["Версия", rule.version]]
    if filled.bin:
        top += [["БИН заказчика", filled.bin], ["Заказчик", filled.name], ["Месяц учёта", filled.month]]
    return [*top, []]


def _header(column: ColumnRule, style: Style) -> str:
    text = column.kk if style.kazakh else column.ru
    return f"{text} *" if style.starred and column.required else text


def _total(names: list[str], total: Mapping[str, Value], style: Style) -> list[Value]:
    label = next(name for name in names if name not in total)
    row: list[Value] = [None] if style.counted else []
    return row + ["Итого" if name == label else _habit(name, total.get(name), style) for name in names]


def _habit(name: str, value: Value, style: Style) -> Value:
    if name == "account" and style.bare_accounts and isinstance(value, str) and not value.startswith("0"):
        return int(value) if value.isdigit() else value
    if style.text_numbers and isinstance(value, Decimal):
        return as_text(value)
    if style.text_dates and isinstance(value, date):
        return as_text(value)
    return value


def as_text(value: Value) -> str:
    """Return a value as people type it: `1 234,56` with a no-break space, `05.09.2026`."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,}".replace(",", "\u00a0").replace(".", ",")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return str(value)


def workbook(rule: FormRule, filled: Filled, style: Style, *, big: bool = False) -> bytes:
    """Return the form as .xlsx; the same content gives the same bytes. `big` keeps memory low for registers."""
    target = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, {**options, "constant_memory": big, "in_memory": not big}) as book:
        book.set_properties({"created": _CREATED, "author": "Бухгалтерия"})
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet(style.sheet)
        sheet.set_column(0, len(rule.columns), 18)
        for number, row in enumerate(grid(rule, filled, style)):
            for index, value in enumerate(row):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(number, index, value)
                elif isinstance(value, date):
                    sheet.write_datetime(number, index, value, day)
                elif value is not None:
                    sheet.write_number(number, index, float(value))
    return target.getvalue()


def csv_cp1251(rule: FormRule, filled: Filled, style: Style) -> bytes:
    """Return the form as a .csv that Excel of a Russian Windows saves: semicolons, cp1251.

    Raises UnicodeEncodeError for letters that cp1251 lacks (Kazakh ones).
    """
    lines = []
    for row in grid(rule, filled, style):
        cells = (as_text(value).replace("\u00a0", " ") for value in row)
        lines.append(";".join(f'"{cell}"' if ";" in cell or '"' in cell else cell for cell in cells))
    return "\r\n".join([*lines, ""]).encode("cp1251")


def odd_file(kind: str) -> bytes:
    """Return files that are no forms: `empty` (0 bytes) or `encrypted` (a workbook with a password)."""
    return b"" if kind == "empty" else _make_encrypted()


def _make_encrypted() -> bytes:
    """Return the smallest OLE container that looks like Excel's encrypted workbook: header, FAT, directory."""
    sectors = [0xFFFFFFFD, 0xFFFFFFFE] + [0xFFFFFFFF] * 126
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + _words((0x3E, 3, 0xFFFE, 9, 6), 2) + bytes(6)
    header += _words((0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0), 4) + _words([0xFFFFFFFF] * 108, 4)
    names = (("Root Entry", 5), ("EncryptionInfo", 2), ("EncryptedPackage", 2), ("", 0))
    return header + _words(sectors, 4) + b"".join(_entry(name, kind) for name, kind in names)


def _entry(name: str, kind: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    child = 2 if kind == 5 else 0xFFFFFFFF
    left = 1 if name == "EncryptedPackage" else 0xFFFFFFFF
    head = text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes((kind, 1))
    return (head + _words((left, 0xFFFFFFFF, child), 4) + bytes(36) + _words((0xFFFFFFFE, 0, 0), 4)).ljust(128, b"\0")


def _words(numbers: Sequence[int], size: int) -> bytes:
    return b"".join(number.to_bytes(size, "little") for number in numbers)
