"""The sheet of findings in a workbook that goes back: where, which value, why it is wrong, how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from inbox_worker.workbooks.jail_protocol import LIST
from inbox_worker.workbooks.mark_cells import letters_of
from inbox_worker.workbooks.mark_styles import Styles
from inbox_worker.workbooks.ooxml import Package
from inbox_worker.workbooks.ooxml_parts import child, children, insert, make, relation_attribute, relation_id, words

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_WIDTHS = {"weight": 13, "cell": 14, "value": 18, "what": 54}  # of the columns, in their order: an A4 page upright
_INK, _GREY, _LINK = "FF1F3A5F", "FF555555", "FF0B5394"
_SIGNS = {"error": "✖ ", "warning": "▲ ", "info": ""}
_COLOURS = {"error": "FFA61B1B", "warning": "FF8A5A00", "info": _GREY}
_LINE = 12.5  # points a line of text of 9
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
    names = frozenset(sheet.get("name", "") for sheet in known)
    root, head = _sheet(book, styles, wanted, names)
    identifier = package.add(package.main, "worksheet", "xl/worksheets/sheetIw.xml", root, _CONTENT)
    number = max((int(s.get("sheetId")) for s in known if s.get("sheetId", "").isdecimal()), default=0) + 1
    sheets.append(make(sheets, "sheet", {"name": title, "sheetId": str(number), relation_attribute(book): identifier}))
    _name_titles(book, title, len(known), head)
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


def _sheet(book: Any, styles: Styles, wanted: dict[str, Any], sheets: frozenset[str]) -> tuple[Any, int]:
    """Return the sheet, and the row of its table's head."""
    root = book.makeelement(book.tag.rpartition("}")[0] + "}worksheet", nsmap={None: book.tag[1:].partition("}")[0]})
    properties = make(root, "sheetPr")
    properties.append(make(properties, "pageSetUpPr", {"fitToPage": "1"}))
    views = make(root, "sheetViews")
    views.append(make(views, "sheetView", {"workbookViewId": "0", "showGridLines": "0"}))
    widths = make(root, "cols")
    for column, width in enumerate(_WIDTHS.values(), 1):
        attributes = {"min": str(column), "max": str(column), "width": str(width), "customWidth": "1"}
        widths.append(make(widths, "col", attributes))
    page = _Page(root, styles)
    _write_top(page, wanted)
    head, own_first = page.next, _own_first(wanted)
    page.add(
        [_both(own_first(wanted["words"][name])) for name in _WIDTHS],
        [page.look(bold=True, rule="thick")] * len(_WIDTHS),
    )
    several = len({found["sheet"] for found in wanted["listed"] if found["sheet"]}) > 1
    for found in wanted["listed"]:
        _write_finding(page, found, wanted, several, sheets)
    parts = [properties, views, widths, page.data]
    if page.merged:
        merges = make(root, "mergeCells", {"count": str(len(page.merged))})
        for area in page.merged:
            merges.append(make(merges, "mergeCell", {"ref": area}))
        parts.append(merges)
    if page.links:
        links = make(root, "hyperlinks")
        for cell, target in page.links.items():
            links.append(make(links, "hyperlink", {"ref": cell, "location": target}))
        parts.append(links)
    margins = {"left": "0.4", "right": "0.4", "top": "0.45", "bottom": "0.55", "header": "0.2", "footer": "0.25"}
    setup = {"paperSize": "9", "orientation": "portrait", "fitToHeight": "0"}
    footer = make(root, "headerFooter")
    footer.append(make(footer, "oddFooter", text=f"&L&7{LIST}: {wanted['submission']}&R&7&P / &N"))
    for part in (*parts, make(root, "pageMargins", margins), make(root, "pageSetup", setup), footer):
        root.append(part)
    return root, head


_Run = tuple[str, dict[str, str]]  # a piece of a cell's text and how it is written


class _Page:
    """Rows of texts that are added one below the other. A text is a list of runs."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self.data = make(root, "sheetData")
        self.next = 1
        self.merged: list[str] = []
        self.links: dict[str, str] = {}
        self._styles = styles

    def look(self, **how: Any) -> int:
        """Return a style of the workbook's table."""
        return self._styles.list_style(text=True, **how)

    def add(self, cells: Sequence[Sequence[_Run]], looks: Sequence[int], *, across: bool = False) -> None:
        """Add a row, as high as its longest text; `across`: its only cell goes over all columns."""
        number, widths = self.next, [sum(_WIDTHS.values())] if across else list(_WIDTHS.values())
        size = max((float(how.get("size", 9)) for runs in cells for _, how in runs), default=9.0)
        lines = max(
            _lines("".join(text for text, _ in runs), int(width * 9 / size))
            for runs, width in zip(cells, widths, strict=False)
        )
        row = make(self.data, "row", {"r": str(number), "ht": f"{_height(lines, size):g}", "customHeight": "1"})
        for column, (runs, style) in enumerate(zip(cells, looks, strict=True), 1):
            cell = make(row, "c", {"r": f"{letters_of(column)}{number}", "s": str(style)})
            row.append(cell)
            if any(text for text, _ in runs):
                cell.set("t", "inlineStr")
                cell.append(_inline(cell, runs))
        if across:
            self.merged.append(f"A{number}:{letters_of(len(_WIDTHS))}{number}")
        self.data.append(row)
        self.next += 1


