"""The sheet of findings in a workbook that goes back: where, which value, why it is wrong, how to mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from inbox_worker.workbooks.jail_protocol import LIST
from inbox_worker.workbooks.mark_cells import letters_of
from inbox_worker.workbooks.mark_styles import FILLS, HEAD, Styles
from inbox_worker.workbooks.ooxml import Package
from inbox_worker.workbooks.ooxml_parts import child, children, insert, make, relation_attribute, relation_id, words

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_WIDTHS = {
    "number": 5, "sheet": 16, "row": 9, "column": 10, "value": 20, "weight": 18, "cause": 46, "remedy": 42,
    "cause_kk": 46, "remedy_kk": 42, "clause": 10, "code": 22,
}  # fmt: skip  # of the columns, in their order; the request has their headers
_LINE = 14.5  # points a line of text
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 8000  # characters of a comment or cell of ours
_AFTER_VIEWS = words(
    "sheets functionGroups externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches extLst"
)
_AFTER_NAMES = words(
    "calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr extLst"
)

Found = dict[str, str]


def clean(text: str) -> str:
    """Return text that a workbook can hold."""
    return _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n"))[:_LONGEST]


def add_list(package: Package, styles: Styles, wanted: dict[str, Any]) -> None:
    """Add the sheet of findings as the workbook's last and make it the one that opens."""
    book = package.tree(package.main)
    sheets = child(book, "sheets")
    known = children(sheets, "sheet")
    title, place = LIST, 2
    while title.casefold() in {sheet.get("name", "").casefold() for sheet in known}:
        title, place = f"{LIST} {place}", place + 1
    root = _sheet(book, styles, wanted)
    identifier = package.add(package.main, "worksheet", "xl/worksheets/sheetIw.xml", root, _CONTENT)
    number = max((int(s.get("sheetId")) for s in known if s.get("sheetId", "").isdecimal()), default=0) + 1
    sheets.append(make(sheets, "sheet", {"name": title, "sheetId": str(number), relation_attribute(book): identifier}))
    _name_titles(book, title, len(known))
    _open_on(package, book, len(known))


def remove_lists(package: Package) -> None:
    """Take out the sheets of findings of earlier answers, with the names that belong to them."""
    book = package.tree(package.main)
    sheets = child(book, "sheets")
    for sheet in children(sheets, "sheet"):
        if not sheet.get("name", "").startswith(LIST) or len(children(sheets, "sheet")) == 1:
            continue
        place = children(sheets, "sheet").index(sheet)
        package.remove(package.target(package.main, relation_id(sheet)))
        sheets.remove(sheet)
        names = child(book, "definedNames")
        for defined in children(names, "definedName") if names is not None else ():
            owner = defined.get("localSheetId", "")
            if owner == str(place):
                names.remove(defined)
            elif owner.isdecimal() and int(owner) > place:
                defined.set("localSheetId", str(int(owner) - 1))
        if names is not None and not len(names):
            book.remove(names)


def _sheet(book: Any, styles: Styles, wanted: dict[str, Any]) -> Any:
    root = book.makeelement(book.tag.rpartition("}")[0] + "}worksheet", nsmap={None: book.tag[1:].partition("}")[0]})
    properties = make(root, "sheetPr")
    properties.append(make(properties, "pageSetUpPr", {"fitToPage": "1"}))
    views = make(root, "sheetViews")
    view = make(views, "sheetView", {"workbookViewId": "0"})
    view.append(make(view, "pane", {"ySplit": "4", "topLeftCell": "A5", "activePane": "bottomLeft", "state": "frozen"}))
    views.append(view)
    widths = make(root, "cols")
    for column, width in enumerate(_WIDTHS.values(), 1):
        attributes = {"min": str(column), "max": str(column), "width": str(width), "customWidth": "1"}
        widths.append(make(widths, "col", attributes))
    data = _rows(root, styles, wanted)
    area = f"A4:{letters_of(len(_WIDTHS))}{4 + len(wanted['findings'])}"
    setup = make(root, "pageSetup", {"paperSize": "9", "orientation": "landscape", "fitToHeight": "0"})
    for part in (properties, views, widths, data, make(root, "autoFilter", {"ref": area}), setup):
        root.append(part)
    return root


