"""Справочник лицевых счетов of the Customer (4.1.16): who lives where, which services stand there, by what they are
charged, as of the 1st of the month. A row an account, services as columns; in the .csv a row a line and meter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import largest_numbers, service_rows, text_columns
from inbox_worker.documents.sheet_style import LANDSCAPE, PORTRAIT, Headers, SheetColumn, fit_columns
from inbox_worker.documents.sheets import Page
from inbox_worker.documents.view import show_date, show_quantity, show_tariff, unit_words
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules

SHEET = "Справочник"
WHO = (
    *text_columns(flat=9, account=17),
    SheetColumn("name", width=60, flexible=True),
    SheetColumn("area", "quantity", 13),
    SheetColumn("residents", "integer", 11),
)
FLAT = ("house", "address", "flat", "account", "name", "area", "residents", "service_ru", "service_kk", "base_shown",
        "tariff", "meter", "reading", "from_month", "service")  # fmt: skip
FIELDS = ("account", "service", "house", "address", "flat", "name", "area", "residents", "base", "tariff", "meter",
          "reading", "from_month")  # fmt: skip
_AT_THE_HOUSES = "•"
Row = Mapping[str, Any]
Terms = tuple[Decimal | None, str]  # tariff and base


def render_directory(table: Any, month: Period, customer: Customer, operator: Operator, rules: Rules) -> list[Rendered]:
    """Render the directory as a workbook and as flat .csv. `table`: pyarrow rows with the columns of FIELDS, of this
    Customer only.

    Sorted by house, account, service in the bill's order, meter. A house's heading tells its tariffs: of each service
    the one that most of its accounts have.
    """
    rows = sorted(_rows(table, rules), key=lambda r: (r["house"], r["account"], r["order"], r["meter"]))
    heading = Heading("directory", rules, month, operator, customer)
    services: list[tuple[str, list[Row]]] = [
        (code, list(of)) for code, of in groupby(sorted(rows, key=lambda r: r["order"]), key=lambda r: r["service"])
    ]
    columns, portrait = _laid_out(services, largest_numbers(WHO, rows), heading)
    book = heading.open_book()
    page = heading.add_page(book, SHEET, columns, largest_numbers(WHO, rows), portrait)
    page.start_table()
    for _, of_house in groupby(rows, key=lambda r: r["house"]):
        _write_house(page, columns, list(of_house), heading)
    page.end()
    fields = {column.name: column.name for column in columns if column.name.partition(":")[0] in _FIGURES}
    name = f"directory-{month}"
    return [
        Rendered("directory", f"{name}.xlsx", book.finish(), "", page.figures(fields)),
        render_flat("directory", f"{name}.csv", FLAT, rows, Headers(heading.texts, "directory")),
    ]


_SERVICE = SheetColumn("service", hidden=True)  # the first of the account: what its area is told with
_FIGURES = ("area", "residents", "tariff", "reading")


def _rows(table: Any, rules: Rules) -> Iterator[dict[str, Any]]:
    for row in service_rows(table, FIELDS, rules):
        base = " / ".join(dict.fromkeys(unit_words(rules, row["base"])))
        yield {**row, "house": row["house"] or "", "meter": row["meter"] or "", "base_shown": base}


def _laid_out(
    services: Sequence[tuple[str, list[Row]]], largest: Mapping[str, Any], heading: Heading
) -> tuple[tuple[SheetColumn, ...], bool]:
    """Return the columns, and whether the page stands upright: the first of four ways that fits, heads across before
    heads upwards; else the last, which flows onto pages beside it."""
    for turned in (False, True):
        columns = (*WHO, *_service_columns(services, heading, turned), SheetColumn("from_month", width=20), _SERVICE)
        for room in (PORTRAIT, LANDSCAPE):
            fitted = fit_columns(columns, Headers(heading.texts, "directory"), largest, room)
            if sum(width for _, width in fitted) <= room + 0.1:
                return columns, room == PORTRAIT
    return columns, False


def _service_columns(
    services: Sequence[tuple[str, list[Row]]], heading: Heading, turned: bool
) -> Iterator[SheetColumn]:
    """Yield a column a service; of a metered one those of its meters and their readings, too."""
    for code, rows in services:
        words = Bilingual(ru=rows[0]["service_ru"], kk=rows[0]["service_kk"])
        yield SheetColumn(f"tariff:{code}", "mark", 14 if _differ(rows) else 9, head=words, turned=turned)
        if any(row["meter"] for row in rows):
            meter, reading = (
                Bilingual(ru=head.ru.format(service=words.ru), kk=head.kk.format(service=words.kk))
                for head in (heading.texts.words(f"directory.{name}", service="{service}") for name in _METERS)
            )
            yield SheetColumn(f"meter:{code}", width=24, head=meter, turned=turned)
            yield SheetColumn(f"reading:{code}", "quantity", 16, head=reading, turned=turned)


_METERS = ("meter", "reading")


def _differ(rows: Sequence[Row]) -> bool:
    return any(len({_terms(row) for row in of}) > 1 for _, of in groupby(rows, key=lambda r: r["house"]))


def _terms(row: Row) -> Terms:
    return row["tariff"], row["base"]


def _usual(rows: Sequence[Row]) -> dict[str, Terms]:
    """Return of each service the terms that most rows of a house have; of as many the lower tariff."""
    found = {}
    for service in dict.fromkeys(row["service"] for row in rows):
        counted = Counter(_terms(row) for row in rows if row["service"] == service)
        found[service] = min(counted, key=lambda terms: (-counted[terms], terms[0] or 0, terms[1]))
    return found


def _write_house(page: Page, columns: Sequence[SheetColumn], rows: list[Row], heading: Heading) -> None:
    usual = _usual(sorted(rows, key=lambda r: r["order"]))
    accounts = [list(of) for _, of in groupby(rows, key=lambda r: r["account"])]
    page.add_heading((
        ("name", rows[0]["house"] or heading.in_both("report.no_house")), ("strong", f"   {rows[0]['address'] or ''}"),
        ("soft", f"    {heading.in_both('heading.accounts', count=len(accounts))}"),
    ))  # fmt: skip
    page.add_line((("soft", f"{heading.in_both('heading.tariffs')}: "), ("plain", _tariffs(usual, heading.rules))))
    for account in accounts:
        cells = _account(account, usual, heading.rules)
        page.add([cells.get(column.name) for column in columns])


def _tariffs(usual: Mapping[str, Terms], rules: Rules) -> str:
    return " · ".join(
        f"{rules.service(code).ru} {'–' if tariff is None else show_tariff(tariff)} ({unit_words(rules, base)[0]})"
        for code, (tariff, base) in usual.items()
    )


def _account(rows: Sequence[Row], usual: Mapping[str, Terms], rules: Rules) -> dict[str, Any]:
    """Return the cells of an account: a mark where the house's terms hold, else the tariff, with its base where that is
    another; meters and readings one below the other."""
    cells: dict[str, Any] = {
        name: rows[0][name] for name in ("flat", "account", "name", "area", "residents", "service")
    }
    cells["from_month"] = "\n".join(dict.fromkeys(show_date(row["from_month"]) for row in rows if row["from_month"]))
    for code, of in groupby(rows, key=lambda r: r["service"]):
        own = list(of)
        tariff, base = _terms(own[0])
        cells[f"tariff:{code}"] = _AT_THE_HOUSES if (tariff, base) == usual[code] else tariff
        if tariff is not None and base != usual[code][1]:
            cells[f"tariff:{code}"] = f"{show_tariff(tariff)}\n{unit_words(rules, base)[0]}"
        cells[f"meter:{code}"] = "\n".join(row["meter"] for row in own)
        readings = [row["reading"] for row in own]
        several = "\n".join("–" if one is None else show_quantity(one) for one in readings)
        cells[f"reading:{code}"] = readings[0] if len(readings) == 1 else several
    return cells
