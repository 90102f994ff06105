"""Spells a worksheet of an .xlsx as calamine reads it, every value in one piece.

calamine takes of `-2&#53;`, `-2<!-- -->5` and the like the first piece, and refuses a workbook for an error that it
does not know. The sheet is written anew without comments, instructions and CDATA sections, its unknown errors as
`#N/A`: what an error says is known from the look through the sheet.
"""

from __future__ import annotations

import codecs
import io
from xml.parsers import expat

from inbox_worker.workbooks.markup import forbid_types
from inbox_worker.workbooks.xlsx_parts import Parts

KNOWN_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))
_CHUNK = 4_194_304


class _Writer:
    """Write the events of an XML parser as XML."""

    def __init__(self) -> None:
        from xml.sax.saxutils import escape, quoteattr  # it brings urllib.request, which few workbooks are worth

        self._escape, self._quote = escape, quoteattr
        sink = io.BytesIO()
        self.sink, self._out = sink, codecs.getwriter("utf-8")(sink)
        self._error = self._value = False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "c":
            self._error = attrs.get("t", "").strip() == "e"
        self._value = self._error and kind == "v"
        self._out.write(f"<{name}{''.join(f' {key}={self._quote(value)}' for key, value in attrs.items())}>")

    def text(self, data: str) -> None:
        if not self._value:
            self._out.write(self._escape(data, {"\r": "&#13;"}))

    def end(self, name: str) -> None:
        self._out.write(f"#N/A</{name}>" if self._value else f"</{name}>")
        self._value = False


def spell_plainly(parts: Parts, path: str) -> bytes:
    """Return a worksheet's XML anew. Raises ExpatError, or Unreadable at a document type."""
    writer, parser = _Writer(), expat.ParserCreate()
    forbid_types(parser)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = writer.start, writer.end
    parser.CharacterDataHandler = writer.text
    with parts.open(path) as source:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return writer.sink.getvalue()
