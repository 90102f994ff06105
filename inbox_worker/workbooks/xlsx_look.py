"""Facts in the XML of an .xlsx sheet that calamine's values lack: errors, formulas, percents, dates, hidden rows.

calamine gives an error cell as empty and takes memory for the whole rectangle of a sheet. So every sheet is looked
through before: a small one by an XML parser with namespaces; a large one by a search for bytes without which no such
mark can be spelled, and by the parser when they are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from inbox_worker.workbooks.cell_values import (
    ERROR,
    FORMULA,
    Cell,
    DamagedWorkbook,
    Look,
    Oversized,
    column_of,
    letters,
)
from inbox_worker.workbooks.hiding_rules import HidingRules
from inbox_worker.workbooks.markup import is_true, local, reader
from inbox_worker.workbooks.number_formats import CellFormats
from inbox_worker.workbooks.rich_texts import Runs, StringLooks
from inbox_worker.workbooks.shown_otherwise import least_places
from inbox_worker.workbooks.unseen_text import LEAST_SIZE
from inbox_worker.workbooks.xlsx_parts import Parts
from inbox_worker.workbooks.xlsx_plain import KNOWN_ERRORS

_CHUNK = 4_194_304
_SMALL = 1_000_000  # bytes of XML that are parsed whatever they hold
_MOST_COLUMNS = 16_384
_MOST_TEXT = 100_000  # characters of a cell that are kept: it is a number, an error or blank
_TEXTS = frozenset(("s", "str", "inlineStr", "d"))
# a byte that is rare in plain rows -> what it may be part of: a single byte is found twenty times faster than two
_SIGNS = {
    b"e": (b'"e"', b"'e'"), b"f": (b"<f", b":f"), b"h": (b"hidden",), b"#": (b"&#",), b"!": (b"<!",),
}  # fmt: skip
_NO_WIDTH = re.compile(rb"\bwidth\s*=\s*[\"']\s*\+?[0.]")  # of columns, which come before the rows
_NO_HEIGHT = re.compile(rb" ht\s*=\s*[\"']\s*\+?(?:[0.]|[12][.\"'\s])")
_PLAIN = re.compile(rb'(?:<\?xml[^<>]*?(?:encoding=["\'][Uu][Tt][Ff]-8["\'][^<>]*)?\?>)?\s*<worksheet[\s>]')
_ENCODED = re.compile(rb'<\?xml[^<>]*encoding=["\'](?![Uu][Tt][Ff]-8["\'])')
_INSTRUCTION = re.compile(rb"<\?(?!xml\s)")
_REFERRED = re.compile(rb"<(?:[\w.-]+:)?v\b[^<>]*>[^<>&]*&")  # a value with a reference to a character
_NUMBER = re.compile(rb"\s*-?\d*\.?\d+(?:[Ee][-+]?\d+)?\s*")
_NO_NUMBER = re.compile(rb"\bt\s*=\s*[\"'](?!n[\"'])")  # the type of a text, a truth value, a day
_PLACE = re.compile(rb'\br="([A-Z]{0,3})(\d{1,7})"')


class _XlsxSheet:
    """Note the cells of a sheet from the events of an XML parser."""

    def __init__(self, styles: CellFormats, wanted: dict[str, Any], name: str) -> None:
        self.look, self._styles, self._wanted, self._name = Look(numbers=0), styles, wanted, name
        self._row, self._next, self._place = 0, 0, (0, 0)
        self._kinds: dict[str, str] = {}
        self._attrs: dict[str, str] | None = None
        self._value, self._has_value, self._formula, self._inside = "", False, False, ""
        self._pieces = self._before = 0
        self._runs: Runs | None = None
        self._odd_texts = styles.strings.any
        self._rules = HidingRules(styles.hiding_looks, self.look.hiding, styles.striking_looks)

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if self._inside:
            raise DamagedWorkbook("an element inside of a value")
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = local(name)
        if kind == "c":
            self._begin(attrs)
        elif self._attrs is not None:
            if kind == "f":
                self._formula = self.look.formulas = True
            elif kind in ("v", "t"):
                self._has_value, self._inside = True, kind
                self._before = len(self._value)
            elif kind == "is":
                self._runs = Runs()
            elif self._runs:
                self._runs.begin(kind, attrs)
        elif kind == "row":
            self._row = int(attrs["r"]) if "r" in attrs else self._row + 1
            self._next = 0
            if is_true(attrs.get("hidden", "")) or _is_least(attrs.get("ht", "")):
                self.look.hide_row(self._row)
        elif kind == "col" and (is_true(attrs.get("hidden", "")) or _is_narrow(attrs.get("width", ""))):
            first, last = int(attrs.get("min", "1")), int(attrs.get("max", attrs.get("min", "1")))
            self.look.hidden_columns.update(range(max(first - 1, 0), min(last, _MOST_COLUMNS)))
        else:
            self._rules.begin(kind, attrs)

    def _begin(self, attrs: dict[str, str]) -> None:
        self._attrs, self._value, self._has_value, self._formula, self._inside = attrs, "", False, False, ""
        self._pieces, self._runs = 0, None
        self._place = column_of(attrs["r"]) if "r" in attrs else (max(self._row, 1), self._next)
        self._next = self._place[1] + 1

    def text(self, data: str) -> None:
        if self._inside and len(self._value) < _MOST_TEXT:
            self._value += data
            self._pieces += self._inside == "v"
        elif self._rules.within:
            self._rules.text(data)

    def begin_quoted(self) -> None:
        """Note that a CDATA section begins: calamine does not see it in a value."""
        if self._inside == "v":
            self.look.in_pieces = True

    def end(self, name: str) -> None:
        kind = self._kinds[name]
        if kind == self._inside:
            self._inside = ""
            if kind == "t" and self._runs:
                self._runs.take(self._value[self._before :])
        elif kind == "c" and self._attrs is not None:
            self._finish(self._attrs)
            self._attrs = None
        elif self._rules.within:
            self._rules.end(kind)

    def _finish(self, attrs: dict[str, str]) -> None:
        value, kind, (row, column), look = self._value.strip(), attrs.get("t", "n"), self._place, self.look
        if value:
            self._check_place(row, column)
            if self._styles.struck and int(attrs.get("s", "0") or 0) in self._styles.struck:
                look.put_struck(row, column)
            if self._runs or (kind == "s" and self._odd_texts):
                self._note_runs(value, row, column)
            hiding = self._styles.unseen if kind not in _TEXTS else self._styles.unseen | self._styles.no_text
            if hiding and int(attrs.get("s", "0") or 0) in hiding:
                look.put_unseen(row, column)
            if self._styles.red and int(attrs.get("s", "0") or 0) in self._styles.red:
                look.put_red(row, column)
        if self._pieces > 1 and kind != "str":
            look.in_pieces = True
            if kind == "s":
                int(value)
        if kind == "e":
            look.in_pieces |= value not in KNOWN_ERRORS
            look.put(row, column, Cell(ERROR, None, value[:60] or "#"))
        elif self._formula and not value:
            if kind == "str":
                look.put_blank(row, column)
            else:
                look.put(row, column, Cell(FORMULA, None, ""))
        elif value and kind not in _TEXTS:
            look.numbers += 1
            if kind == "n":
                self._number(row, column, value, int(attrs.get("s", "0") or 0))

    def _note_runs(self, value: str, row: int, column: int) -> None:
        """Note what looks otherwise in a part of a text: of a shared one by its number, else of the cell's own."""
        strings, number = (StringLooks(), 0) if self._runs else (self._styles.strings, int(value))
        if self._runs:
            strings.put(number, self._runs)
        strings.note(number, self.look, row, column)

    def _number(self, row: int, column: int, value: str, style: int) -> None:
        number = float(value)
        self._styles.note(self.look, row, column, style, number)
        if self._formula:
            self.look.put_formula(row, column, number)

    def _check_place(self, row: int, column: int) -> None:
        if row > self._wanted["rows"] or column >= self._wanted["columns"]:
            raise Oversized(self._name, self._attrs.get("r", "") if self._attrs else "")


