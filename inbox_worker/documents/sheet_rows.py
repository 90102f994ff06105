"""Single rows of a streamed sheet as XML: headings and totals between many rows, as xlsxwriter would write them.

A city's statement has thousands of them, and a cell by xlsxwriter's calls costs as much as ten rows of a band. What is
not plain (markup, control characters) is left to those calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO
from typing import Any

from xlsxwriter.xmlwriter import XMLwriter

from inbox_worker.documents.sheet_band import ODD, Band, style_of
from inbox_worker.documents.sheet_columns import Formula
from inbox_worker.documents.sheet_style import ROW

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_BEFORE_TEXT, _AFTER_TEXT = ' t="inlineStr"><is>', "</is></c>"


class RowWriter:
    """Writes rows of a streamed sheet, each whole, from top to bottom."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._starts: dict[float, tuple[str, str]] = {}
        self._fonts: dict[Any, str] = {}

    def begin(self, row: int) -> None:
        """Write what was begun by calls, before cells of the place `row` (from 0) are made: formats are numbered as
        they are used."""
        self._sheet._write_single_row(row)  # noqa: SLF001

    def write(self, row: int, cells: Iterable[str], last: int, height: float = ROW) -> None:
        """Write a row at the place begun, of that height in points; `last`: the place of its last cell."""
        if height not in self._starts:
            self._starts[height] = Band(self._sheet, [row + 1]).start(1 if height == ROW else 2, lambda _: height)
        before, after = self._starts[height]
        self._sheet._check_dimensions(row, last)  # noqa: SLF001 - the sheet's extent
        self._sheet.fh.write(f"{before}{row + 1}{after}{''.join(cells)}</row>")

    def tones(self, cell: str, shown: Any, words: Iterable[tuple[Any, str]]) -> str | None:
        """Return the XML of a cell with texts of several fonts; None for what is not plain."""
        runs = []
        for font, text in words:
            if _CONTROLS.search(text):
                return None
            runs.append(f"{self._font(font)}{_text(text)}</r>")
        return f'<c r="{cell}"{style_of(shown)}{_BEFORE_TEXT}{"".join(runs)}{_AFTER_TEXT}'

    def _font(self, font: Any) -> str:
        if font not in self._fonts:
            kept, self._sheet.rstring = getattr(self._sheet, "rstring", None), XMLwriter()
            made = StringIO()
            self._sheet.rstring._set_filehandle(made)  # noqa: SLF001
            self._sheet._write_font(font)  # noqa: SLF001
            self._sheet.rstring, self._fonts[font] = kept, f"<r>{made.getvalue()}"
        return self._fonts[font]


def plain_cell(cell: str, shown: Any, value: Any) -> str | None:
    """Return the XML of a cell of a text, a number, a formula or nothing; None for what is not plain."""
    begin = f'<c r="{cell}"{style_of(shown)}'
    if value is None or value == "":
        return f"{begin}/>"
    if type(value) is Formula:
        return f"{begin}><f>{_escape(value.text.removeprefix('='))}</f><v>{float(value.value)}</v></c>"
    if type(value) is str:
        odd = ODD.search(value.rstrip(" "))
        return None if odd else f"{begin}{_BEFORE_TEXT}{_text(value)}{_AFTER_TEXT}"
    return f"{begin}><v>{float(value):.16G}</v></c>" if isinstance(value, Decimal | int | float) else None


def _text(text: str) -> str:
    kept = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f"<t{kept}>{_escape(text)}</t>"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
