"""Marks wrong cells in a sender's workbook in a process of its own; run by path (see jail_protocol.py).

Request: `findings` (as in the journal), `listed` (equal ones joined), `words` of their list, `head` and `steps` above
it, `submission`, `name`, `seconds`; the file is the
sender's .xlsx, or empty: then the answer holds the list of findings alone. Verdicts: b'A' with the workbook, b'U' for
one that cannot be carried; the parent then asks for the list alone.

Cells, pictures, charts and drawings stay as they were: only fills, comments and the list of findings are added.
Macros and links do not go back. The same request gives the same bytes. What goes back opens in openpyxl: it is tried.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import openpyxl
from lxml import etree

from inbox_worker.workbooks.findings_sheet import Found, add_list, clean, remove_lists
from inbox_worker.workbooks.jail_protocol import run
from inbox_worker.workbooks.mark_cells import Cells, place_of
from inbox_worker.workbooks.mark_comments import Comments
from inbox_worker.workbooks.mark_styles import Styles, severity_of
from inbox_worker.workbooks.ooxml import Package
from inbox_worker.workbooks.ooxml_parts import MAIN, NotCarried, child, children, relation_id

_ODD = (
    NotCarried, etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError,
    LookupError, OSError, NotImplementedError, EOFError, RecursionError, ArithmeticError,
)  # fmt: skip  # what openpyxl raises over strangers' files has no base of its own


def blank() -> Package:
    """Return a workbook without sheets."""
    book = etree.Element(f"{{{MAIN[0]}}}workbook", nsmap={None: MAIN[0]})
    etree.SubElement(book, f"{{{MAIN[0]}}}sheets")
    name = "xl/workbook.xml"
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return Package(name, {name: b""}, {name: content}, {name: []}, {name: book})


def sheet_parts(package: Package) -> dict[str, str]:
    """Return the part of each worksheet by its title."""
    found = {}
    worksheets = set(package.related_parts(package.main, "worksheet"))
    for sheet in children(child(package.tree(package.main), "sheets"), "sheet"):
        part = package.target(package.main, relation_id(sheet))
        if part in worksheets:
            found[sheet.get("name", "")] = part
    return found


_RUSSIAN_FIRST = ("message", "remedy", "message_kk", "remedy_kk")
_KAZAKH_FIRST = ("message_kk", "remedy_kk", "message", "remedy")


def mark(package: Package, styles: Styles, findings: list[Found], order: Sequence[str]) -> None:
    """Fill the cells that findings point at and say why in a comment, its texts in that order."""
    by_sheet: dict[str, dict[tuple[int, int], list[Found]]] = {}
    for found in findings:
        place = place_of(found["cell"])
        if place:
            by_sheet.setdefault(found["sheet"], {}).setdefault(place, []).append(found)
    for title, part in sheet_parts(package).items():
        cells, comments = Cells(package.tree(part), styles), Comments(package, part)
        cells.tidy()
        shown: dict[tuple[int, int], list[Found]] = {}
        for place, about in by_sheet.get(title, {}).items():
            shown.setdefault(cells.shown_place(place), []).extend(about)
        for place, about in shown.items():
            cells.fill(place, severity_of(about))
            words = ("\n".join(f[name] for name in order) for f in about)
            comments.add(place, clean("\n\n".join(words)))
        comments.finish()


def carry_package(data: bytes) -> Package:
    """Return the sender's workbook without what does not go back: our earlier answer, links, refreshing on opening."""
    package = Package.read(data)
    book = package.tree(package.main)
    if child(book, "sheets") is None:
        raise NotCarried("the workbook has no list of sheets")
    remove_lists(package)
    for names in children(book, "definedNames"):
        for defined in children(names, "definedName"):
            if "[" in (defined.text or ""):  # a name over another file
                names.remove(defined)
        if not len(names):
            book.remove(names)
    for name in [
        n for n, kind in package.types.items() if kind.endswith(("connections+xml", "pivotCacheDefinition+xml"))
    ]:
        for element in package.tree(name).iter(etree.Element):
            for attribute in ("refreshOnLoad", "refreshOnOpen"):
                element.attrib.pop(attribute, None)
    return package


def answer(data: bytes, wanted: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return the workbook that goes back."""
    findings: list[Found] = wanted["findings"]
    try:
        package = carry_package(data) if data else blank()
        styles = Styles(package)
        if data:
            mark(package, styles, findings, _KAZAKH_FIRST if wanted.get("kazakh") else _RUSSIAN_FIRST)
        add_list(package, styles, wanted)
        made = package.to_bytes()
        if data:
            openpyxl.load_workbook(io.BytesIO(made))
    except _ODD as error:
        if not data:
            raise
        return b"U", f"{type(error).__name__}: {error}".encode("utf-8", "replace")
    return b"A", made


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # openpyxl warns of what it does not know; nobody reads it here
    run(answer)
