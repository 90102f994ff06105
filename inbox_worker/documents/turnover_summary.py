"""The first sheet of the turnover statement: was + charged - paid = became, by services and by houses.

Every figure is a live sum or link to the sheet of a service, with its value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.documents.sheet_columns import Formula, money_columns, text_columns
from inbox_worker.documents.sheet_lines import Box
from inbox_worker.documents.sheet_style import SheetColumn, in_tones
from inbox_worker.documents.sheets import Page
from inbox_worker.settings.form_rules import Bilingual

SUMS = ("opening_debit", "opening_credit", "charged", "undelivered", "recalculated", "penalty", "paid", "moved",
        "closing_debit", "closing_credit")  # fmt: skip
SIDES = {f"{name}_{side}": f"{name}.{side}" for name in ("opening", "closing") for side in ("debit", "credit")}
Accounts = Mapping[str | None, int]
_GROWN = ("charged", "undelivered", "recalculated", "penalty", "moved")
_MONEY = dict.fromkeys(SUMS, 17.0) | dict.fromkeys(("undelivered", "recalculated", "penalty", "moved"), 12.0)
PLUS = ("opening_debit", "charged", "undelivered", "recalculated", "penalty", "moved", "closing_credit")
MINUS = ("opening_credit", "paid", "closing_debit")
_BOXED = {"what": "opening", "charged": "+".join(_GROWN), "penalty": "paid", "closing_debit": "closing"}
_ABOVE = 7  # rows from the titles to the first service: boxes, an empty one, the section, the head
COLUMNS = (
    SheetColumn("what", width=70, flexible=True),
    SheetColumn("accounts", "integer", 12),
    SheetColumn("open", "count", 24),
    *money_columns(**_MONEY),
    *(SheetColumn(column.name, hidden=True) for column in text_columns(service=10, house=10)),
)


@dataclass(frozen=True)
class HousePart:
    """A house on a service's sheet: the row of its total, its accounts and sums."""

    code: str
    address: str
    row: int
    accounts: int
    sums: Mapping[str, Decimal]


@dataclass(frozen=True)
class ServicePart:
    """A service's sheet: its houses, the row of its total."""

    code: str
    title: Bilingual
    page: Page
    houses: Sequence[HousePart]
    row: int

    @property
    def sums(self) -> dict[str, Decimal]:
        """The exact sums of its houses."""
        return add_up(house.sums for house in self.houses)


def add_up(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Return the sums of sums."""
    listed = list(parts)
    return {name: sum((part[name] for part in listed), Decimal(0)) for name in SUMS}


def write_summary(page: Page, parts: Sequence[ServicePart], accounts: Accounts, month: Period) -> dict[str, str]:
    """Write the sheet and return its figures. `accounts`: how many stand in each house, in all of them under None."""
    texts, by_service = page.texts, [part.sums for part in parts]
    whole = add_up(by_service)
    total = page.ahead(_ABOVE + len(parts))
    page.start(page.identity(PLUS, MINUS, total, total))
    boxes = page.add_boxes(_boxes(page, whole, total, month), (("open", "+"), ("recalculated", "–"), ("moved", "=")))
    page.add_line()
    page.add_section("section.by_service")
    page.write_head({"what": texts.words("sheet.service_ru")})
    first = page.next_row
    for part, sums in zip(parts, by_service, strict=True):
        cells = {name: part.page.total_cell(name, part.row, value) for name, value in sums.items()}
        count = Decimal(sum(house.accounts for house in part.houses))
        counted = {"accounts": count, "service": part.code, **cells}
        row = _write_row(page, (part.title.ru, part.title.kk), counted, linked=True)
        page.add_link("open", part.page.name, page.in_both("link.open"), row)
    _end(page, first, whole, accounts)
    page.add_line()
    page.add_section("section.by_house")
    page.write_head({"what": texts.words("heading.house"), "open": Bilingual(ru=" ", kk=" ")}, longest=True)
    first_house = page.next_row
    houses = defaultdict[str, list[tuple[Page, HousePart]]](list)
    for part in parts:
        for house in part.houses:
            houses[house.code].append((part.page, house))
    for code, own in sorted(houses.items()):
        cells = {
            name: _add_cells([of.total_cell(name, house.row, house.sums[name]) for of, house in own]) for name in SUMS
        }
        counted = {"accounts": Decimal(accounts[code]), "house": code, **cells}
        _write_row(page, (code or page.in_both("report.no_house"), own[-1][1].address), counted)
    _end(page, first_house, whole, accounts)
    at = {f"{page.letters[name]}{boxes}": field for name, field in _BOXED.items()}
    return {**page.figures({name: SIDES.get(name, name) for name in SUMS}), **at, "first_row": str(first)}


def _write_row(page: Page, words: tuple[str, str], cells: Mapping[str, Any], linked: bool = False) -> int:
    return page.add_toned(in_tones(*words), [cells.get(column.name) for column in COLUMNS[1:]], linked)


def _end(page: Page, first: int, whole: Mapping[str, Decimal], accounts: Accounts) -> None:
    page.add_bars("closing_debit", [(first, page.next_row - 1)])
    page.add_total(page.in_both("total.all"), whole, first, keys={"accounts": Decimal(accounts[None])})


def _add_cells(cells: Sequence[Formula]) -> Formula:
    return Formula("=" + "+".join(cell.text[1:] for cell in cells), sum((cell.value for cell in cells), Decimal(0)))


def _boxes(page: Page, whole: Mapping[str, Decimal], row: int, month: Period) -> list[Box]:
    """Return the four figures of the month, as sums of the row of totals."""
    days = {"opening": f"{month.first_day:%d.%m}", "closing": f"{month.plus(1).first_day:%d.%m}"}
    places = {"opening": ("what", "what"), "charged": ("charged", "undelivered"), "paid": ("penalty", "paid"),
              "closing": ("closing_debit", "closing_credit")}  # fmt: skip
    boxes = []
    for name, (first, last) in places.items():
        signs = {"charged": dict.fromkeys(_GROWN, 1), "paid": {"paid": 1}}.get(
            name, {f"{name}_debit": 1, f"{name}_credit": -1}
        )
        formula = "".join(f"{'+' if sign > 0 else '-'}{page.letters[one]}{row}" for one, sign in signs.items())
        value = sum((whole[one] * sign for one, sign in signs.items()), Decimal(0))
        words = page.texts.words(f"box.{name}"), page.texts.words(f"box.{name}_note", day=days.get(name, ""))
        boxes.append(Box(first, last, words[0], Formula(f"={formula.lstrip('+')}", value), words[1]))
    return boxes
