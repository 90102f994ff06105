"""Lines of a sheet that are not rows of a table: headings, sections, boxes, links, bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from inbox_worker.documents.sheet_band import can_take_bands, style_of
from inbox_worker.documents.sheet_columns import Formula
from inbox_worker.documents.sheet_formats import BookFormats, PageSetup
from inbox_worker.documents.sheet_rows import RowWriter
from inbox_worker.documents.sheet_style import (
    BAR,
    HAIR,
    INK,
    LANDSCAPE,
    LINK,
    PORTRAIT,
    ROW,
    RULE,
    SECOND,
    SIZE,
    SOFT,
    TONES,
    SheetColumn,
    Words,
    format_properties,
    in_both,
    in_tones,
    text_mm,
)
from inbox_worker.documents.view import printable
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.texts import Texts

_HEIGHTS = {"title": 24.0, "big": 19.0, "section": 20.0}
_MOST_TEXT, _MOST_LINES = 2_000, 20  # of a line that runs over cells
_HEADING = 17.0  # points
_MOST_RANGES = 500  # groups whose bars are drawn
_FIGURE, _FIGURES = '#,##0.00;"−"#,##0.00;0.00', (14.0, 11.0, 9.0)  # of a box
REPEATED = 2  # columns that stand on pages beside the first, too
_ROW_RULE = {"bottom": 4, "bottom_color": HAIR}


@dataclass(frozen=True)
class Box:
    """A figure that stands out, over some columns: its name, its sum, what it is made of."""

    first: str
    last: str
    words: Bilingual
    value: Formula
    note: Bilingual


class SheetLines:
    """A sheet under way, as far as its lines go; from top to bottom."""

    def __init__(
        self,
        book: BookFormats,
        sheet: Any,
        fitted: Sequence[tuple[SheetColumn, float]],
        setup: PageSetup,
    ) -> None:
        self._book, self._sheet, self._setup = book, sheet, setup
        self._columns = [column for column, _ in fitted]
        self._widths = [width for _, width in fitted]
        self._in_sight = [place for place, column in enumerate(self._columns) if not column.hidden]
        self.letters = {column.name: xl_col_to_name(place) for place, column in enumerate(self._columns)}
        self._row, self._direct = 0, RowWriter(sheet)
        self.header_row = 0  # of the last table
        room = PORTRAIT if setup.portrait else LANDSCAPE
        self._on_page = sum(1 for end in accumulate(self._widths) if end <= room + 0.1)  # columns of the first page
        self._repeated = REPEATED if max(self._on_page, REPEATED) < len(self._columns) else 0
        self._behind = 0 if book.earlier_look else self._repeated  # texts over empty cells begin behind so many columns

    @property
    def _streamed(self) -> bool:
        return can_take_bands(self._sheet)

    @property
    def texts(self) -> Texts:
        return self._book.headers.texts

    def in_both(self, code: str, **facts: object) -> str:
        """Return a text in both languages on a line, a dot between them."""
        return in_both(self.texts.words(code, **facts))

    def _visible(self, on_page: bool = False) -> list[int]:
        shown = self._in_sight
        return [place for place in shown if place < max(self._on_page, 2)] if on_page else shown

    @staticmethod
    def _as_printed(words: Words) -> Words:
        return tuple((tone, printable(text[:_MOST_TEXT])) for tone, text in words if text)

    @staticmethod
    def _wide(words: Words) -> float:
        return sum(text_mm(text, TONES[tone]["font_size"], bold="bold" in TONES[tone]) for tone, text in words)

    def _write_wide(self, row: int, words: Words, look: Mapping[str, Any], columns: int) -> None:
        """Write a line that runs over empty cells; one that is longer than so many columns is wrapped in them. It
        begins behind columns that are repeated on pages beside, where it would be cut."""
        words = self._as_printed(words)
        columns = min(columns, max(self._on_page, 1))
        begin = self._behind if columns > self._behind + 1 else 0
        room = sum(self._widths[begin:columns])
        wide = self._wide(words)
        height = max((_HEIGHTS.get(tone, ROW) for tone, _ in words), default=ROW)
        last = max(place for place in self._visible() if place < max(columns, 1))
        if wide > room - 2 and last > begin:
            look = {**look, "text_wrap": True}
            self._sheet.merge_range(row, begin, row, last, "", self._book.add_format(**look))
            height *= min(int(wide / (room * 0.9)) + 1, _MOST_LINES)
        if height > ROW:
            self._sheet.set_row(row, height)
        if len(words) > 1:
            parts = [part for tone, text in words for part in (self._book.tone(tone), text)]
            self._sheet.write_rich_string(row, begin, *parts, self._book.add_format(**look))
        elif words:
            # a blank behind it: xlsxwriter takes <r>...</r> for markup of its own
            shown = self._book.add_format(**{**look, **TONES[words[0][0]]})
            self._sheet.write_string(row, begin, f"{words[0][1]} ", shown)

    def _on_one_line(self, words: Words, columns: int) -> bool:
        """Return whether `_write_wide` would write a line over so many empty cells without wrapping."""
        columns = min(columns, max(self._on_page, 1))
        alone = all(place >= max(columns, 1) for place in self._in_sight[1:])
        return alone or self._wide(words) <= sum(self._widths[:columns]) - 2

    def _write_cells(self, cells: Sequence[str | None], height: float = ROW) -> bool:
        """Write a whole row of cells as they are, if all of them are there."""
        if any(cell is None for cell in cells):
            return False
        self._direct.write(self._row, [cell for cell in cells if cell], len(self._columns) - 1, height)
        self._row += 1
        return True

    def _write_plain_heading(self, words: Words) -> bool:
        if self._behind or not (self._streamed and len(words) > 1 and self._on_one_line(words, len(self._columns))):
            return False
        self._direct.begin(self._row)
        shown, letters, number = self._book.format("text", "head"), list(self.letters.values()), self._row + 1
        fonts = [(self._book.tone(tone), text) for tone, text in words]
        first = self._direct.tones(f"{letters[0]}{number}", shown, fonts)
        style = style_of(shown)
        others = [f'<c r="{letters[place]}{number}"{style}/>' for place in self._visible()[1:]]
        return self._write_cells([first, *others], _HEADING)

    def add_line(self, words: Words = ()) -> int:
        """Write a free line, an empty one for nothing, and return its number."""
        if words:
            self._write_wide(self._row, words, {}, len(self._columns))
        self._row += 1
        return self._row

    def add_section(self, code: str) -> None:
        """Write the title of a part of a sheet."""
        words = self.texts.words(code)
        self.add_line(in_tones(words.ru, words.kk, ("section", "section_kk")))

    def add_heading(self, words: Words) -> int:
        """Write a heading within a table, a rule below it over all columns, and return its number."""
        look = format_properties("text", "head")
        words = self._as_printed(words)
        if self._write_plain_heading(words):
            return self._row
        self._sheet.set_row(self._row, _HEADING)
        for place in self._visible()[0 if self._behind else 1 :]:
            self._sheet.write_blank(self._row, place, None, self._book.add_format(**look))
        if self._behind and len(words) > 1 and self._wide(words[:1]) < sum(self._widths[: self._behind]) - 2:
            self._write_wide(self._row, words[:1], look, 1)
            words = ((words[1][0], words[1][1].lstrip()), *words[2:])
        self._write_wide(self._row, words, look, len(self._columns))
        self._row += 1
        return self._row

    def _write_link(self, row: int, place: int, sheet: str, text: str) -> None:
        look = self._book.add_format(font_size=SIZE, underline=1, font_color=LINK, align="right", **_ROW_RULE)
        self._sheet.write_url(row, place, f"internal:'{sheet}'!A1", look, text)

    def add_link(self, column: str, sheet: str, text: str, row: int) -> None:
        """Write a link to another sheet into a cell of a row."""
        self._write_link(row - 1, list(self.letters).index(column), sheet, text)

    def add_boxes(self, boxes: Sequence[Box], signs: Sequence[tuple[str, str]]) -> int:
        """Write figures that stand out, side by side, with signs between them; return the row of the sums."""
        sheet, top, places = self._sheet, self._row, list(self.letters)
        for offset, height in enumerate((14, 22, 21)):
            sheet.set_row(top + offset, height)
            for box in boxes:
                self._write_box(top + offset, offset, box, places.index(box.first), places.index(box.last))
            for name, text in signs if offset == 1 else ():
                look = self._book.add_format(bold=True, font_size=14, font_color=INK, align="center")
                sheet.write_string(top + offset, places.index(name), text, look)
        self._row += 3
        return top + 2

    def _write_box(self, row: int, part: int, box: Box, first: int, last: int) -> None:
        """Write the name, the sum or the note of a box; the sum as large as its columns allow."""
        room = sum(self._widths[first : last + 1]) - 2
        size = next((size for size in _FIGURES if text_mm(f"{box.value.value:,.2f}", size, bold=True) < room), SIZE)
        look = (
            {"bold": True, "font_size": SIZE, "font_color": INK, "top": 2, "top_color": INK},
            {"bold": True, "font_size": size, "align": "left", "num_format": _FIGURE},
            {"font_size": SECOND, "font_color": SOFT, "text_wrap": True, "bottom": 1, "bottom_color": RULE},
        )[part]
        shown = self._book.add_format(**look)
        if first < last:
            self._sheet.merge_range(row, first, row, last, "", shown)
        if part == 1:
            self._sheet.write_formula(row, first, box.value.text, shown, float(box.value.value))
        else:
            text = f"{box.note.ru}\n{box.note.kk}" if part else in_both(box.words)
            self._sheet.write_string(row, first, text, shown)

    def add_bars(self, column: str, ranges: Sequence[tuple[int, int]], alone: bool = False) -> None:
        """Draw bars behind a column's numbers in those ranges of rows, as long as they are large, or `alone`."""
        letter = self.letters[column]
        spans = [f"{letter}{first}:{letter}{last}" for first, last in ranges if first <= last][:_MOST_RANGES]
        bars = {"type": "data_bar", "bar_solid": True, "bar_color": RULE if alone else BAR, "min_type": "num",
                "min_value": 0, "bar_only": alone, "bar_border_color": BAR, "multi_range": " ".join(spans)}  # fmt: skip
        if spans:
            self._sheet.conditional_format(spans[0], bars)