def _is_narrow(width: str) -> bool:
    """Return whether a column is less than a digit wide: Excel hides so too, and no value is seen in it."""
    return bool(width) and float(width) < 1


def _is_least(height: str) -> bool:
    """Return whether a row is a line at most: no text is seen in it."""
    return bool(height) and float(height) <= LEAST_SIZE


def _stretches(parts: Parts, path: str) -> Iterator[bytes]:
    """Yield a sheet's XML in stretches that end with a whole row (a file may be 400 MB: never all at once)."""
    rest = b""
    with parts.open(path) as source:
        while chunk := source.read(_CHUNK):
            stretch = rest + chunk
            cut = max(stretch.rfind(b"</row>"), stretch.rfind(b"</c>"), 0) or len(stretch)
            rest = stretch[cut:]
            yield stretch[:cut]
    yield rest


def look_through(parts: Parts, path: str, styles: CellFormats, wanted: dict[str, Any], name: str) -> Look:
    """Return the marks of one sheet. Raises Oversized at a value too far out, ExpatError for what is no XML, ValueError
    for numbers that are none."""
    rounded = Look()
    if parts.size(path) > _SMALL and not _must_parse(parts, path, styles, wanted, name, rounded):
        return rounded
    sheet = _XlsxSheet(styles, wanted, name)
    parser = reader(sheet.start, sheet.end)
    parser.buffer_text = False  # else nothing shows what is between the pieces of a text
    parser.CharacterDataHandler, parser.StartCdataSectionHandler = sheet.text, sheet.begin_quoted
    for stretch in _stretches(parts, path):
        parser.Parse(stretch, False)
    parser.Parse(b"", True)
    return sheet.look