def _rows(root: Any, styles: Styles, wanted: dict[str, Any]) -> Any:
    data, said = make(root, "sheetData"), wanted["words"]
    title = styles.list_style(bold=True, size="13")
    plain, head = styles.list_style(framed=True, text=True), styles.list_style(HEAD, bold=True)
    weights = {severity: styles.list_style(fill, framed=True) for severity, fill in FILLS.items()}
    data.append(_row(data, 1, [(f"{LIST}: {wanted['submission']}", title)]))
    data.append(_row(data, 2, [(wanted["name"], styles.list_style(text=True))]))
    data.append(_row(data, 4, [(said[name], head) for name in _WIDTHS], 2 * _LINE))
    for place, found in enumerate(wanted["findings"], 1):
        texts = (str(place), *_texts(found, said))
        looks = [weights[found["severity"]] if at == 5 else plain for at in range(len(texts))]
        data.append(_row(data, place + 4, list(zip(texts, looks, strict=True)), _LINE * _lines(texts), numbered=True))
    return data


def _row(data: Any, number: int, cells: Sequence[tuple[str, int]], height: float = 0, *, numbered: bool = False) -> Any:
    """Make one row of texts with their styles; in a `numbered` one the first cell is a number."""
    row = make(data, "row", {"r": str(number)})
    if height:
        row.set("ht", f"{min(height, 409):g}")
        row.set("customHeight", "1")
    for column, (text, style) in enumerate(cells, 1):
        cell = make(row, "c", {"r": f"{letters_of(column)}{number}", "s": str(style)})
        row.append(cell)
        if numbered and column == 1:
            value = make(cell, "v")
            value.text = text
            cell.append(value)
        elif text:
            cell.set("t", "inlineStr")
            cell.append(inline := make(cell, "is"))
            inline.append(make(inline, "t", text=clean(text)))
    return row


def _texts(found: Found, said: dict[str, str]) -> tuple[str, ...]:
    letters = found["cell"].rstrip("0123456789")
    return (
        found["sheet"], found["cell"][len(letters) :], letters, found["value"], said[found["severity"]],
        found["message"], found["remedy"], found["message_kk"], found["remedy_kk"], found["clause"], found["code"],
    )  # fmt: skip


def _lines(texts: Sequence[str]) -> int:
    """Return how many lines the longest text of a row needs in its column: not every program fits heights by itself."""
    return max(
        sum(-(-len(line) // (width - 2)) or 1 for line in text[:_LONGEST].split("\n"))
        for text, width in zip(texts, _WIDTHS.values(), strict=True)
    )


def _name_titles(book: Any, title: str, place: int) -> None:
    """Repeat the header of the list on every printed page."""
    names = child(book, "definedNames")
    if names is None:
        names = make(book, "definedNames")
        insert(book, names, _AFTER_NAMES)
    defined = make(names, "definedName", {"name": "_xlnm.Print_Titles", "localSheetId": str(place)})
    defined.text = f"'{title}'!$4:$4"
    names.append(defined)


def _open_on(package: Package, book: Any, place: int) -> None:
    """Make the sheet at that place the one that opens, and alone selected: what is typed goes into all that are."""
    views = child(book, "bookViews")
    if views is None:
        views = make(book, "bookViews")
        insert(book, views, _AFTER_VIEWS)
    for extra in children(views, "workbookView")[1:]:  # a second window would open on another sheet
        views.remove(extra)
    view = child(views, "workbookView")
    if view is None:
        views.append(view := make(views, "workbookView"))
    view.set("activeTab", str(place))
    for hidden in ("firstSheet", "visibility", "minimized", "showSheetTabs"):
        view.attrib.pop(hidden, None)
    for kind in ("worksheet", "chartsheet"):
        for name in package.related_parts(package.main, kind):
            for sheet_views in children(package.tree(name), "sheetViews"):
                for each in children(sheet_views, "sheetView"):
                    each.attrib.pop("tabSelected", None)
                    each.set("workbookViewId", "0")
    sheets = children(child(book, "sheets"), "sheet")
    list_view = child(
        child(package.tree(package.target(package.main, relation_id(sheets[place]))), "sheetViews"), "sheetView"
    )
    list_view.set("tabSelected", "1")
