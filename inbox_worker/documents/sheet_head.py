"""The top of a sheet and of every printed page: print set-up, titles, the check beside them, heads of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inbox_worker.documents.sheet_formats import FOOTER_LETTERS, BookFormats, PageSetup
from inbox_worker.documents.sheet_lines import REPEATED, SheetLines
from inbox_worker.documents.sheet_style import (
    HEAD_LINE,
    MARGINS,
    ROW,
    SECOND,
    SIZE,
    SOFT,
    SheetColumn,
    Words,
    characters,
    head_properties,
    lines_of,
    text_mm,
)
from inbox_worker.settings.form_rules import Bilingual

_MOST_FROZEN = 8  # rows: more would leave a small screen no place for the table
_CORNER = 85.0  # mm of the last columns of the first title hold its check
_TITLE = 60.0  # mm of the first ones are left to the title itself


class SheetHead(SheetLines):
    """A sheet under way, as far as its titles and heads go."""

    def __init__(
        self,
        book: BookFormats,
        sheet: Any,
        fitted: Sequence[tuple[SheetColumn, float]],
        titles: Sequence[Words],
        setup: PageSetup,
    ) -> None:
        super().__init__(book, sheet, fitted, setup)
        self._titles = titles
        self._set_up_print()

    def _set_up_print(self) -> None:
        sheet, setup = self._sheet, self._setup
        sheet.set_paper(9)
        (sheet.set_portrait if setup.portrait else sheet.set_landscape)()
        sheet.set_margins(**MARGINS)
        sheet.set_print_scale(100)
        sheet.set_default_row(ROW)
        sheet.hide_gridlines(2)
        words = self.texts.words("blank.page", page="&P", pages="&N")
        tone = f"&{SECOND:.0f}&K{SOFT[1:]}"
        left = setup.footer[:FOOTER_LETTERS].replace("&", "&&")
        sheet.set_footer(f"&L{tone}{left}&R{tone}{words.ru} · {words.kk}", {"margin": 0.25})
        for place, (column, width) in enumerate(zip(self._columns, self._widths, strict=True)):
            sheet.set_column(place, place, characters(width or column.width), None, {"hidden": column.hidden})
        if self._repeated:
            sheet.repeat_columns(0, REPEATED - 1)

    @property
    def next_row(self) -> int:
        return self._row + 1

    @property
    def first_row(self) -> int:
        """The table's first row, below its header."""
        return self.header_row + 1

    def ahead(self, rows: int = 0) -> int:
        """Return the number of the row that stands so many below the titles; of the table's first for 2."""
        return len(self._titles) + rows

    def start(self, check: str = "", back: str = "") -> None:
        """Write the titles; beside the second, or the only one, a cell that proves the `check`, a formula that is zero,
        and a link to the sheet named `back`."""
        corner = 1 if len(self._titles) > 1 else 0
        for place, title in enumerate(self._titles):
            beside = self._corner()[0] if place == corner and check else len(self._columns)
            self._write_wide(self._row, title, {}, beside)
            if place == corner and check:
                self._write_check(check)
            if place == 0 and back:
                self._write_link(place, self._visible(on_page=True)[-1], back, self.in_both("link.cover"))
            self._row += 1

    def start_table(self, plus: Sequence[str] = (), minus: Sequence[str] = (), rows: int = 0, back: str = "") -> None:
        """Write the titles and right below them the head of a table of so many `rows` with a row of totals; beside the
        title, when columns are named, the proof that plus = minus on every one."""
        first = self.ahead(2 + self._setup.machine_names)
        self.start(self.identity(plus, minus, first, first + rows) if plus else "", back)
        self.write_head()

    def identity(self, plus: Sequence[str], minus: Sequence[str], first: int, last: int) -> str:
        """Return a formula that is zero while plus = minus on every row; else what they are off by, signs aside."""

        def cells(name: str) -> str:
            return f"{self.letters[name]}{first}:{self.letters[name]}{last}"

        signed = "+".join(map(cells, plus)) + "".join(f"-{cells(name)}" for name in minus)
        return f"=SUMPRODUCT(ABS(ROUND({signed},2)))"

    def _corner(self) -> list[int]:
        """Return the last columns of the page that have place for the check, and leave place for the title."""
        found: list[int] = []
        for place in reversed(self._visible(on_page=True)):
            if found and sum(self._widths[:place]) < _TITLE and not self._book.earlier_look:
                break
            found.insert(0, place)
            if sum(self._widths[one] for one in found) >= _CORNER:
                break
        return found

    def _write_check(self, formula: str) -> None:
        """Write the proof into the last columns of the row: words while it is zero, else the gap, in bold on red."""
        texts, visible = self.texts, self._corner()
        agrees, gap = texts.words("check.agrees"), texts.words("check.gap")
        wrong = f'"{gap.ru} · {gap.kk} "#,##0.00'
        shown = self._book.add_format(
            num_format=f'{wrong};{wrong};"{agrees.ru} · {agrees.kk}"', font_size=SIZE, align="right", font_color=SOFT
        )
        first, last = visible[0], visible[-1]
        if first < last:
            self._sheet.merge_range(self._row, first, self._row, last, "", shown)
        self._sheet.write_formula(self._row, first, formula, shown, 0)
        self.warn_unless_zero(self._columns[first].name, self._row + 1)

    def warn_unless_zero(self, column: str, row: int) -> None:
        """Turn that cell red and bold while it is not zero."""
        wrong = self._book.add_format(bg_color="#F8D0D0", bold=True)
        cell = f"{self.letters[column]}{row}"
        self._sheet.conditional_format(cell, {"type": "cell", "criteria": "!=", "value": 0, "format": wrong})

    def write_head(self, heads: Mapping[str, Bilingual] | None = None, longest: bool = False) -> None:
        """Write the header of a table: Russian in bold, Kazakh below in grey. That of the first is repeated on every
        page and stays in sight; of several, that of the `longest` is repeated on the pages after it. `heads`: other
        words, by the columns' names."""
        if self._setup.machine_names:
            self._sheet.set_row(self._row, None, None, {"hidden": True})
            for place, column in enumerate(self._columns):
                self._sheet.write_string(self._row, place, column.name)
            self._row += 1
        words = [(heads or {}).get(column.name) or self._book.headers.words(column) for column in self._columns]
        self._sheet.set_row(self._row, max(self._head_height(place, words[place]) for place in self._visible()))
        for place, column in enumerate(self._columns):
            self._write_head_cell(place, column, words[place])
        self._row += 1
        if longest or self.header_row == 0:
            self._sheet.repeat_rows(0 if self._setup.repeat_titles else self._row - 1, self._row - 1)
            if self.header_row == 0 and self._row <= _MOST_FROZEN:
                self._sheet.freeze_panes(self._row, 0)
        self.header_row = self._row

    def _write_head_cell(self, place: int, column: SheetColumn, words: Bilingual) -> None:
        look = head_properties(column)
        if words.ru == words.kk:
            self._sheet.write_string(self._row, place, words.ru, self._book.add_format(**{**look, "bold": True}))
            return
        ru, kk = self._book.tone("strong"), self._book.tone("soft")
        self._sheet.write_rich_string(
            self._row, place, ru, f"{words.ru}\n", kk, words.kk, self._book.add_format(**look)
        )

    def _head_height(self, place: int, words: Bilingual) -> float:
        column, width = self._columns[place], self._widths[place]
        if column.turned:
            return max(text_mm(words.ru, SIZE, bold=True), text_mm(words.kk, SECOND)) * 72 / 25.4 + 6
        hyphens = not self._book.earlier_look
        lines = lines_of(words.ru, width, SIZE, bold=True, hyphens=hyphens)
        lines += lines_of(words.kk, width, SECOND, hyphens=hyphens) if words.ru != words.kk else 0
        return lines * HEAD_LINE + 4

    def _before_sums(self) -> int:
        """Return how many columns stand before the first that is summed."""
        return next((place for place, column in enumerate(self._columns) if column.total), len(self._columns))
