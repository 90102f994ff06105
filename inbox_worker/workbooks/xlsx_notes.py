"""Comments and text boxes of the sheets of an .xlsx or .xlsb: words that people write beside the cells.

A part that cannot be read is noted as such: Excel opens such a workbook without it, and no cell is lost by it, but its
words may have asked for something.
"""

from __future__ import annotations

from inbox_worker.workbooks.cell_values import DamagedWorkbook, Look, Note, Oversized, column_of
from inbox_worker.workbooks.jail_protocol import AUTHOR, BORDER
from inbox_worker.workbooks.markup import BROKEN_MARKUP, attribute, local, reader
from inbox_worker.workbooks.xlsx_parts import Parts, relations

_MOST_TEXT = 10_000  # characters of a comment that are looked at


def note_words(parts: Parts, path: str, look: Look) -> None:
    """Note the comments and the text boxes of one sheet; those of an earlier answer of ours are none."""
    for _, kind, part in relations(parts, path):
        if kind not in ("comments", "drawing"):
            continue
        if part not in parts or part.lower().endswith(".bin"):  # comments of an .xlsb are no XML
            look.put_unread_notes()
            continue
        found: _Comments | _Boxes = _Comments(look) if kind == "comments" else _Boxes(look)
        parser = reader(found.start, found.end)
        parser.CharacterDataHandler = found.text
        try:
            parser.Parse(parts.read(part), True)
        except (*BROKEN_MARKUP, DamagedWorkbook, Oversized, ValueError):
            look.put_unread_notes()


class _Comments:
    """Note comments from the events of an XML parser."""

    def __init__(self, look: Look) -> None:
        self._look, self._authors, self._inside = look, list[str](), ""
        self._ref, self._author, self._words = "", "", ""

    def start(self, name: str, attrs: dict[str, str]) -> None:
        short = local(name)
        if short == "comment":
            self._ref, self._author, self._words = attribute(attrs, "ref"), attribute(attrs, "authorId"), ""
        elif short in ("author", "t"):
            self._inside = short
            if short == "author":
                self._authors.append("")

    def text(self, data: str) -> None:
        if self._inside == "author":
            self._authors[-1] += data
        elif self._inside and len(self._words) < _MOST_TEXT:
            self._words += data

    def end(self, name: str) -> None:
        short = local(name)
        if short == self._inside:
            self._inside = ""
        elif short == "comment" and not self._is_ours():
            self._look.put_note(Note(True, *column_of(self._ref), self._words.partition(BORDER)[0]))

    def _is_ours(self) -> bool:
        number = int(self._author or "0")
        return 0 <= number < len(self._authors) and self._authors[number] == AUTHOR


class _Boxes:
    """Note text boxes from the events of an XML parser: the words of each shape, and the cell that it begins at."""

    def __init__(self, look: Look) -> None:
        self._look, self._inside = look, ""
        self._place, self._words, self._from = {"row": "0", "col": "0"}, "", False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        short = local(name)
        if short.endswith("Anchor"):
            self._place, self._words = {"row": "0", "col": "0"}, ""
        elif short == "from":
            self._from = True
        elif short == "t" or (self._from and short in self._place):
            self._inside = short
            if short != "t":
                self._place[short] = ""
        elif short == "p":
            self._words += " "

    def text(self, data: str) -> None:
        if self._inside == "t" and len(self._words) < _MOST_TEXT:
            self._words += data
        elif self._inside and self._inside != "t":
            self._place[self._inside] += data

    def end(self, name: str) -> None:
        short = local(name)
        if short == "from":
            self._from = False
        if short == self._inside:
            self._inside = ""
        elif short.endswith("Anchor"):
            self._look.put_note(Note(False, int(self._place["row"]) + 1, int(self._place["col"]), self._words))
