"""Texts whose parts look otherwise (ECMA-376, 18.4.4): what is struck out in them, and digits that are raised behind a
digit, the mark of a footnote. A value without its looks is another one than people see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inbox_worker.workbooks.cell_values import Look
from inbox_worker.workbooks.markup import attribute, is_true, local, reader

_SIGNS = (b"strike", b"vertAlign")
_LONGEST_SIGN = max(map(len, _SIGNS))


@dataclass
class Runs:
    """The runs of one text, taken in their order."""

    struck: bool = False
    plain: bool = False
    raised: bool = False
    _strikes: bool = False
    _raises: bool = False
    _last: str = ""

    def begin(self, kind: str, attrs: Mapping[str, str]) -> None:
        """Note the element of a run, or of its looks."""
        if kind == "r":
            self.turn(strikes=False, raises=False)
        elif kind == "strike":
            self._strikes = is_true(attribute(attrs, "val") or "1")
        elif kind == "vertAlign":
            self._raises = attribute(attrs, "val") != "baseline"

    def turn(self, strikes: bool, raises: bool) -> None:
        """Note how the text that follows looks."""
        self._strikes, self._raises = strikes, raises

    def take(self, text: str) -> None:
        """Note the text of a run."""
        if shown := text.strip():
            self.struck |= self._strikes
            self.plain |= not self._strikes
            self.raised |= self._raises and self._last.isdigit() and shown[0].isdigit()
            self._last = shown[-1]


@dataclass
class StringLooks:
    """Shared strings, by number: struck out wholly, in part, and with a digit raised behind a digit."""

    struck: set[int] = field(default_factory=set)
    parted: set[int] = field(default_factory=set)
    raised: set[int] = field(default_factory=set)

    @property
    def any(self) -> set[int]:
        """Every string that looks odd."""
        return self.struck | self.parted | self.raised

    def put(self, number: int, runs: Runs) -> None:
        """Keep what was found in a text."""
        if runs.struck:
            (self.parted if runs.plain else self.struck).add(number)
        if runs.raised:
            self.raised.add(number)

    def note(self, number: int, look: Look, row: int, column: int) -> None:
        """Note how a string looks at its cell."""
        if number in self.struck:
            look.put_struck(row, column)
        if number in self.parted:
            look.put_parted(row, column)
        if number in self.raised:
            look.put_raised(row, column)


def are_looked_at(chunks: Iterable[bytes]) -> bool:
    """Return whether a part of shared strings may have such looks, which few have."""
    rest = b""
    for chunk in chunks:
        stretch = rest + chunk
        if any(sign in stretch for sign in _SIGNS):
            return True
        rest = stretch[-_LONGEST_SIGN:]
    return False


def read_looks(chunks: Iterable[bytes]) -> StringLooks:
    """Return the looks of shared strings. Raises ExpatError for what is no XML."""
    found = StringLooks()
    number, runs, phonetic, pieces, inside = -1, Runs(), 0, list[str](), False

    def start(name: str, attrs: dict[str, str]) -> None:
        nonlocal number, runs, phonetic, pieces, inside
        kind = local(name)
        phonetic += kind == "rPh"
        if kind == "si":
            number, runs = number + 1, Runs()
        elif kind == "t" and not phonetic:
            pieces, inside = [], True
        else:
            runs.begin(kind, attrs)

    def end(name: str) -> None:
        nonlocal phonetic, inside
        kind = local(name)
        phonetic -= kind == "rPh"
        if kind == "t" and inside:
            inside = False
            runs.take("".join(pieces))
        elif kind == "si":
            found.put(number, runs)

    parser = reader(start, end)
    parser.CharacterDataHandler = lambda text: pieces.append(text) if inside else None
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return found
