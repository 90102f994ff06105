"""Comments of findings on a sheet, beside the sender's own, with the shapes that spreadsheet programs want for them."""

from __future__ import annotations

import re
from typing import Any

from inbox_worker.workbooks.jail_protocol import AUTHOR, BORDER
from inbox_worker.workbooks.mark_cells import letters_of, place_of
from inbox_worker.workbooks.ooxml import Package
from inbox_worker.workbooks.ooxml_parts import (
    child,
    children,
    insert,
    local,
    make,
    parse,
    relation_attribute,
    relation_id,
    serialise,
    words,
)

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_AFTER_LEGACY = words("legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst")
_SPACES = (
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_SHAPE_TYPE = (
    f'<v:shapetype{_SPACES} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape{spaces} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;'
    'margin-top:2pt;width:270pt;height:135pt;z-index:{number};visibility:hidden" fillcolor="#ffffe1"'
    ' o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{column}, 15, {row}, 2, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


class Comments:
    """The comments of one sheet. Those of an earlier answer of ours are taken out when it is opened."""

    def __init__(self, package: Package, sheet: str) -> None:
        self._package, self._sheet = package, sheet
        self._part = next(package.related_parts(sheet, "comments"), "")
        self._shapes: list[tuple[int, int]] = []
        if self._part:
            self._forget_ours()

    def add(self, place: tuple[int, int], text: str) -> None:
        """Put words on a cell; after the sender's own, when there are."""
        known = self._comment_of(place)
        if known is not None:
            body = child(known, "text")
            if body is None:
                known.append(body := make(known, "text"))
            run = make(body, "r")
            run.append(make(run, "t", text=BORDER + text))
            insert(body, run, frozenset(("rPh", "phoneticPr")))
            return
        comments = self._list()
        address = f"{letters_of(place[1])}{place[0]}"
        comment = make(comments, "comment", {"ref": address, "authorId": str(self._author()), "shapeId": "0"})
        comment.append(body := make(comment, "text"))
        body.append(run := make(body, "r"))
        run.append(make(run, "t", text=text))
        comments.append(comment)
        self._shapes.append(place)

    def finish(self) -> None:
        """Draw the shapes of the comments that were added."""
        if not self._shapes:
            return
        root = self._package.tree(self._sheet)
        legacy = child(root, "legacyDrawing")
        part = self._package.target(self._sheet, relation_id(legacy)) if legacy is not None else ""
        if not part:
            known = self._package.add(
                self._sheet, "vmlDrawing", "xl/drawings/vmlDrawingIw.vml", f"<xml{_SPACES}></xml>".encode(), _VML
            )
            if legacy is None:
                legacy = make(root, "legacyDrawing")
                insert(root, legacy, _AFTER_LEGACY)
            legacy.set(relation_attribute(root), known)
            part = self._package.target(self._sheet, known)
        self._package.parts[part] = self._draw_shapes(self._package.parts[part])

    def _draw_shapes(self, vml: bytes) -> bytes:
        """Return a drawing with our shapes at its end. It is no good XML everywhere, so only its end is looked at."""
        end = vml.rfind(b"</")
        first = max((int(n) for n in re.findall(rb"_x0000_s(\d{1,8})", vml)), default=1024) + 1
        shapes = "" if b"_x0000_t202" in vml else _SHAPE_TYPE
        for number, (row, column) in enumerate(self._shapes, first):
            shapes += _SHAPE.format(
                spaces=_SPACES, number=number, row=row - 1, column=column - 1, right=column + 4, bottom=row + 8
            )
        return vml[:end] + shapes.encode() + vml[end:]

    def _comment_of(self, place: tuple[int, int]) -> Any | None:
        if not self._part:
            return None
        return next((c for c in self._list() if place_of(c.get("ref", "")) == place), None)

    def _list(self) -> Any:
        if not self._part:
            root = self._package.tree(self._sheet)
            made = root.makeelement(
                root.tag.replace("worksheet", "comments"), nsmap={None: root.tag[1:].partition("}")[0]}
            )
            made.append(make(made, "authors"))
            made.append(make(made, "commentList"))
            self._package.add(self._sheet, "comments", "xl/commentsIw.xml", made, _CONTENT)
            self._part = next(self._package.related_parts(self._sheet, "comments"))
        return child(self._package.tree(self._part), "commentList")

    def _author(self) -> int:
        authors = child(self._package.tree(self._part), "authors")
        names = [author.text for author in children(authors, "author")]
        if AUTHOR not in names:
            names.append(AUTHOR)
            author = make(authors, "author")
            author.text = AUTHOR
            authors.append(author)
        return names.index(AUTHOR)

    def _forget_ours(self) -> None:
        """Take out the comments of an earlier answer, their shapes, and our words after the sender's own."""
        root = self._package.tree(self._part)
        authors, comments = child(root, "authors"), child(root, "commentList")
        if authors is None or comments is None:
            self._package.remove(self._part)
            self._part = ""
            return
        names = [author.text for author in children(authors, "author")]
        gone = set()
        for comment in children(comments, "comment"):
            number = comment.get("authorId", "")
            if number.isdecimal() and int(number) < len(names) and names[int(number)] == AUTHOR:
                gone.add(place_of(comment.get("ref", "")))
                comments.remove(comment)
                continue
            for text in [t for t in comment.iterdescendants() if isinstance(t.tag, str) and local(t) == "t"]:
                text.text = (text.text or "").partition(BORDER)[0]
        if gone:
            self._erase(gone)

    def _erase(self, gone: set[tuple[int, int] | None]) -> None:
        """Take the shapes of comments out of the drawing."""
        part = next(self._package.related_parts(self._sheet, "vmlDrawing"), "")
        if not part:
            return
        root = parse(self._package.parts[part])
        for shape in list(root):
            for data in (d for d in shape.iterdescendants() if isinstance(d.tag, str) and local(d) == "ClientData"):
                row, column = child(data, "Row"), child(data, "Column")
                if row is not None and column is not None and (int(row.text) + 1, int(column.text) + 1) in gone:
                    root.remove(shape)
                    break
        root.text = root.text or ""  # an empty drawing keeps its end, where shapes are added
        self._package.parts[part] = serialise(root)
