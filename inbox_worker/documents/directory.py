"""Справочник лицевых счетов of the Customer (4.1.16): who lives where, which services stand there, by what they are
charged, as of the 1st of the month. A row an account, services as columns; in the .csv a row a line and meter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.directory_rows import DirectoryRows, ListedService, Terms
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import largest_in, text_columns
from inbox_worker.documents.sheet_style import LANDSCAPE, PORTRAIT, Headers, SheetColumn, fit_columns, in_both
from inbox_worker.documents.view import show_tariff, unit_words
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
_SERVICE = SheetColumn("service", hidden=True)  # the first of the account: what its area is told with
_FIGURES = ("area", "residents", "tariff", "reading")


def render_directory(
    table: Any, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> list[Rendered]:
    """Render the directory as a workbook and as flat .csv. `table`: pyarrow rows with the columns of FIELDS, of this
    Customer only, as of the 1st of the close's month.

    Sorted by house, account, service in the bill's order, meter. A house's heading tells its tariffs: of each service
    the one that most of its accounts have.
    """
    directory, heading = DirectoryRows(table, rules), Heading("directory", rules, close.month, operator, customer)
    heading = heading.with_steps_noted(close)
    largest = largest_in(directory.lines, WHO, {})
    columns, portrait = _laid_out(directory.services, largest, heading)
    book = heading.open_book()
    page = heading.add_page(book, SHEET, columns, largest, portrait)
    page.start_table()
    accounts, counts = directory.accounts()
    page.start_rows(accounts.select([column.name for column in columns]), counts, range(2, 2 * len(counts) + 2, 2))
    for house, count, usual in zip(directory.houses, counts, directory.usual_terms(), strict=True):
        page.add_heading((
            ("name", house.first["house"] or heading.in_both("report.no_house")),
            ("strong", f"   {house.first['address'] or ''}"),
            ("soft", f"    {heading.in_both('heading.accounts', count=count)}"),
        ))  # fmt: skip
        page.add_line((("soft", f"{heading.in_both('heading.tariffs')}: "), ("plain", _tariffs(usual, rules))))
        page.add_rows(count)
    page.end()
    fields = {column.name: column.name for column in columns if column.name.partition(":")[0] in _FIGURES}
    name = f"directory-{close.month}"
    return [
        Rendered("directory", f"{name}.xlsx", book.finish(), "", page.figures(fields)),
        render_flat("directory", f"{name}.csv", FLAT, directory.lines, Headers(heading.texts, "directory")),
    ]


def _laid_out(
    services: Sequence[ListedService], largest: Mapping[str, Any], heading: Heading
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


def _service_columns(services: Sequence[ListedService], heading: Heading, turned: bool) -> Iterator[SheetColumn]:
    """Yield a column a service; of a metered one those of its meters and their readings, too."""
    for service in services:
        code, words = service.code, service.words
        yield SheetColumn(f"tariff:{code}", "mark", 14 if service.differs else 9, head=words, turned=turned)
        if service.metered:
            meter, reading = (
                Bilingual(ru=head.ru.format(service=words.ru), kk=head.kk.format(service=words.kk))
                for head in (heading.texts.words(f"directory.{name}", service="{service}") for name in _METERS)
            )
            yield SheetColumn(f"meter:{code}", width=24, head=meter, turned=turned)
            yield SheetColumn(f"reading:{code}", "quantity", 16, head=reading, turned=turned)


_METERS = ("meter", "reading")


def _tariffs(usual: Sequence[Terms], rules: Rules) -> str:
    return "; ".join(
        f"{in_both(rules.service(code).words)} {'–' if tariff is None else show_tariff(tariff)} "
        f"({' / '.join(dict.fromkeys(unit_words(rules, base)))})"
        for code, tariff, base in usual
    )
