"""What stands above and between a sheet's rows: titles, heads of tables, headings, boxes, checks; how it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name

from inbox_worker.documents.sheet_columns import Formula
from inbox_worker.documents.sheet_style import (
    BAR,
    HAIR,
    HEAD_LINE,
    INK,
    LANDSCAPE,
    LINK,
    MARGINS,
    PORTRAIT,
    ROW,
    RULE,
    SECOND,
    SIZE,
    SOFT,
    VOICES,
    SheetColumn,
    Words,
    characters,
    format_properties,
    head_properties,
    in_both,
    lines_of,
    text_mm,
)
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.texts import Texts

if TYPE_CHECKING:
    from inbox_worker.documents.sheets import Book, PageSetup

_HEIGHTS = {"title": 24.0, "big": 19.0, "section": 20.0}
_MOST_TEXT, _MOST_LINES = 2_000, 20  # of a line that runs over cells
_MOST_RANGES = 500  # groups whose bars are drawn
_MOST_FROZEN = 8  # rows: more would leave a small screen no place for the table
_ROW_RULE = {"bottom": 4, "bottom_color": HAIR}
_REPEATED = 1  # the last column that is repeated on pages beside the first
_CORNER = 62.0  # mm of the last columns of the first title hold its check


@dataclass(frozen=True)
class Box:
    """A figure that stands out, over some columns: its name, its sum, what it is made of."""

    first: str
    last: str
    words: Bilingual
    value: Formula
    note: Bilingual


class SheetHead:
    """The part of a sheet under way that is not its rows."""

    def __init__(
        self,
        book: Book,
        sheet: Any,
        fitted: Sequence[tuple[SheetColumn, float]],
        titles: Sequence[Words],
        setup: PageSetup,
    ) -> None:
        self._book, self._sheet, self._titles, self._setup = book, sheet, titles, setup
        self._columns = [column for column, _ in fitted]
        self._widths = [width for _, width in fitted]
        self.letters = {column.name: xl_col_to_name(place) for place, column in enumerate(self._columns)}
        self._row = 0
        self.header_row = 0  # of the last table
        room = PORTRAIT if setup.portrait else LANDSCAPE
        self._on_page = sum(1 for end in accumulate(self._widths) if end <= room + 0.1)  # columns of the first page
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
        voice = f"&{SECOND:.0f}&K{SOFT[1:]}"
        left = setup.footer.replace("&", "&&")[:120]
        sheet.set_footer(f"&L{voice}{left}&R{voice}{words.ru} · {words.kk}", {"margin": 0.25})
        for place, (column, width) in enumerate(zip(self._columns, self._widths, strict=True)):
            sheet.set_column(place, place, characters(width or column.width), None, {"hidden": column.hidden})
        if self._on_page < len(self._columns):
            sheet.repeat_columns(0, _REPEATED)

    @property
    def next_row(self) -> int:
        return self._row + 1

    @property
    def first_row(self) -> int:
        """The table's first row, below its header."""
        return self.header_row + 1

    def in_both(self, code: str, **facts: object) -> str:
        """Return a text in both languages on a line, a dot between them."""
        return in_both(self.texts.words(code, **facts))

    @property
    def texts(self) -> Texts:
        return self._book.headers.texts

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

    def _write_link(self, row: int, place: int, sheet: str, text: str) -> None:
        look = self._book.add_format(font_size=SIZE, underline=1, font_color=LINK, align="right", **_ROW_RULE)
        self._sheet.write_url(row, place, f"internal:'{sheet}'!A1", look, text)

    def add_link(self, column: str, sheet: str, text: str, row: int) -> None:
        """Write a link to another sheet into a cell of a row."""
        self._write_link(row - 1, list(self.letters).index(column), sheet, text)

    def fits(self, words: Words) -> bool:
        """Return whether a line of several voices stands in the first cell of a row without wrapping."""
        return self._wide(words) < self._widths[0] - 2

    def say(self, row: int, words: Words) -> None:
        """Write a line of several voices into a row's first cell, where it fits."""
        self._write_wide(row - 1, words, format_properties("text", "row"), 1)

    @staticmethod
    def _wide(words: Words) -> float:
        return sum(text_mm(text, VOICES[voice]["font_size"], bold="bold" in VOICES[voice]) for voice, text in words)

    def add_section(self, code: str) -> None:
        """Write the title of a part of a sheet."""
        words = self.texts.words(code)
        self.add_line((("section", words.ru), ("section_kk", f" · {words.kk}")))

    def _corner(self) -> list[int]:
        """Return the last columns of the page that have place for the check."""
        found: list[int] = []
        for place in reversed(self._visible(on_page=True)):
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

    def write_head(self, heads: Mapping[str, Bilingual] | None = None) -> None:
        """Write the header of a table: Russian in bold, Kazakh below in grey. That of the first is repeated on every
        page and stays in sight. `heads`: other words, by the columns' names."""
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
        if self.header_row == 0:
            self._sheet.repeat_rows(0 if self._setup.repeat_titles else self._row - 1, self._row - 1)
            if self._row <= _MOST_FROZEN:
                self._sheet.freeze_panes(self._row, 0)
        self.header_row = self._row

    def _write_head_cell(self, place: int, column: SheetColumn, words: Bilingual) -> None:
        look = head_properties(column)
        if words.ru == words.kk:
            self._sheet.write_string(self._row, place, words.ru, self._book.add_format(**{**look, "bold": True}))
            return
        ru, kk = self._book.voice("strong"), self._book.voice("soft")
        self._sheet.write_rich_string(
            self._row, place, ru, f"{words.ru}\n", kk, words.kk, self._book.add_format(**look)
        )

    def _head_height(self, place: int, words: Bilingual) -> float:
        column, width = self._columns[place], self._widths[place]
        if column.turned:
            return max(text_mm(words.ru, SIZE, bold=True), text_mm(words.kk, SECOND)) * 72 / 25.4 + 6
        lines = lines_of(words.ru, width, SIZE, bold=True)
        lines += lines_of(words.kk, width, SECOND) if words.ru != words.kk else 0
        return lines * HEAD_LINE + 4

    def _visible(self, on_page: bool = False) -> list[int]:
        shown = [place for place, column in enumerate(self._columns) if not column.hidden]
        return [place for place in shown if place < max(self._on_page, 2)] if on_page else shown

    def _before_sums(self) -> int:
        """Return how many columns stand before the first that is summed."""
        return next((place for place, column in enumerate(self._columns) if column.total), len(self._columns))

    def _write_wide(self, row: int, words: Words, look: Mapping[str, Any], columns: int) -> None:
        """Write a line that runs over empty cells; one that is longer than so many columns is wrapped in them."""
        words = tuple((voice, text[:_MOST_TEXT]) for voice, text in words if text)
        columns = min(columns, max(self._on_page, 1))
        room = sum(self._widths[:columns])
        wide = self._wide(words)
        height = max((_HEIGHTS.get(voice, ROW) for voice, _ in words), default=ROW)
        last = max(place for place in self._visible() if place < max(columns, 1))
        if wide > room - 2 and last > 0:
            look = {**look, "text_wrap": True}
            self._sheet.merge_range(row, 0, row, last, "", self._book.add_format(**look))
            height *= min(int(wide / (room * 0.9)) + 1, _MOST_LINES)
        if height > ROW:
            self._sheet.set_row(row, height)
        if len(words) > 1:
            parts = [part for voice, text in words for part in (self._book.voice(voice), text)]
            self._sheet.write_rich_string(row, 0, *parts, self._book.add_format(**look))
        elif words:
            self._sheet.write_string(row, 0, words[0][1], self._book.add_format(**{**look, **VOICES[words[0][0]]}))

    def add_line(self, words: Words = ()) -> int:
        """Write a free line, an empty one for nothing, and return its number."""
        if words:
            self._write_wide(self._row, words, {}, len(self._columns))
        self._row += 1
        return self._row

    def add_heading(self, words: Words) -> int:
        """Write a heading within a table, a rule below it over all columns, and return its number."""
        look = format_properties("text", "head")
        self._sheet.set_row(self._row, 17)
        for place in self._visible()[1:]:
            self._sheet.write_blank(self._row, place, None, self._book.add_format(**look))
        self._write_wide(self._row, words, look, len(self._columns))
        self._row += 1
        return self._row

    def add_boxes(self, boxes: Sequence[Box], signs: Sequence[tuple[str, str]]) -> int:
        """Write figures that stand out, side by side, with signs between them; return the row of the sums."""
        book, sheet, top = self._book, self._sheet, self._row
        caption = book.add_format(bold=True, font_size=SIZE, font_color=INK, top=2, top_color=INK)
        figure = book.add_format(bold=True, font_size=14, num_format='#,##0.00;"−"#,##0.00;0.00', align="left")
        note = book.add_format(font_size=SECOND, font_color=SOFT, text_wrap=True, bottom=1, bottom_color=RULE)
        sign = book.add_format(bold=True, font_size=14, font_color=INK, align="center")
        for offset, height in enumerate((14, 22, 21)):
            sheet.set_row(top + offset, height)
        places = {column.name: place for place, column in enumerate(self._columns)}
        for offset in range(3):
            for box in boxes:
                first, last = places[box.first], places[box.last]
                shown = (caption, figure, note)[offset]
                text = (f"{box.words.ru} · {box.words.kk}", "", f"{box.note.ru}\n{box.note.kk}")[offset]
                if first < last:
                    sheet.merge_range(top + offset, first, top + offset, last, "", shown)
                if offset == 1:
                    sheet.write_formula(top + 1, first, box.value.text, figure, float(box.value.value))
                else:
                    sheet.write_string(top + offset, first, text, shown)
            if offset == 1:
                for name, text in signs:
                    sheet.write_string(top + 1, places[name], text, sign)
        self._row += 3
        return top + 2

    def add_bars(self, column: str, ranges: Sequence[tuple[int, int]], alone: bool = False) -> None:
        """Draw bars behind a column's numbers in those ranges of rows, as long as they are large, or `alone`."""
        letter = self.letters[column]
        spans = [f"{letter}{first}:{letter}{last}" for first, last in ranges if first <= last][:_MOST_RANGES]
        bars = {"type": "data_bar", "bar_solid": True, "bar_color": RULE if alone else BAR, "min_type": "num",
                "min_value": 0, "bar_only": alone, "bar_border_color": BAR, "multi_range": " ".join(spans)}  # fmt: skip
        if spans:
            self._sheet.conditional_format(spans[0], bars)