def _own_first(wanted: dict[str, Any]) -> Callable[[Sequence[str]], tuple[str, str]]:
    """Return what puts the sender's language before the other (4.3.2): Kazakh for who wrote in it, else Russian."""
    return lambda words: (words[1], words[0]) if wanted.get("kazakh") else (words[0], words[1])


def _write_top(page: _Page, wanted: dict[str, Any]) -> None:
    """Write whose answer it is, the decision with its day, and the steps: what a person reads before the list."""
    plain, own_first = page.look(), _own_first(wanted)
    page.add([[(f"{LIST}: {wanted['submission']}", {"bold": "1"}), (f"  ·  {wanted['name']}", {"colour": _GREY})]],
             [plain], across=True)  # fmt: skip
    for own, other in map(own_first, wanted["head"]):
        looks = ({"bold": "1", "size": "13", "colour": _INK}, {"size": "11", "colour": _GREY})
        page.add([[(own, looks[0]), (f"\n{other}", looks[1])]], [plain], across=True)
    for number, (own, other) in enumerate(map(own_first, wanted["steps"]), 1):
        page.add([[(f"{number}. {own}", {}), (f"\n    {other}", {"colour": _GREY})]], [plain], across=True)
    page.next += 1


def _write_finding(page: _Page, found: Found, wanted: dict[str, Any], several: bool, sheets: frozenset[str]) -> None:
    """Write one finding, or several equal ones: how grave, where with a link, what was there, what to do."""
    colour, own_first = _COLOURS[found["severity"]], _own_first(wanted)
    own, other = own_first(wanted["words"][found["severity"]])
    message, other_message = own_first((found["message"], found["message_kk"]))
    remedy, other_remedy = own_first((found["remedy"], found["remedy_kk"]))
    where = f"{found['sheet']}!{found['cells']}" if several and found["cells"] else found["cells"]
    before = ""
    if len(where) > _WIDTHS["cell"]:  # LibreOffice cuts a link that is longer than its column
        before, where = f"{where}: ", found["first"] + (", …" if found["cells"] != found["first"] else "")
    linked = bool(found["first"]) and found["sheet"] in sheets
    if linked:
        quoted = found["sheet"].replace("'", "''")
        page.links[f"B{page.next}"] = f"'{quoted}'!{found['first']}"
    clause = f"  ({found['clause']})" if found["clause"] else ""
    page.add(
        [
            [(f"{_SIGNS[found['severity']]}{own}", {"bold": "1", "colour": colour}), (f"\n{other}", {"colour": _GREY})],
            [(where or "—", {"bold": "1", **({"colour": _LINK, "line": "1"} if linked else {})})],
            [(found["value"], {"bold": "1"})],
            [
                (before, {"bold": "1"}), (f"{message} ", {}), (remedy, {"bold": "1"}), (clause, {"colour": _GREY}),
                (f"\n{other_message} {other_remedy}", {"colour": _GREY, "size": "8.5"}),
            ],
        ],
        [page.look(rule="hair")] * len(_WIDTHS),
    )  # fmt: skip


def _both(words: Sequence[str]) -> list[_Run]:
    """Return a head of two lines, the second language grey; one where both are the same."""
    own, other = words
    return [(own, {"bold": "1"})] + ([(f"\n{other}", {"colour": _GREY})] if other != own else [])


def _inline(cell: Any, runs: Sequence[_Run]) -> Any:
    """Return a text in runs, each with its own look; nothing of it can be a formula."""
    inline, left = make(cell, "is"), _LONGEST
    for text, how in runs:
        if not (shown := clean(text)[:left]):
            continue
        left -= len(shown)
        run = make(inline, "r")
        look = make(run, "rPr")
        if "bold" in how:
            look.append(make(look, "b"))
        if "line" in how:
            look.append(make(look, "u"))
        look.append(make(look, "sz", {"val": how.get("size", "9")}))
        look.append(make(look, "color", {"rgb": how.get("colour", "FF000000")}))
        look.append(make(look, "rFont", {"val": "Arial"}))
        run.append(look)
        run.append(make(run, "t", text=shown))
        inline.append(run)
    return inline


def _lines(text: str, width: int) -> int:
    """Return how many lines a text needs in its column: not every program fits heights by itself."""
    return sum(-(-len(line) // (width * 12 // 10)) or 1 for line in text[:_LONGEST].split("\n"))


def _height(lines: int, size: float) -> float:
    """Return points for so many lines with a little room; the largest that a row can have is 409."""
    return min(lines * _LINE * size / 9 + 4, 409)


def _name_titles(book: Any, title: str, place: int, head: int) -> None:
    """Repeat the header of the list on every printed page."""
    names = child(book, "definedNames")
    if names is None:
        names = make(book, "definedNames")
        insert(book, names, _AFTER_NAMES)
    defined = make(names, "definedName", {"name": "_xlnm.Print_Titles", "localSheetId": str(place)})
    defined.text = f"'{title}'!${head}:${head}"
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
