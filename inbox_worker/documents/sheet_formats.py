"""Formats of a workbook under way, and how its sheets are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inbox_worker.documents.sheet_style import TONES, Headers, Kind, Look, Tone, format_properties

FOOTER_LETTERS = 120  # of a footer beside the number of the page, across a page that stands


@dataclass(frozen=True)
class PageSetup:
    """The print set-up of a sheet. `largest`: of a column its largest number, which fits; `machine_names`: a hidden
    row above the header holds the data's own names, for programs that read the book back."""

    footer: str
    portrait: bool = False
    largest: Mapping[str, Any] = field(default_factory=dict)
    repeat_titles: bool = False  # on every page, not the header alone
    machine_names: bool = False


class BookFormats:
    """The formats of an xlsxwriter workbook, one for all that ask for the same, and the words of its heads."""

    def __init__(self, book: Any, headers: Headers, earlier_look: bool = False) -> None:
        self._book, self.headers, self.earlier_look = book, headers, earlier_look
        self._formats: dict[Any, Any] = {}
        self._named: dict[tuple[str, ...], Any] = {}

    def format(self, kind: Kind, look: Look, tone: Tone | None = None) -> Any:
        """Return the format of cells of a kind in rows of a look, in a tone of its own where one is named; one for all
        of them."""
        key = kind, look, tone or ""
        if key not in self._named:
            self._named[key] = self.add_format(**{**format_properties(kind, look), **(TONES[tone] if tone else {})})
        return self._named[key]

    def tone(self, tone: Tone) -> Any:
        """Return the format of a tone of a line."""
        if (tone,) not in self._named:
            self._named[tone,] = self.add_format(**TONES[tone])
        return self._named[tone,]

    def add_format(self, **properties: Any) -> Any:
        """Return a format in xlsxwriter's names, one for all that ask for the same."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]