def _must_parse(parts: Parts, path: str, styles: CellFormats, wanted: dict[str, Any], name: str, rounded: Look) -> bool:
    """Return whether a large sheet may hold a mark, however XML spells it. `e` as a type, the names of elements and
    attributes: none can be written without these bytes, unless by an entity, or in another encoding. Numbers that are
    shown rounded, of which there may be many, are put into `rounded`."""
    marked = {*styles.percents, *styles.odd, *styles.struck, *styles.unseen, *styles.red, *styles.no_text}
    used, rounding = _use_of(marked), _patterns_of_rounded(styles)
    shared = re.compile(rb">\s*0*(?:%s)\s*<" % _any(odd)) if (odd := styles.strings.any) else None
    hiding = (b"conditionalFormatting",) if styles.hiding_looks or styles.striking_looks else (b"showValue", b"dxf>")
    too_far, first = _too_far(wanted["columns"]), True
    for stretch in _stretches(parts, path):
        if first and (not _PLAIN.match(stretch.removeprefix(b"\xef\xbb\xbf")) or _ENCODED.match(stretch)):
            return True
        if first and _NO_WIDTH.search(stretch, 0, max(stretch.find(b"sheetData"), 0) or len(stretch)):
            return True
        first = False
        if any(sign in stretch for rare, signs in _SIGNS.items() if rare in stretch for sign in signs):
            return True
        if b"h" in stretch and b" ht" in stretch and _NO_HEIGHT.search(stretch):
            return True
        if (b"&" in stretch and _REFERRED.search(stretch)) or (b"?" in stretch and _INSTRUCTION.search(stretch)):
            return True
        if (used and used.search(stretch)) or (shared and shared.search(stretch)):
            return True
        if any(sign in stretch[max(stretch.rfind(b"</row>"), 0) :] for sign in hiding):
            return True
        if not all(_put_rounded(one, stretch, rounded, styles) for one in rounding):
            return True
        if far := _far(stretch, too_far, wanted["rows"]):
            raise Oversized(name, far)
    return 0 in marked


def _use_of(styles: set[int]) -> re.Pattern[bytes] | None:
    """Matches a cell's style that is one of these."""
    return re.compile(_STYLED % _any(styles)) if styles else None


_STYLED = rb"\bs\s*=\s*[\"']\s*\+?0*(%s)\s*[\"']"


def _any(numbers: Iterable[int]) -> bytes:
    return b"|".join(str(number).encode() for number in sorted(numbers))


def _patterns_of_rounded(styles: CellFormats) -> list[re.Pattern[bytes]]:
    """Return what finds values with more places than their styles show: a cell's place, '' when it is not where Excel
    has it, its other attributes before and after the style, its style and its value."""
    by_places: dict[int, set[int]] = {}
    for number, code in styles.rounding.items():
        by_places.setdefault(least_places(code), set()).add(number)
    cell, value = rb'(?:<c r="([A-Z]{1,3}\d{1,7})"([^<>]*?))?', rb"([^<>]*)>\s*<v>([^<.]*(?:\.\d{%d}|[Ee])[^<]*)<"
    return [re.compile(cell + _STYLED % _any(of) + value % (places + 1)) for places, of in by_places.items()]


def _put_rounded(pattern: re.Pattern[bytes], stretch: bytes, look: Look, styles: CellFormats) -> bool:
    """Note what is shown rounded in a stretch; return whether each such number was a plain one in its place."""
    for place, before, style, after, number in pattern.findall(stretch):
        if not place:
            return False
        if _NO_NUMBER.search(before + after):
            continue
        if not _NUMBER.fullmatch(number):
            return False
        styles.note(look, *column_of(place.decode()), int(style), float(number))
    return True


def _too_far(columns: int) -> re.Pattern[bytes]:
    """Matches the address of a cell with a value right of that many columns."""
    last = letters(columns - 1).encode()
    if len(last) != 2:
        beyond = b"[A-Z]{%d,}" % (len(last) + 1)
    else:
        first, second = last[:1], last[1:]
        beyond = b"%s[%s-Z](?<!%s)|[%s-Z][A-Z](?<!%s[A-Z])|[A-Z]{3,}" % (first, second, last, first, first)
    return re.compile(rb'<c r="((?:%s)\d+)"[^<>]*(?<!/)>' % beyond)


def _far(stretch: bytes, too_far: re.Pattern[bytes], rows: int) -> str:
    """Return address of a value right of or below what we read, '' when there is none."""
    if found := too_far.search(stretch):
        return found[1].decode()
    cell = stretch.rfind(b'<c r="', 0, max(stretch.rfind(b"<v>"), stretch.rfind(b"<is>"), 0))
    last = _PLACE.search(stretch, cell, cell + 40) if cell >= 0 else None
    return (last[1] + last[2]).decode() if last and int(last[2]) > rows else ""
