"""The parts of an .xlsx or .xlsb package: its main part, sheets and styles, wherever they are."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from inbox_worker.workbooks.cell_values import DamagedWorkbook, Oversized
from inbox_worker.workbooks.hiding_rules import DifferentialLook
from inbox_worker.workbooks.markup import attribute, elements, is_true, local, reader
from inbox_worker.workbooks.number_formats import BUILT_IN, CellFormats
from inbox_worker.workbooks.rich_texts import StringLooks, are_looked_at, read_looks
from inbox_worker.workbooks.unseen_text import UnseenText

_MOST_BYTES = 8_000_000  # of a part that lists other parts; styles may be as large
_MOST_SHEETS = 2_000
_CHUNK = 1_048_576
_SHEET_KINDS = frozenset(("worksheet", "chartsheet", "dialogsheet"))
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


@dataclass(frozen=True)
class PartPaths:
    """The paths of a workbook's parts. `sheets`: path by name; `odd`: calamine would not find them there."""

    main: str
    sheets: dict[str, str]
    styles: str = ""
    strings: str = ""
    relations: tuple[tuple[str, str, str], ...] = ()  # id, type, path
    odd: bool = False
    not_calculated: bool = False

    @property
    def binary(self) -> bool:
        """Return whether it is an .xlsb."""
        return self.main.lower().endswith(".bin")


class Parts:
    """A zip's members by the names that a package gives them: any case, any slash."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self._members: dict[str, zipfile.ZipInfo] = {}
        if twice := repeated_part(archive):
            raise DamagedWorkbook(f"{twice} is there twice")
        for info in archive.infolist():
            self._members.setdefault(_fold_path(info.filename), info)
        self.odd_names = any(name.startswith("/") or "\\" in name for name in archive.namelist())

    def __contains__(self, path: str) -> bool:
        return _fold_path(path) in self._members

    def open(self, path: str) -> zipfile.ZipExtFile:
        """Return a part's bytes as a stream."""
        info = self._members[_fold_path(path)]
        return self.archive.open(info)  # type: ignore[return-value]

    def size(self, path: str) -> int:
        """Return unpacked bytes of a part, as the zip says."""
        return self._members[_fold_path(path)].file_size

    def read(self, path: str, most: int = _MOST_BYTES) -> bytes:
        """Return a small part. Raises Oversized for one past any sense."""
        with self.open(path) as source:
            data = source.read(most + 1)
        if len(data) > most:
            raise Oversized
        return data

    def names(self) -> list[str]:
        """Return every path, folded."""
        return list(self._members)


def repeated_part(archive: zipfile.ZipFile) -> str:
    """Return the name of a file that a package holds twice, '' when there is none: readers differ in their choice."""
    seen: set[str] = set()
    for info in archive.infolist():
        name = _fold_path(info.filename)
        if name in seen and not info.is_dir():
            return info.filename
        seen.add(name)
    return ""


