"""A valid form made of its rule, and what people do to it; none of it may change what is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import xlsxwriter
from hypothesis import strategies as st
from making import csv, ods, xls

from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from tests.support.office import BINS

Value = object
LOOKALIKES = str.maketrans("аеорсухАЕОРСТХВКМН", "aeopcyxAEOPCTXBKMH")
KINDS = ("xlsx", "xlsx", "xlsx", "xlsx", "xls", "ods", "csv")


def sample(column: ColumnRule, row: int, rules: Rules) -> Value:
    """A valid value of the column, another one a row: text, Decimal, whole number, date or month (its first day)."""
    makers: dict[str, Callable[[], Value]] = {
        "account": lambda: f"{10020030 + 977 * row}",
        "text": lambda: f"{column.example or 'Слово'} {row}".strip(),
        "code": lambda: f"A-{row + 1:03d}",
        "service": lambda: rules.services[row % len(rules.services)].ru,
        "base": lambda: rules.bases[row % 4].code,
        "money": lambda: Decimal(f"{1234 + row}.56"),
        "tariff": lambda: Decimal(f"{31 + row}.4155"),
        "quantity": lambda: Decimal(f"{1120 + row}.125"),
        "percent": lambda: Decimal(f"{16 + row}.5"),
        "number": lambda: Decimal(f"{1 + row}.25"),
        "integer": lambda: row + 2,
        "date": lambda: date(2026, 8, 10 + row),
        "month": lambda: date(2026, 3 + row, 1),
        "first_day": lambda: date(2026, 3 + row, 1),
        "bin": lambda: list(BINS.values())[row % len(BINS)],
        "choice": lambda: column.choices[row % len(column.choices)],
        "yes_no": lambda: ("да", "нет")[row % 2],
    }
    make = makers.get(column.type)
    return make() if make else column.example


_ANOTHER: tuple[list[list[Value]], ...] = (
    [
        ["Тарифы"],
        ["Услуга", "База", "Тариф", "Действует с", "Основание"],
        ["Лифт", "чел.", 120, "09.2026", "Протокол 1"],
    ],
    [
        ["Выбытие дома"],
        ["Код дома", "Дата прекращения", "Причина", "Узнали"],
        ["A-1", "01.10.2026", "Снос", "01.09.2026"],
    ],
)  # a table of another form, for tariffs and for the others


@dataclass(frozen=True)
class Mangling:
    """How one copy of a form is spoilt."""

    kind: str
    above: int
    left: int
    order: tuple[int, ...]
    extra: tuple[int, ...]
    spelling: str
    latin: bool
    merged: bool
    numbered: bool
    gaps: tuple[int, ...]
    total: bool
    signed: bool
    again: str
    beneath: bool
    hide_rows: bool
    hide_column: bool
    hide_sheet: bool
    numbers: str
    dates: str
    accounts_as_numbers: bool
    sheets: int
    system_1904: bool


def manglings(columns: int, rows: int) -> st.SearchStrategy[Mangling]:
    """Any combination of the ways."""
    flag = st.booleans()
    return st.builds(
        Mangling,
        kind=st.sampled_from(KINDS),
        above=st.integers(0, 20),
        left=st.integers(0, 3),
        order=st.permutations(range(columns)).map(tuple),
        extra=st.lists(st.integers(0, columns), max_size=3).map(tuple),
        spelling=st.sampled_from(["ru", "kk", "alias", "upper", "star", "blanks", "no_yo"]),
        latin=flag, merged=flag, numbered=flag,
        gaps=st.lists(st.integers(0, 3), min_size=rows, max_size=rows).map(tuple),
        total=flag, signed=flag, again=st.sampled_from(["", "header", "title"]), beneath=flag,
        hide_rows=flag, hide_column=flag, hide_sheet=flag,
        numbers=st.sampled_from(["cell", "comma", "nbsp", "point"]),
        dates=st.sampled_from(["point", "slash", "iso", "cell", "timed"]),
        accounts_as_numbers=flag,
        sheets=st.integers(1, 3),
        system_1904=flag,
    )  # fmt: skip


def written(value: Value, column: ColumnRule, how: Mangling) -> Value:
    """The value as this copy has it."""
    if isinstance(value, date):
        return _date(value, column, how)
    if isinstance(value, Decimal | int):
        if how.numbers == "cell":
            return float(value)
        text = f"{value:,}" if how.numbers == "nbsp" else f"{value}"
        text = text.replace(",", "\u00a0")
        return text if how.numbers == "point" else text.replace(".", ",")
    if column.type == "account" and how.accounts_as_numbers:
        return float(str(value))
    return value


def _date(value: date, column: ColumnRule, how: Mangling) -> Value:
    if how.dates == "cell" and how.kind == "xlsx":
        return datetime.combine(value, time())
    if column.type == "month":
        forms = {"slash": "%m/%Y", "iso": "%Y-%m", "timed": "%d.%m.%Y"}
        return value.strftime(forms.get(how.dates, "%m.%Y"))
    forms = {"slash": "%d/%m/%Y", "iso": "%Y-%m-%d", "timed": "%d.%m.%Y 14:30"}
    return value.strftime(forms.get(how.dates, "%d.%m.%Y"))


def heading(column: ColumnRule, how: Mangling) -> str:
    text = {
        "kk": column.kk,
        "alias": column.aliases[0] if column.aliases else column.ru,
        "upper": column.ru.upper(),
        "star": f"{column.ru} *",
        "blanks": f"  {column.ru.replace(' ', '   ')}\n",
        "no_yo": column.ru.replace("ё", "е"),
    }.get(how.spelling, column.ru)
    return text.translate(LOOKALIKES) if how.latin and how.spelling in ("ru", "no_yo") else text


def spoilt(rule: FormRule, rows: list[dict[str, Value]], how: Mangling) -> tuple[bytes, str]:
    """The form's bytes and a file name."""
    count = how.sheets if how.kind == "xlsx" else 1
    cut = -(-len(rows) // count)
    parts = [rows[place : place + cut] for place in range(0, len(rows), cut)]
    sheets = [_sheet(rule, part, how, last=place == len(parts) - 1) for place, part in enumerate(parts)]
    if how.kind == "xlsx":
        return _xlsx(sheets, how), "форма.xlsx"
    make = {"xls": xls, "ods": ods, "csv": csv}[how.kind]
    return make(sheets[0][0]), f"форма.{how.kind}"


def _sheet(rule: FormRule, rows: list[dict[str, Value]], how: Mangling, last: bool) -> tuple[list[list[Value]], int]:
    """A sheet's rows, and the place of its header."""
    top: list[list[Value]] = [["Жалпы мәлімет"], ["г. Алматы, тел. 123-45-67"]] * (how.above // 2) + [[]] * (
        how.above % 2
    )
    top += [["Форма", rule.form], ["Версия", rule.version], ["БИН заказчика", "971240003619"], []]
    columns = [rule.columns[place] for place in how.order]
    table: list[list[Value]] = [[heading(column, how) for column in columns]]
    if how.merged and how.kind == "xlsx":
        table.append([None] * len(columns))
    if how.numbered and len(columns) > 2:
        table.append([place + 1 for place in range(len(columns) + len(how.extra))])
    first_row = len(table)
    table += [[written(row[c.name], c, how) if row[c.name] is not None else None for c in columns] for row in rows]
    for number, place in enumerate(sorted(how.extra)):
        for at, line in enumerate(table):
            if how.numbered and len(columns) > 2 and at == first_row - 1:
                continue
            line.insert(place, f"Служебная отметка {number}" if at == 0 else ("ок" if at >= first_row else None))
    spread = table[:first_row]
    for place, (line, gap) in enumerate(zip(table[first_row:], how.gaps, strict=False)):
        if place == 1 and how.again:
            spread += (
                [["Директор", "____________"], [], [rule.title.ru], *top[how.above :]] if how.again == "title" else []
            )
            spread += table[:first_row]
        spread += [*[[] for _ in range(gap)], line]
    if how.total and last:
        spread.append(["Итого"])
    if how.signed and last:
        spread += [[], ["Директор", "____________", "Ахметов А. Б."], ["М.П."]]
    if how.beneath and last:
        spread += [[], *_ANOTHER[rule.form == "tariffs"]]
    return [[*[None] * how.left, *line] for line in [*top, *spread]], len(top)


def _xlsx(sheets: list[tuple[list[list[Value]], int]], how: Mangling) -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, "date_1904": how.system_1904}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        if how.hide_sheet:
            book.add_worksheet("Пояснение").write(0, 0, "Таблица на другом листе")
        for rows, header in sheets:
            sheet = book.add_worksheet()
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, datetime):
                        sheet.write_datetime(r, c, value, day)
                    elif value is not None:
                        sheet.write(r, c, value)
            if how.merged:
                for c, text in enumerate(rows[header]):
                    if text:
                        sheet.merge_range(header, c, header + 1, c, text)
            if how.hide_rows:
                sheet.set_row(len(rows) - 1, None, None, {"hidden": True})
            if how.hide_column:
                sheet.set_column(how.left, how.left, None, None, {"hidden": True})
            if how.hide_sheet:
                sheet.hide()
    return sink.getvalue()
