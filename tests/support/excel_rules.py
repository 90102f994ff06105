"""What makes Excel say "we found a problem with some content" though other programs open a workbook."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from lxml import etree
from openpyxl.utils import column_index_from_string, range_boundaries

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SHEET = """
    sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios
    autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations
    hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches
    ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects controls webPublishItems
    tableParts extLst
"""
_BOOK = """
    fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences
    definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing
    fileRecoveryPr webPublishObjects extLst
"""
_STYLES = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
_LONGEST = 32_767  # characters of a cell or a comment
_WORDS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}  # of a data validation
_QUOTED = re.compile(r"\"[^\"]*\"|'(?:[^']|'')*'")
_PARTS_OF_CELLS = ([], ["v"], ["f"], ["f", "v"], ["is"])


def faults(data: bytes) -> list[str]:
    """Return what Excel would mend, or not open, in a workbook; a part's name before each."""
    with ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
        found = ["two parts of a name"] if len({name.lower() for name in archive.namelist()}) < len(parts) else []
    trees = {name: etree.fromstring(raw) for name, raw in parts.items() if name.endswith((".xml", ".rels", ".vml"))}
    found += [*_package(trees, list(parts)), *_book(trees["xl/workbook.xml"]), *_styles(trees["xl/styles.xml"])]
    strings = trees.get("xl/sharedStrings.xml")
    if strings is not None:
        found += [f"shared strings: {fault}" for fault in _texts(strings)]
        if strings.get("uniqueCount", str(len(strings))) != str(len(strings)):
            found.append("shared strings: not so many")
    limits = len(trees["xl/styles.xml"].find(f"{_MAIN}cellXfs")), 0 if strings is None else len(strings)
    titles = [sheet.get("name") for sheet in trees["xl/workbook.xml"].find(f"{_MAIN}sheets")]
    for name, tree in trees.items():
        checks: tuple[Iterator[str], ...] = ()
        if re.match(r"xl/worksheets/[^/]+\.xml$", name):
            checks = _children(tree, _SHEET), _cells(tree, *limits), _around_cells(tree, titles), _said(tree)
        elif name.startswith("xl/tables/"):
            checks = (_table(tree),)
        elif name.startswith("xl/comments"):
            checks = (_comments(tree),)
        found += [f"{name}: {fault}" for check in checks for fault in check]
    tables = [tree.get("displayName").lower() for name, tree in trees.items() if name.startswith("xl/tables/")]
    return found + (["two tables of a name"] if len(set(tables)) < len(tables) else [])


def _local(element: Any) -> str:
    return str(etree.QName(element).localname)


def _children(tree: Any, names: str) -> Iterator[str]:
    order = names.split()
    places = [order.index(_local(part)) if _local(part) in order else -1 for part in tree]
    if places != sorted(places) or -1 in places:
        yield f"parts in no order of the standard: {[_local(part) for part in tree]}"


def _package(trees: dict[str, Any], names: list[str]) -> Iterator[str]:
    types = trees["[Content_Types].xml"]
    known = {part.get("PartName").lstrip("/") for part in types if _local(part) == "Override"}
    endings = {part.get("Extension").lower() for part in types if _local(part) == "Default"}
    yield from (f"a type of no part: {name}" for name in known - set(names))
    for name in set(names) - known - {"[Content_Types].xml"}:
        if name.rpartition(".")[2].lower() not in endings:
            yield f"a part without a type: {name}"
    for name, tree in trees.items():
        if not name.endswith(".rels"):
            continue
        if len({one.get("Id") for one in tree}) < len(tree):
            yield f"{name}: two relations of an id"
        for target in (one.get("Target") for one in tree if one.get("TargetMode") != "External"):
            base = posixpath.dirname(posixpath.dirname(name))
            if posixpath.normpath(posixpath.join("/", base, target)).lstrip("/") not in names:
                yield f"{name}: leads to no part: {target}"


