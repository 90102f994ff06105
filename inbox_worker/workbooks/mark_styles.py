"""The looks of marked cells: a workbook's style table with fills of ours added, everything of the sender's kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from inbox_worker.workbooks.ooxml import Package
from inbox_worker.workbooks.ooxml_parts import child, children, insert, make

FILLS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "info": "FFDDEBF7"}
_RGB = re.compile("[0-9A-Fa-f]{6}")
_BLACKS = ("0", "8", "64")  # of the palette, and the window's text
_MOST_LIGHT = 0.1  # luminance: on the darkest fill, of 0.66, 4.5 : 1 is 0.108
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


class Styles:
    """The style table of a workbook (one is made when it has none). Numbers are places in `cellXfs`."""

    def __init__(self, package: Package) -> None:
        name = next(package.related_parts(package.main, "styles"), "")
        if not name:
            main = package.tree(package.main)
            root = make(main, "styleSheet")
            package.add(
                package.main,
                "styles",
                "xl/styles.xml",
                main.makeelement(root.tag, nsmap={None: main.nsmap.get(main.prefix)}),
                _CONTENT,
            )
            name = next(package.related_parts(package.main, "styles"))
        self._root = package.tree(name)
        self._formats = self._list("cellXfs", "xf", {"numFmtId": "0", "fontId": "0", "fillId": "0", "borderId": "0"})
        self._list("fonts", "font", {})
        self._list("borders", "border", {})
        self._list("cellStyleXfs", "xf", {"numFmtId": "0", "fontId": "0", "fillId": "0", "borderId": "0"})
        fills = self._list("fills", "fill", {})
        for pattern in ("none", "gray125")[len(children(fills, "fill")) :]:  # the standard's first two
            fill = make(fills, "fill")
            fill.append(make(fill, "patternFill", {"patternType": pattern}))
            self._append(fills, fill)
        self._fills = {colour: self._add_fill(colour) for colour in FILLS.values()}
        self._known: dict[tuple[int, str], int] = {}
        self._dark: dict[str, int] = {}  # a font of the sender's -> the same in black
        self.sender_count = len(self._formats)

    def mark_style(self, style: int, severity: str) -> int:
        """Return the style of a cell that a finding of that severity points at: as it was, with our fill."""
        key = (style, severity)
        if key not in self._known:
            look = deepcopy(self._formats[style])
            look.set("fillId", str(self._fills[FILLS[severity]]))
            look.set("applyFill", "1")
            self._darken(look)
            self._known[key] = self._append(self._formats, look)
        return self._known[key]

    def _darken(self, look: Any) -> None:
        """Give a style the same font in black where its colour may be too pale for our fills, as white on blue is."""
        fonts = self._list("fonts", "font", {})
        known, place = children(fonts, "font"), look.get("fontId", "0")
        if not place.isdecimal() or int(place) >= len(known):
            return
        colour = child(known[int(place)], "color")
        if colour is None or _is_dark(dict(colour.attrib)):
            return
        if place not in self._dark:
            dark: Any = deepcopy(known[int(place)])
            dark.remove(child(dark, "color"))
            self._dark[place] = self._append(fonts, dark)
        look.set("fontId", str(self._dark[place]))
        look.set("applyFont", "1")

    def list_style(self, *, bold: bool = False, rule: str = "", text: bool = False) -> int:
        """Return a style for the list of findings. `rule`: the line below (`hair`), or one above and below (`thick`);
        `text` keeps what begins like a formula a text when it is edited."""
        key = (-1, f"{bold} {rule} {text}")
        if key in self._known:
            return self._known[key]
        attributes = {
            "numFmtId": "0", "fontId": str(self._add_font(bold)), "fillId": "0",
            "borderId": str(self._add_border(rule) if rule else 0), "xfId": "0", "applyFill": "1", "applyFont": "1",
            "applyBorder": "1", "applyAlignment": "1",
        }  # fmt: skip
        if text:
            attributes["quotePrefix"] = "1"
        look = make(self._formats, "xf", attributes)
        look.append(make(look, "alignment", {"wrapText": "1", "vertical": "top"}))
        self._known[key] = self._append(self._formats, look)
        return self._known[key]

    def _list(self, name: str, item: str, attributes: dict[str, str]) -> Any:
        """Return a list of the table; one that is missing or empty is made with a plain first member."""
        found = child(self._root, name)
        if found is None:
            found = make(self._root, name)
            insert(self._root, found, frozenset((*_ORDER[_ORDER.index(name) + 1 :], "colors", "extLst")))
        if not children(found, item) and name != "fills":
            self._append(found, make(found, item, attributes))
        return found

    def _append(self, found: Any, element: Any) -> int:
        """Put a member last; return its place."""
        found.append(element)
        members = children(found, str(element.tag).rpartition("}")[2])
        found.set("count", str(len(members)))
        return len(members) - 1

    def _add_fill(self, colour: str) -> int:
        fills = self._list("fills", "fill", {})
        fill = make(fills, "fill")
        pattern = make(fill, "patternFill", {"patternType": "solid"})
        pattern.append(make(pattern, "fgColor", {"rgb": colour}))
        pattern.append(make(pattern, "bgColor", {"indexed": "64"}))
        fill.append(pattern)
        return self._append(fills, fill)

    def _add_font(self, bold: bool) -> int:
        fonts = self._list("fonts", "font", {})
        font = make(fonts, "font")
        if bold:
            font.append(make(font, "b"))
        font.append(make(font, "sz", {"val": "9"}))
        font.append(make(font, "name", {"val": "Arial"}))
        return self._append(fonts, font)

    def _add_border(self, rule: str) -> int:
        borders = self._list("borders", "border", {})
        border = make(borders, "border")
        lines = {"bottom": "thin", "top": "medium"} if rule == "thick" else {"bottom": "hair"}
        for side in ("left", "right", "top", "bottom", "diagonal"):
            edge = make(border, side, {"style": lines[side]} if side in lines else {})
            if side in lines:
                edge.append(make(edge, "color", {"rgb": "FF1F3A5F" if rule == "thick" else "FF8FA3B8"}))
            border.append(edge)
        return self._append(borders, border)


def _is_dark(colour: dict[str, str]) -> bool:
    """Return whether a font's colour is known to be read on each of our fills (4.5 : 1 on the darkest)."""
    rgb = colour.get("rgb", "")[-6:]
    if "tint" in colour or not _RGB.fullmatch(rgb):
        known = colour.get("theme") == "1" or colour.get("indexed") in _BLACKS or "auto" in colour
        return known and "tint" not in colour
    red, green, blue = (float((part / 255) ** 2.2) for part in bytes.fromhex(rgb))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < _MOST_LIGHT


def severity_of(findings: Sequence[dict[str, str]]) -> str:
    """Return the worst severity: it colours the cell."""
    return min((f["severity"] for f in findings), key=list(FILLS).index)
