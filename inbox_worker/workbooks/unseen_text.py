"""Find styles in which nobody sees a text: the colour of its fill, or next to no size (ECMA-376, 18.8.3); and those in
red, by which accountants write a minus."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inbox_worker.workbooks.number_formats import CellFormats

LEAST_SIZE = 2.0  # points: what is smaller or as small is a line of dots
_NEAR = 8  # of 255, in each of red, green and blue: eyes see one colour
_TWIPS = 20  # of a point
LEAST_TWIPS = int(LEAST_SIZE * _TWIPS)
_WHITE = "FFFFFF"
_REDDEST, _LEAST_RED = 0x50, 0xA0  # of green and blue at most, of red at least
_HEX = re.compile("[0-9A-F]{6}")
_BASIC = ("000000", _WHITE, "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
_INDEXED = {**{str(at + first): rgb for first in (0, 8) for at, rgb in enumerate(_BASIC)}, "65": _WHITE}
Colour = str | tuple[str, float]  # RRGGBB; of a theme or a palette that was not looked up: its place and tint


@dataclass
class UnseenText:
    """Fonts and fills of a workbook's styles, in their order, while they are read."""

    fonts: list[Colour] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    fills: list[Colour] = field(default_factory=list)

    def take(self, name: str, attrs: Mapping[str, str]) -> None:
        """Keep what an element says of the font or the fill that is under way; what stands in none says nothing."""
        if name == "font":
            self.fonts.append("000000")
            self.sizes.append(11.0)
        elif name == "color" and self.fonts:
            self.fonts[-1] = _colour(attrs, "000000")
        elif name == "sz" and self.sizes:
            self.sizes[-1] = _number(attrs.get("val", ""), 11.0)
        elif name == "fill":
            self.fills.append(_WHITE)
        elif not self.fills:
            return
        elif name == "patternFill":
            kind = attrs.get("patternType", "none")
            self.fills[-1] = _WHITE if kind == "none" else "" if kind != "solid" else "000000"
        elif name == "fgColor" and self.fills[-1] == "000000":
            self.fills[-1] = _colour(attrs, "000000")
        elif name == "gradientFill":
            self.fills[-1] = ""

    def take_font(self, twips: int, colour: Mapping[str, str]) -> None:
        """Keep a font of a binary workbook: its height in twentieths of a point, its colour as .xlsx spells it."""
        self.take("font", {})
        self.take("color", colour)
        self.take("sz", {"val": str(twips / _TWIPS)})

    def take_fill(self, pattern: int, colour: Mapping[str, str]) -> None:
        """Keep a fill of a binary workbook: 0 = none, 1 = solid, else a pattern."""
        self.take("fill", {})
        self.take("patternFill", {"patternType": {0: "none", 1: "solid"}.get(pattern, "pattern")})
        self.take("fgColor", colour)

    def is_unseen(self, font: int, fill: int) -> bool:
        """Return whether a text in that font is not seen on that fill."""
        if font >= len(self.fonts):
            return False
        under = self.fills[fill] if fill < len(self.fills) else _WHITE
        return self.sizes[font] <= LEAST_SIZE or _equal(self.fonts[font], under)

    def note(self, styles: CellFormats, number: int, font: int, fill: int) -> None:
        """Keep a style in which nobody sees a text, or one in red."""
        if self.is_unseen(font, fill):
            styles.unseen.add(number)
        if self.is_red(font):
            styles.red.add(number)

    def is_red(self, font: int) -> bool:
        """Return whether a text in that font is red."""
        colour = self.fonts[font] if font < len(self.fonts) else ""
        if not isinstance(colour, str) or not _HEX.fullmatch(colour):
            return False
        red, green, blue = bytes.fromhex(colour)
        return red >= _LEAST_RED and max(green, blue) <= _REDDEST


def _colour(attrs: Mapping[str, str], other: str) -> Colour:
    tint = _number(attrs.get("tint", ""), 0.0)
    if rgb := attrs.get("rgb", "")[-6:].upper():
        return rgb if not tint else (rgb, tint)
    if "theme" in attrs:
        return _WHITE if attrs["theme"].strip() == "0" and not tint else (f"theme {attrs['theme']}", tint)
    if "indexed" in attrs:
        place = attrs["indexed"].strip()
        return _INDEXED.get(place, (f"indexed {place}", 0.0))
    return other


def _number(text: str, other: float) -> float:
    """Return a number; `other` for none: an odd size or tint of a program makes no file a damaged one."""
    try:
        return float(text)
    except ValueError:
        return other


def _equal(one: Colour, other: Colour) -> bool:
    if isinstance(one, str) and isinstance(other, str) and _HEX.fullmatch(one) and _HEX.fullmatch(other):
        pairs = zip(bytes.fromhex(one), bytes.fromhex(other), strict=True)
        return all(abs(here - there) <= _NEAR for here, there in pairs)
    return one == other and one != ""
