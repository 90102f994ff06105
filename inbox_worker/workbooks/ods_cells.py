"""Reads the cells of an .ods from its content.xml, as OpenDocument 1.3 (part 3, 9 and 19.385) says.

calamine gives an error as an empty text, a percent as its hundredth, and fails at white space between cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from inbox_worker.workbooks.cell_values import (
    BLANK_FORMULA,
    EMPTY,
    ERROR,
    FORMULA,
    MOST_RANGES,
    NUMBER,
    PERCENT,
    Cell,
    Note,
    Oversized,
)
from inbox_worker.workbooks.markup import attribute, local, reader
from inbox_worker.workbooks.ods_rules import OdsRules
from inbox_worker.workbooks.ods_sheet import OdsSheet
from inbox_worker.workbooks.ods_spans import Spans
from inbox_worker.workbooks.ods_values import KINDS, Formats, is_flat, is_zero, typed_value
from inbox_worker.workbooks.shown_otherwise import differs, format_of, places_of, round_as_shown
from inbox_worker.workbooks.xlsx_parts import Parts

_CHUNK = 1_048_576
_IGNORED = frozenset((
    "tracked-changes", "annotation", "shapes", "dde-links", "forms", "named-expressions", "ruby-text", "note", "script",
))  # fmt: skip
_DRAWN = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0 "
_SHOWN_ERROR = re.compile(r"(?:#[^\s#]+[!?]|#N/A|#Н/Д|#GETTING_DATA|Err:\d{3}|Ошибка:\d{3})")
_MOST_TEXT = 100_000
_MOST_CELLS = 20_000_000
_BLANKS = 16_384  # empty cells or rows that are kept between filled ones are made when a filled one follows


class _OdsContent:
    """Fill sheets from the events of an XML parser."""

    def __init__(self, wanted: dict[str, Any], formats: Formats) -> None:
        self.sheets: list[OdsSheet] = []
        self._formats = formats
        self._wanted, self._names = wanted, dict[str, str]()
        self._undisplayed: set[str] = set()
        self._spans = Spans(formats.strikes)
        self._flat: set[str] = set()  # styles of rows and columns of no size
        self._whole_columns: list[tuple[int, str]] = []  # the column after the last of each, the style of its cells
        self._style = ""
        self._rules = OdsRules(formats.is_unseen, formats.strikes)
        self._ignored = self._note_lines = self._in_line = 0
        self._note = self._note_words = ""
        self._row: list[Any] = []
        self._blank_rows = self._blank_cells = self._row_times = self._column = self._cells = 0
        self._cell: dict[str, str] | None = None
        self._lines: list[str] = []
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "table": self._table, "table-row": self._begin_row, "table-column": self._columns,
            "table-cell": self._begin_cell, "covered-table-cell": self._begin_cell, "p": self._line, "h": self._line,
            "s": self._spaces, "tab": lambda attrs: self.text("\t"), "line-break": lambda attrs: self.text("\n"),
            "span": lambda attrs: self._spans.begin(attribute(attrs, "style-name"), "".join(self._lines)),
            "style": self._begin_style, "table-properties": self._note_display, "text-properties": self._texts,
            "table-row-properties": self._sizes, "table-column-properties": self._sizes,
            "table-cell-properties": formats.look, "default-style": formats.default_style,
            **dict.fromkeys(KINDS, self._formats.begin), "map": self._formats.condition,
            **self._rules.starts,
        }  # fmt: skip
        self._ends: dict[str, Callable[[], None]] = {
            "table-row": self._end_row, "table-cell": self._end_cell, "covered-table-cell": self._end_cell,
            "p": self._end_line, "h": self._end_line, "span": self._spans.end, "table": self._rules.end,
        }  # fmt: skip

    def start(self, name: str, attrs: dict[str, str]) -> None:
        short = self._names.get(name)
        if short is None:
            short = local(name)
            short = self._names[name] = "shapes" if name.startswith(_DRAWN) and short != "a" else short
        if self._ignored or short in _IGNORED:
            self._begin_note(short)
            self._ignored += 1
        elif act := self._starts.get(short):
            act(attrs)

    def end(self, name: str) -> None:
        if self._ignored:
            self._ignored -= 1
            self._end_note(self._names[name])
        elif act := self._ends.get(self._names[name]):
            act()

    def _begin_note(self, short: str) -> None:
        """Begin a comment or a drawing, the words of which are its paragraphs."""
        if not self._ignored:
            self._note, self._note_lines = short, 0
            self._note_words = ""
        elif short in ("p", "h"):
            self._note_lines += 1
            self._note_words += " "

    def _end_note(self, short: str) -> None:
        self._note_lines -= short in ("p", "h") and self._note_lines > 0
        if self._ignored or self._note not in ("annotation", "shapes") or not self.sheets:
            return
        sheet = self.sheets[-1]
        row, column = len(sheet.rows) + self._blank_rows + 1, len(self._row) + self._blank_cells
        sheet.look.put_note(Note(self._note == "annotation", row, column, self._note_words))

    def text(self, data: str) -> None:
        if self._ignored and self._note_lines and len(self._note_words) < _MOST_TEXT:
            self._note_words += data
        if self._in_line and not self._ignored and len(self._lines[-1]) < _MOST_TEXT:
            self._lines[-1] += data
            self._spans.take(data)

    def _begin_style(self, attrs: dict[str, str]) -> None:
        self._style = attribute(attrs, "name")
        self._formats.style(attrs)

    def _note_display(self, attrs: dict[str, str]) -> None:
        if attribute(attrs, "display") == "false":
            self._undisplayed.add(self._style)

    def _texts(self, attrs: dict[str, str]) -> None:
        self._formats.colour(attrs)
        self._spans.take_style(self._style, attrs)

    def _sizes(self, attrs: dict[str, str]) -> None:
        if is_flat(attrs):
            self._flat.add(self._style)

    def _is_hidden(self, attrs: dict[str, str]) -> bool:
        return attribute(attrs, "visibility") in ("collapse", "filter") or attribute(attrs, "style-name") in self._flat

    def _style_of(self, attrs: dict[str, str], column: int) -> str:
        """Return a cell's own style, or that of its column."""
        whole = next((style for end, style in self._whole_columns if column < end), "")
        return attribute(attrs, "style-name") or whole

    def _table(self, attrs: dict[str, str]) -> None:
        hidden = attribute(attrs, "style-name") in self._undisplayed
        self.sheets.append(OdsSheet(attribute(attrs, "name"), hidden))
        self._blank_rows = self._column = 0
        self._whole_columns = []
        self._rules.begin_sheet(self.sheets[-1].look.hiding)

    def _columns(self, attrs: dict[str, str]) -> None:
        times = _times(attrs, "number-columns-repeated")
        if self._is_hidden(attrs):
            self.sheets[-1].look.hidden_columns.update(range(self._column, min(self._column + times, _BLANKS)))
        self._column += times
        self._whole_columns.append((self._column, attribute(attrs, "default-cell-style-name")))

    def _begin_row(self, attrs: dict[str, str]) -> None:
        self._row, self._blank_cells = [], 0
        self._row_times = _times(attrs, "number-rows-repeated")
        if self._is_hidden(attrs) and self.sheets:
            sheet = self.sheets[-1]
            first = len(sheet.rows) + self._blank_rows + 1
            if self._row_times < _BLANKS:
                for row in range(first, first + self._row_times):
                    sheet.look.hide_row(row)

    def _end_row(self) -> None:
        sheet = self.sheets[-1]
        if not self._row:
            self._blank_rows += self._row_times
            return
        rows = len(sheet.rows) + self._blank_rows + self._row_times
        self._cells += rows - len(sheet.rows) + self._row_times * len(self._row)
        if rows > self._wanted["rows"] or self._cells > min(self._wanted["cells"], _MOST_CELLS):
            raise Oversized(sheet.name)
        sheet.rows.extend([] for _ in range(self._blank_rows))
        sheet.rows.extend([self._row] * self._row_times)
        self._blank_rows = 0

    def _begin_cell(self, attrs: dict[str, str]) -> None:
        self._cell, self._lines, self._in_line = attrs, [], 0
        self._spans.begin_cell()

    def _line(self, attrs: dict[str, str]) -> None:
        if self._cell is not None:
            self._in_line += 1
            self._lines.append("")

    def _end_line(self) -> None:
        self._in_line = max(self._in_line - 1, 0)

    def _spaces(self, attrs: dict[str, str]) -> None:
        self.text(" " * min(_times(attrs, "c"), 1_000))

    def _end_cell(self) -> None:
        attrs, self._cell = self._cell or {}, None
        value = self._value(attrs, "\n".join(self._lines))
        times = _times(attrs, "number-columns-repeated")
        if any(key.endswith("-spanned") for key in attrs):
            self._merge(attrs)
        if value == "":
            self._blank_cells += times
            return
        if len(self._row) + self._blank_cells + times > self._wanted["columns"]:
            raise Oversized(self.sheets[-1].name)
        self._row += [""] * self._blank_cells
        style = self._style_of(attrs, len(self._row))
        for put in self._spans.find_marks(style, self.sheets[-1].look):
            self._mark(put, times)
        if conditions := self._formats.conditions.get(style):
            row, at = len(self.sheets[-1].rows) + self._blank_rows, len(self._row)
            self._rules.of_style(conditions, (row, at, row + self._row_times - 1, at + times - 1))
        if self._formats.is_unseen(style):
            self._mark(self.sheets[-1].look.put_unseen, times)
        if self._formats.is_red(style):
            self._mark(self.sheets[-1].look.put_red, times)
        formula = any(local(key) == "formula" for key in attrs)
        if formula and is_zero(value):
            self._mark(self.sheets[-1].look.put_zero, times)
        number = value.number if type(value) is Cell else value
        if formula and number and type(number) is float:
            self.sheets[-1].look.worked_out.update(range(len(self._row), len(self._row) + times))
        self._row += [value] * times
        self._blank_cells = 0

    def _merge(self, attrs: dict[str, str]) -> None:
        """Keep the range of a merged cell, of which calamine reads nothing."""
        sheet, left = self.sheets[-1], len(self._row) + self._blank_cells
        top = len(sheet.rows) + self._blank_rows
        down, across = (_times(attrs, f"number-{name}-spanned") for name in ("rows", "columns"))
        if (down > 1 or across > 1) and len(sheet.merged) < MOST_RANGES:
            sheet.merged.append((top, left, top + down - 1, left + across - 1))

    def _mark(self, put: Callable[[int, int], None], times: int) -> None:
        """Keep the places of a cell that is about to be put into the row, and of its repetitions."""
        sheet = self.sheets[-1]
        first = len(sheet.rows) + self._blank_rows + 1
        for row in range(first, first + min(self._row_times, _BLANKS)):
            for column in range(len(self._row), len(self._row) + times):
                put(row, column)

    def _value(self, attrs: dict[str, str], shown: str) -> Any:
        """Return a cell's value; '' for an empty one."""
        if not attrs:
            return shown
        said = {local(key): value for key, value in attrs.items()}
        kind = next((value for key, value in attrs.items() if key.endswith("office:1.0 value-type")), "")
        formula = "formula" in said
        if formula:
            self.sheets[-1].look.formulas = True
        error = _SHOWN_ERROR.fullmatch(shown.strip()) and (formula or kind not in ("", "string", "void"))
        if error or any(local(key) == "value-type" and value == "error" for key, value in attrs.items()):
            return Cell(ERROR, None, shown.strip()[:60] or "#")
        if kind in ("", "string", "void"):
            text = shown if kind != "string" else (said.get("string-value") or shown)
            if formula and not text.strip():
                return Cell(EMPTY, None, BLANK_FORMULA) if kind else Cell(FORMULA, None, "")
            return text
        value = typed_value(kind, said)
        if type(value) is float and shown and (code := format_of(value, shown)):
            column = len(self._row) + self._blank_cells
            if value < 0 and code.startswith("0;") and self._formats.tells_by_red(self._style_of(attrs, column)):
                code = code.replace(";", ";[Red]", 1)
            if differs(value, code) or round_as_shown(value, code) is not None:
                return Cell(NUMBER, value, code)
        if type(value) is Cell and value.kind == PERCENT and value.number is not None:
            return value._replace(text=f"0{places_of(value.number, shown)}%" if shown.strip() else "")
        return Cell(FORMULA, None, "") if value is None else value


def _times(attrs: dict[str, str], name: str) -> int:
    return max(int(attribute(attrs, name) or 1), 1)


def sheets_of(parts: Parts, wanted: dict[str, Any]) -> list[OdsSheet]:
    """Return the sheets of an .ods. Raises Oversized at a value too far out, ExpatError or ValueError for no .ods."""
    formats = Formats()
    formats.read(parts)
    content = _OdsContent(wanted, formats)
    parser = reader(content.start, content.end)
    parser.CharacterDataHandler = content.text
    with parts.open("content.xml") as source:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return content.sheets
