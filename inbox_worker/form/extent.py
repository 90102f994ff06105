"""What a sheet's XML tells before it is parsed: how far it reaches, its error cells, formulas, hidden rows.

calamine takes memory for the whole rectangle of a sheet, so a 5 KB file with a cell in the far corner must be
refused before; and it drops error cells (`#REF!`), which must be findings.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from inbox_worker.form.watch import Watch
from inbox_worker.office_rules import Limits

_CHUNK = 4_194_304
_MOST_COLUMNS = 16_384
_MOST_MARKS = 1_000_000  # of a workbook; they stand in our own memory
# Every pattern takes time in proportion to the text, whatever the text: no tag is looked at twice, for a tag ends
# before the next begins ([^<>]), and is known to end before its attributes are looked through.
_ERROR = re.compile(rb'<c (?>(?=[^<>]*>)([^<>]*\bt="e"[^<>]*))>((?:(?!<c ).)*?)</c>', re.S)
_NO_VALUE = re.compile(rb"<c ([^<>]*)><f(?:[^<>]*/>|[^<>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")
# Excel and LibreOffice never save it: it asks them to work out the values that the writing program did not
_NOT_CALCULATED = re.compile(r'<calcPr\b[^<>]*\bfullCalcOnLoad="(?:1|true)"')
_ZERO = re.compile(rb"<c ([^<>]*)><f(?:[^<>]*/>|[^<>]*>[^<]*</f>)<v>-?0(?:\.0+)?</v></c>")
_NOT_A_NUMBER = re.compile(rb'\bt="(?!n")')
_HIDDEN = re.compile(rb'<row (?=[^<>]*>)([^<>]*\bhidden="(?:1|true)"[^<>]*)>')
_HIDDEN_COLUMNS = re.compile(rb'<col (?=[^<>]*>)([^<>]*\bhidden="(?:1|true)"[^<>]*)>')
_SPAN = re.compile(rb'\bm(?:in|ax)="(\d{1,7})"')
_PLACE = re.compile(rb'\br="([A-Z]{0,3})(\d{1,7})"')
_ATTRIBUTE = re.compile(r'(?<![\w:])([\w:]+)="([^"]*)"')
_MOST_PARTS = 8_000_000  # bytes of workbook.xml or its relations
_VALUE = re.compile(rb"<v>([^<]*)</v>")


class TooMany(Exception):
    """More marks than any form has, or a list of sheets that is none."""


@dataclass
class SheetMarks:
    """Marks of one sheet: error cells with their text, formulas without a saved value or with zero, hidden rows and
    columns. Zeros that nobody calculated (XlsxWriter puts them for every formula) are no values."""

    errors: dict[str, str] = field(default_factory=dict)
    no_value: set[str] = field(default_factory=set)
    zeros: set[str] = field(default_factory=set)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)  # 0-based
    formulas: bool = False
    far: str = ""  # a value outside the rows and columns we read


def letters(column: int) -> str:
    """Sheet letters of a 0-based column.

    >>> letters(0), letters(26), letters(701)
    ('A', 'AA', 'ZZ')
    """
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_index(text: str) -> int:
    """0-based column of sheet letters."""
    index = 0
    for c in text:
        index = index * 26 + ord(c) - 64
    return index - 1


def sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> path of its XML, as workbook.xml and its relations say."""
    names = set(archive.namelist())
    parts = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
    if not parts <= names:
        return {}
    if any(archive.getinfo(part).file_size > _MOST_PARTS for part in parts):
        raise TooMany
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<Relationship\b[^<>]*>", relations):
        found = dict(_ATTRIBUTE.findall(tag))
        target = found.get("Target", "")
        targets[found.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    paths = {}
    for tag in re.findall(r"<sheet\b[^<>]*>", archive.read("xl/workbook.xml").decode("utf-8", "replace")):
        found = dict(_ATTRIBUTE.findall(tag))
        path = targets.get(found.get("r:id", ""), "")
        if path in names and path.endswith(".xml"):
            paths[html.unescape(found.get("name", ""))] = path
    return paths


def _stretches(archive: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """A sheet's XML in stretches that end with a whole row (a file may be 400 MB: never all at once)."""
    rest = b""
    with archive.open(path) as source:
        while chunk := source.read(_CHUNK):
            stretch = rest + chunk
            cut = max(stretch.rfind(b"</row>"), stretch.rfind(b"</c>"), 0) or len(stretch)
            rest = stretch[cut:]
            yield stretch[:cut]
    yield rest


def _too_far(columns: int) -> re.Pattern[bytes]:
    """Matches the address of a cell with a value right of that many columns."""
    last = letters(columns - 1).encode()
    if len(last) != 2:
        beyond = b"[A-Z]{%d,}" % (len(last) + 1)
    else:
        first, second = last[:1], last[1:]
        beyond = b"%s[%s-Z](?<!%s)|[%s-Z][A-Z](?<!%s[A-Z])|[A-Z]{3,}" % (first, second, last, first, first)
    return re.compile(rb'<c r="((?:%s)\d+)"[^<>]*(?<!/)>' % beyond)


def scan(archive: zipfile.ZipFile, limits: Limits, watch: Watch) -> dict[str, SheetMarks]:
    """Sheet name -> its marks. A sheet is left at its first cell too far out. Raises Late past the file's time,
    TooMany past what we keep in memory."""
    found, too_far, paths = {}, _too_far(limits.columns), sheet_paths(archive)
    calculated = not paths or not _NOT_CALCULATED.search(archive.read("xl/workbook.xml").decode("utf-8", "replace"))
    for name, path in paths.items():
        found[name] = sheet = SheetMarks()
        for stretch in _stretches(archive, path):
            sheet.far = _far(stretch, too_far, limits.rows)
            if sheet.far:
                break
            _note(stretch, sheet)
            watch.check(limits)
            if sum(map(_marks, found.values())) > _MOST_MARKS:
                raise TooMany
        if not calculated:
            sheet.no_value |= sheet.zeros
            sheet.zeros = set()
    return found


def _marks(sheet: SheetMarks) -> int:
    return len(sheet.errors) + len(sheet.no_value) + len(sheet.zeros) + len(sheet.hidden_rows)


def _far(stretch: bytes, too_far: re.Pattern[bytes], rows: int) -> str:
    """Address of a value right of or below what we read, '' when there is none."""
    if found := too_far.search(stretch):
        return found[1].decode()
    cell = stretch.rfind(b'<c r="', 0, max(stretch.rfind(b"<v>"), stretch.rfind(b"<is>"), 0))
    last = _PLACE.search(stretch, cell, cell + 40) if cell >= 0 else None
    return (last[1] + last[2]).decode() if last and int(last[2]) > rows else ""


def _note(stretch: bytes, sheet: SheetMarks) -> None:
    if b't="e"' in stretch:
        for attributes, inside in _ERROR.findall(stretch):
            if place := _PLACE.search(attributes):
                value = _VALUE.search(inside)
                sheet.errors[(place[1] + place[2]).decode()] = value[1].decode("utf-8", "replace") if value else "#"
    if b"<f" in stretch and re.search(rb"<f[ />]", stretch):  # not <formula1> of a drop-down
        sheet.formulas = True
        for attributes in _NO_VALUE.findall(stretch):
            if place := _PLACE.search(attributes):
                sheet.no_value.add((place[1] + place[2]).decode())
        for attributes in _ZERO.findall(stretch):
            if (place := _PLACE.search(attributes)) and not _NOT_A_NUMBER.search(attributes):
                sheet.zeros.add((place[1] + place[2]).decode())
    if b'hidden="' in stretch:
        for attributes in _HIDDEN_COLUMNS.findall(stretch):
            first, *last = sorted(int(n) for n in _SPAN.findall(attributes)) or [1]
            if len(sheet.hidden_columns) < _MOST_COLUMNS:
                sheet.hidden_columns.update(range(first - 1, min(last[-1] if last else first, _MOST_COLUMNS)))
        sheet.hidden_rows += [int(p[2]) for a in _HIDDEN.findall(stretch) if (p := _PLACE.search(a))]
