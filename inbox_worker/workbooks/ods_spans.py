"""Parts of a text of an .ods that are struck out or raised (OpenDocument 1.3, part 3, 6.1.7, 20.367 and 20.386)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inbox_worker.workbooks.cell_values import Look
from inbox_worker.workbooks.markup import attribute
from inbox_worker.workbooks.rich_texts import Runs, StringLooks


class Spans:
    """Styles that raise a text, and the parts of the cell under way. `strikes`: whether a style strikes out."""

    def __init__(self, strikes: Callable[[str], bool]) -> None:
        self._strikes = strikes
        self._raised: set[str] = set()
        self._open: list[str] = []
        self._runs: Runs | None = None

    def take_style(self, style: str, attrs: dict[str, str]) -> None:
        """Note what the style of a cell or of a part says of its text."""
        if attribute(attrs, "text-position").split(" ")[0] not in ("", "0%"):
            self._raised.add(style)

    def begin_cell(self) -> None:
        """Forget the parts of the cell before."""
        self._open, self._runs = [], None

    def begin(self, style: str, before: str) -> None:
        """Begin a part; `before`: the cell's text before its first one."""
        if self._runs is None:
            self._runs = Runs()
            self._runs.take(before)
        self._open.append(style)

    def end(self) -> None:
        """End the innermost part."""
        if self._open:
            self._open.pop()

    def take(self, text: str) -> None:
        """Note a stretch of the cell's text."""
        if self._runs is not None:
            self._runs.turn(any(map(self._strikes, self._open)), not self._raised.isdisjoint(self._open))
            self._runs.take(text)

    def find_marks(self, style: str, look: Look) -> Iterator[Callable[[int, int], None]]:
        """Yield what keeps the looks of the cell's text: of a whole one struck out, of a part, of a raised digit."""
        own = StringLooks()
        own.put(0, self._runs or Runs())
        if self._strikes(style) or own.struck:
            yield look.put_struck
        elif own.parted:
            yield look.put_parted
        if own.raised:
            yield look.put_raised