def _book(book: Any) -> Iterator[str]:
    yield from _children(book, _BOOK)
    sheets = book.find(f"{_MAIN}sheets")
    titles = [sheet.get("name") for sheet in sheets]
    if len({title.lower() for title in titles}) < len(titles) or len({s.get("sheetId") for s in sheets}) < len(titles):
        yield f"two sheets of a name or id: {titles}"
    for title in titles:
        if len(title.encode("utf-16-le")) > 62 or re.search(r"[\[\]:*?/\\]|^'|'$", title) or title.lower() == "history":
            yield f"a sheet must not be named so: {title}"
    names: set[tuple[str, str]] = set()
    for one in book.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName"):
        name, owner = one.get("name"), one.get("localSheetId", "0")
        if (name.lower(), one.get("localSheetId", "")) in names or int(owner) >= len(titles):
            yield f"a name twice or of no sheet: {name}"
        names.add((name.lower(), one.get("localSheetId", "")))
        led = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')+)'!", one.text)]
        if set(led) - set(titles) or ";" in _QUOTED.sub("", one.text) or "#REF" in one.text:
            yield f"{name} leads nowhere: {one.text}"


def _styles(styles: Any) -> Iterator[str]:
    yield from _children(styles, _STYLES)
    sizes = {_local(part): len(part) for part in styles}
    yield from (f"styles: not so many {_local(p)}" for p in styles if p.get("count", str(len(p))) != str(len(p)))
    formats = {one.get("numFmtId"): one.get("formatCode") for one in styles.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")}
    for code in formats.values():
        bare = re.sub(r"\"[^\"]*\"|\\.|_.|\*.|\[[^\]]*\]", "", code)
        if (
            len(code) > 255
            or bare.count(";") > 3
            or re.search(r"[^-0#?,. %/;:+()EedmyhsAMP@]", bare.replace("General", ""))
        ):
            yield f"styles: no number format: {code}"
    for look in styles.find(f"{_MAIN}cellXfs"):
        for part, group in (
            ("fontId", "fonts"),
            ("fillId", "fills"),
            ("borderId", "borders"),
            ("xfId", "cellStyleXfs"),
        ):
            if int(look.get(part, "0")) >= sizes.get(group, 1):
                yield f"styles: a look of no {part}"
        if int(look.get("numFmtId", "0")) >= 164 and look.get("numFmtId") not in formats:
            yield "styles: a look of no number format"


def _texts(tree: Any) -> Iterator[str]:
    """Of texts that a cell holds: their length, and blanks at their ends that a reader would drop."""
    for item in (*tree.iter(f"{_MAIN}si"), *tree.iter(f"{_MAIN}is")):
        if len("".join(item.itertext()).encode("utf-16-le")) // 2 > _LONGEST:
            yield "a text is too long"
        for text in item.iter(f"{_MAIN}t"):
            if text.text and text.text != text.text.strip(" \t\n") and text.get(_SPACE) != "preserve":
                yield f"blanks are lost: {text.text[:40]!r}"


def _cells(sheet: Any, looks: int, strings: int) -> Iterator[str]:
    yield from _texts(sheet)
    row = 0
    for line in sheet.find(f"{_MAIN}sheetData"):
        before, row, column = row, int(line.get("r", row + 1)), 0
        if row <= before or not 0 <= float(line.get("ht", "1")) <= 409.5:
            yield f"row {row} is out of order or too high"
        for cell in line:
            left, place = column, re.fullmatch("([A-Z]+)([0-9]+)", cell.get("r"))
            column = column_index_from_string(place[1]) if place else 0
            if column <= left or place is None or int(place[2]) != row:
                yield f"{cell.get('r')} is out of order"
            if [_local(part) for part in cell] not in _PARTS_OF_CELLS or int(cell.get("s", "0")) >= looks:
                yield f"{cell.get('r')}: parts or look"
            yield from (f"{cell.get('r')}: {fault}" for fault in _value(cell, strings))


def _value(cell: Any, strings: int) -> Iterator[str]:
    value, kind, formula = cell.findtext(f"{_MAIN}v"), cell.get("t", "n"), cell.findtext(f"{_MAIN}f") or ""
    if kind == "s" and int(value) >= strings:
        yield "a text that is not there"
    if kind == "n" and value is not None and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", value):
        yield f"no number: {value}"
    if kind not in ("s", "n", "inlineStr", "str", "b", "e"):
        yield f"a kind of Excel's own: {kind}"
    bare = _QUOTED.sub("", formula)
    if ";" in bare or formula.startswith("=") or re.search("[А-Яа-я]", bare) or len(formula) > 8192:
        yield f"a formula of another language: {formula[:60]}"


def _around_cells(sheet: Any, titles: Sequence[str]) -> Iterator[str]:
    """Of columns, merged cells, links, breaks."""
    last = 0
    for one in sheet.iterfind(f"{_MAIN}cols/{_MAIN}col"):
        if not last < int(one.get("min")) <= int(one.get("max")) <= 16_384 or float(one.get("width", "1")) > 255:
            yield f"a column: {dict(one.attrib)}"
        last = int(one.get("max"))
    areas: list[tuple[int, int, int, int]] = []
    for ref in (one.get("ref") for one in sheet.iter(f"{_MAIN}mergeCell")):
        left, top, right, bottom = range_boundaries(ref)
        met = any(left <= r and l <= right and top <= b and t <= bottom for l, t, r, b in areas)  # noqa: E741
        if met or (left, top) == (right, bottom):
            yield f"merged: {ref}"
        areas.append((left, top, right, bottom))
    links = [one.get("location", "") for one in sheet.iter(f"{_MAIN}hyperlink")]
    led = [match[1].replace("''", "'") for link in links if (match := re.match(r"'((?:[^']|'')+)'!", link))]
    if set(led) - set(titles) or len(links) > 65_530 or any(len(link) > 2079 for link in links):
        yield f"links: {len(links)}, {sorted(set(led) - set(titles))}"
    for breaks in (*sheet.iter(f"{_MAIN}rowBreaks"), *sheet.iter(f"{_MAIN}colBreaks")):
        if len(breaks) > 1023 or breaks.get("count") != str(len(breaks)):
            yield f"breaks of pages: {len(breaks)}"
    for group in ("cols", "mergeCells", "hyperlinks", "dataValidations", "tableParts"):
        found = sheet.find(f"{_MAIN}{group}")
        if found is not None and (len(found) == 0 or found.get("count", str(len(found))) != str(len(found))):
            yield f"{group}: none, or not so many"


def _said(sheet: Any) -> Iterator[str]:
    """Of lists, hints and feet."""
    for asked in sheet.iter(f"{_MAIN}dataValidation"):
        texts = [part.text or "" for part in asked]
        too_long = [name for name, most in _WORDS.items() if len(asked.get(name, "")) > most]
        if too_long or len(asked.get("sqref")) > 8192 or any(len(t) > 255 or ";" in _QUOTED.sub("", t) for t in texts):
            yield f"a list or hint of {asked.get('sqref')[:20]}: {too_long} {texts}"
    yield from ("a foot is too long" for foot in sheet.iterfind(f"{_MAIN}headerFooter/*") if len(foot.text or "") > 255)
    for rule in sheet.iter(f"{_MAIN}cfRule"):
        if not rule.get("priority") or any(";" in _QUOTED.sub("", f.text) for f in rule.iter(f"{_MAIN}formula")):
            yield "a rule of a look"


def _table(table: Any) -> Iterator[str]:
    left, top, right, bottom = range_boundaries(table.get("ref"))
    names = [one.get("name") for one in table.find(f"{_MAIN}tableColumns")]
    if right - left + 1 != len(names) or bottom <= top or len({name.lower() for name in names}) < len(names):
        yield f"columns or rows: {table.get('ref')}, {names}"


def _comments(tree: Any) -> Iterator[str]:
    authors, notes = len(list(tree.iter(f"{_MAIN}author"))), list(tree.iter(f"{_MAIN}comment"))
    if len({note.get("ref") for note in notes}) < len(notes):
        yield "two of a cell"
    for note in notes:
        if int(note.get("authorId")) >= authors or len("".join(note.itertext())) > _LONGEST:
            yield f"of nobody or too long: {note.get('ref')}"