def _fold_path(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").casefold()


def relations(parts: Parts, of: str) -> list[tuple[str, str, str]]:
    """Return id, last word of the type, and path of what a part ('' = the package) points to."""
    folder, found = posixpath.dirname(of), []
    for attrs in _links(parts, of):
        target = unquote(attribute(attrs, "Target").replace("\\", "/"))
        whole = target if target.startswith("/") else posixpath.join("/", folder, target)
        kind = attribute(attrs, "Type").rstrip("/").rpartition("/")[2]
        found.append((attribute(attrs, "Id"), kind, posixpath.normpath(whole).lstrip("/")))
    return found


def _links(parts: Parts, of: str) -> list[dict[str, str]]:
    """Return the attributes of each relationship of a part, as they are written."""
    folder, name = posixpath.split(of)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    return [attrs for _, attrs in elements(parts.read(path), ("Relationship",))] if path in parts else []


def _main(parts: Parts) -> str:
    """Return the workbook part: what the package says, else the usual names."""
    said = [path for _, kind, path in relations(parts, "") if kind == "officeDocument" and path in parts]
    usual = [name for name in parts.names() if name.startswith("xl/workbook.") and name.endswith((".xml", ".bin"))]
    if not said and not usual:
        raise DamagedWorkbook("no workbook part")
    return (said or usual)[0]


def package(parts: Parts) -> PartPaths:
    """Finds the parts of a workbook. Raises DamagedWorkbook or Oversized."""
    main = _main(parts)
    related = [(key, kind, path) for key, kind, path in relations(parts, main) if path in parts]
    by_id = {key: path for key, _, path in related}
    by_kind = {kind: path for _, kind, path in reversed(related)}
    strings, styles = by_kind.get("sharedStrings", ""), by_kind.get("styles", "")
    sheets, not_calculated = {}, False
    if not main.lower().endswith(".bin"):
        for name, attrs in elements(parts.read(main), ("sheet", "calcPr")):
            if name == "calcPr":  # Excel and LibreOffice never save it: it asks them to work out what is not
                not_calculated = is_true(attrs.get("fullCalcOnLoad", ""))
            elif path := by_id.get(attribute(attrs, "id"), ""):
                sheets[attrs.get("name", "")] = path
    if len(sheets) > _MOST_SHEETS:
        raise Oversized
    suffix = "bin" if main.lower().endswith(".bin") else "xml"
    usual = {main: f"xl/workbook.{suffix}", strings: f"xl/sharedstrings.{suffix}", styles: f"xl/styles.{suffix}"}
    odd = (
        parts.odd_names
        or "_rels/.rels" not in parts
        or any(path and path.casefold() != wanted for path, wanted in usual.items())
    )
    odd = odd or any("./" in attribute(attrs, "Target") for attrs in _links(parts, main))
    odd = odd or any(not path.casefold().startswith("xl/") for path in sheets.values())
    kinds = {path: kind for _, kind, path in related}
    odd = odd or any(kinds[path] not in _SHEET_KINDS for path in sheets.values())  # a sheet of macros of Excel 4
    return PartPaths(main, sheets, styles, strings, tuple(related), odd, not_calculated)


def usual(parts: Parts, found: PartPaths, anew: Mapping[str, bytes]) -> bytes:
    """Return the workbook with its parts where calamine looks for them; `anew`: parts respelled, by path."""
    from xml.sax.saxutils import quoteattr  # it brings urllib.request, which few workbooks are worth

    suffix = "bin" if found.binary else "xml"
    places = {
        found.strings: f"xl/sharedStrings.{suffix}", found.styles: f"xl/styles.{suffix}",
    }  # fmt: skip
    sink, lines = io.BytesIO(), []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, (key, kind, path) in enumerate(found.relations):
            place = places.get(path) or f"xl/worksheets/sheet{number}.{suffix}"
            if kind in ("worksheet", "sharedStrings", "styles"):
                archive.writestr(place, anew.get(path) or parts.read(path, parts.size(path)))
            elif path in found.sheets.values():  # nothing that we read; calamine wants it there
                kind, place = "chartsheet", f"xl/chartsheets/sheet{number}.{suffix}"
                archive.writestr(place, "")
            else:
                continue
            named = f"Id={quoteattr(key)} Type={quoteattr(_RELATION + kind)}"
            lines.append(f"<Relationship {named} Target={quoteattr(place.removeprefix('xl/'))}/>")
        head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        archive.writestr(f"xl/_rels/workbook.{suffix}.rels", f"{head}{''.join(lines)}</Relationships>")
        archive.writestr(f"xl/workbook.{suffix}", parts.read(found.main))
        root = f'<Relationship Id="r" Type="{_RELATION}officeDocument" Target="xl/workbook.{suffix}"/>'
        archive.writestr("_rels/.rels", f"{head}{root}</Relationships>")
    return sink.getvalue()


def styles_of(parts: Parts, found: PartPaths) -> CellFormats:
    """Return the cell styles that make percents or dates of numbers, show them otherwise, or strike them out."""
    styles = CellFormats(strings=_looks_of_strings(parts, found.strings))
    if not found.styles:
        return styles
    formats, ids, struck, seen = dict(BUILT_IN), [], list[bool](), UnseenText()
    inside, looks = False, list[DifferentialLook]()
    for name, attrs in _style_elements(parts.read(found.styles, 10 * _MOST_BYTES)):
        if name.startswith(_OF_RULES):
            _take_look(name.removeprefix(_OF_RULES), attrs, looks)
            continue
        seen.take(name, attrs)
        if name == "numFmt":
            formats[int(attrs.get("numFmtId", "-1") or -1)] = attrs.get("formatCode", "")
        elif name in ("cellXfs", "/cellXfs"):
            inside = name == "cellXfs"
        elif name == "font":
            struck.append(False)
        elif name == "strike":
            struck[-1] = is_true(attrs.get("val", "1"))
        elif inside:
            ids.append([int(attrs.get(name, "0") or 0) for name in ("numFmtId", "fontId", "fillId")])
    for number, (key, font, fill) in enumerate(ids):
        styles.put(number, formats.get(key, ""), font < len(struck) and struck[font])
        seen.note(styles, number, font, fill)
    styles.hiding_looks.update(str(number) for number, look in enumerate(looks) if look.hides)
    styles.striking_looks.update(str(number) for number, look in enumerate(looks) if look.strikes)
    return styles


def _take_look(name: str, attrs: dict[str, str], looks: list[DifferentialLook]) -> None:
    if name == "dxf":
        looks.append(DifferentialLook())
    elif looks:
        looks[-1].take(name, attrs)


def _looks_of_strings(parts: Parts, path: str) -> StringLooks:
    if not path or not are_looked_at(_chunks(parts, path)):
        return StringLooks()
    return read_looks(_chunks(parts, path))


def _chunks(parts: Parts, path: str) -> Iterator[bytes]:
    with parts.open(path) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


_STYLE_PARTS = {
    "fonts": ("font", "strike", "color", "sz"), "fills": ("fill", "patternFill", "fgColor", "gradientFill"),
    "dxfs": ("dxf", "strike", "color", "sz", "numFmt", "patternFill", "fgColor", "bgColor", "border", "gradientFill"),
}  # fmt: skip
_OF_RULES = "dxf."  # before the name of an element of a look that a rule of conditional formatting gives


def _style_elements(data: bytes) -> list[tuple[str, dict[str, str]]]:
    """Number formats, fonts, fills, which are struck out, the styles of cells between `cellXfs` and its end, and the
    looks of rules."""
    found: list[tuple[str, dict[str, str]]] = []
    within = ""

    def start(name: str, attrs: dict[str, str]) -> None:
        nonlocal within
        short = local(name)
        if short in _STYLE_PARTS:
            within = short
        if within == "dxfs" and short in _STYLE_PARTS[within]:
            found.append((_OF_RULES + short, attrs))
        elif short in ("numFmt", "cellXfs", "xf") or short in _STYLE_PARTS.get(within, ()):
            found.append((short, attrs))

    def end(name: str) -> None:
        nonlocal within
        within = "" if local(name) == within else within
        if local(name) == "cellXfs":
            found.append(("/cellXfs", {}))

    reader(start, end).Parse(data, True)
    return found
