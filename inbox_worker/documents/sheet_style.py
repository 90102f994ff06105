"""The one look of workbooks: A4 at 100 %, Arial of 7 points and more, rules instead of fills, widths in millimetres.

Nothing is shrunk: a column is as wide as the longest word of its head and its largest number, columns of names give way
and wrap, and what is wider than the page flows onto a page beside it, the first columns repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.texts import Texts

Kind = Literal[
    "text", "apart", "long", "money", "tariff", "quantity", "percent", "integer", "date", "mark", "share", "count"
]  # fmt: skip
Look = Literal["row", "head", "part", "group", "total"]
Tone = Literal["title", "title_kk", "big", "strong", "plain", "soft", "name", "section", "section_kk"]
Words = tuple[tuple[Tone, str], ...]  # a line of several tones

INK, SOFT, RULE, HAIR, BAR = "#1F3A5F", "#555555", "#8FA3B8", "#C9D2DC", "#C3CFDB"
LINK = "#0B5394"
FONT, SIZE, SECOND, NORMAL = "Arial", 8.0, 7.0, 10  # rows, the second language; a width counts digits of NORMAL points
LANDSCAPE, PORTRAIT = 274.5, 188.0  # mm between the margins, less what the rounding of widths to pixels may add
MARGINS = {"left": 10 / 25.4, "right": 10 / 25.4, "top": 11 / 25.4, "bottom": 14 / 25.4}
LINE, HEAD_LINE, ROW = 10.5, 9.8, 12.75  # points
_LEAST_OF_NAME = 0.55  # a column of names gives way down to this part of its width
_PADDING = 1.9  # mm at the sides of a cell

_FORMATS: Mapping[Kind, dict[str, Any]] = {
    "text": {"align": "left"},
    "apart": {"align": "left", "indent": 1},  # a text behind a column of numbers
    "long": {"align": "left", "text_wrap": True},
    "money": {"num_format": '#,##0.00;"−"#,##0.00;"–"', "align": "right"},
    "tariff": {"num_format": "#,##0.0000", "align": "right"},
    "quantity": {"num_format": '#,##0.00?;"−"#,##0.00?', "align": "right"},
    "percent": {"num_format": "0.00##", "align": "right"},
    "count": {"num_format": "0", "align": "right"},  # a number, or a text such as "≥ 2"
    "share": {"num_format": "0.0", "align": "right"},
    "integer": {"num_format": "#,##0", "align": "right"},
    "date": {"num_format": "dd.mm.yyyy", "align": "center"},
    "mark": {"num_format": "#,##0.0000", "align": "center"},  # • at the house's tariff, else the tariff
}
_LOOKS: Mapping[Look, dict[str, Any]] = {
    "row": {"bottom": 4, "bottom_color": HAIR},
    "head": {"bottom": 1, "bottom_color": RULE},
    "part": {"top": 1, "top_color": RULE, "bold": True},
    "group": {"top": 1, "top_color": INK, "bottom": 1, "bottom_color": INK, "bold": True},
    "total": {"top": 6, "top_color": INK, "bottom": 2, "bottom_color": INK, "bold": True},
}
TONES: Mapping[Tone, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15, "font_color": INK},
    "title_kk": {"font_size": 14, "font_color": SOFT},
    "big": {"bold": True, "font_size": 14},
    "section": {"bold": True, "font_size": 10, "font_color": INK},
    "section_kk": {"font_size": 10, "font_color": SOFT},
    "strong": {"bold": True, "font_size": SIZE},
    "name": {"bold": True, "font_size": SIZE, "font_color": INK},
    "plain": {"font_size": SIZE},
    "soft": {"font_size": SECOND, "font_color": SOFT},
}


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: the data's name for it, its kind, its least width in mm. Its header is a text,
    `sheet.<name>`, or `head` when it has words of its own. A `flexible` one has names: it takes what the page leaves.
    """

    name: str
    kind: Kind = "text"
    width: float = 12
    total: bool = False  # summed in total rows
    hidden: bool = False
    flexible: bool = False
    head: Bilingual | None = None
    turned: bool = False  # its head is written upwards


@dataclass(frozen=True)
class Headers:
    """Headers of the columns of a kind of document, in both languages (rules/texts/documents.yaml)."""

    texts: Texts
    kind: str

    def words(self, column: SheetColumn | str) -> Bilingual:
        """Return a column's header: its own, the kind's, that of every document, else the data's name for it."""
        if isinstance(column, SheetColumn) and column.head:
            return column.head
        name = column if isinstance(column, str) else column.name
        plain = name.removesuffix("_shown")
        codes = (f"sheet.{self.kind}.{name}", f"sheet.{name}", f"sheet.{self.kind}.{plain}", f"sheet.{plain}")
        code = next((code for code in codes if code in self.texts), "")
        return self.texts.words(code) if code else Bilingual(ru=name, kk=name)


def in_both(words: Bilingual) -> str:
    """Return a text in both languages on a line, a dot between them; once where they are the same."""
    return words.ru if words.ru == words.kk else f"{words.ru} · {words.kk}"


def in_tones(one: str, other: str, tones: tuple[Tone, Tone] = ("strong", "soft")) -> Words:
    """Return two texts on a line, as a name in both languages, each in its tone; once where they are the same."""
    return ((tones[0], one),) if one == other else ((tones[0], one), (tones[1], f" · {other}"))


def format_properties(kind: Kind, look: Look) -> dict[str, Any]:
    """Return how a cell of that kind looks in a row of that look, in xlsxwriter's names."""
    return {"font_size": SIZE, **_FORMATS[kind], **_LOOKS[look]}


def head_properties(column: SheetColumn) -> dict[str, Any]:
    """Return how a column's head looks: ink above, a thin rule below, no fill."""
    sides = {"text": "left", "apart": "left", "long": "left", "date": "center", "mark": "center"}
    align = {"align": sides.get(column.kind, "right"), "indent": int(column.kind == "apart")}
    turned = {"rotation": 90, "align": "center", "valign": "bottom"} if column.turned else {"valign": "bottom"}
    return {"text_wrap": True, "font_size": SIZE, "top": 2, "top_color": INK, "bottom": 1, "bottom_color": INK,
            **align, **turned}  # fmt: skip


def characters(mm: float) -> float:
    """Return a width in the unit of workbooks. LibreOffice takes a digit for 7.4 pixels, Excel for 7: its page comes
    out narrower, never wider."""
    return max((mm / 25.4 * 96 - 5) / 7 / 1.06, 0.5)


_NARROW = " .,:;!|'()/-·ijlft\u00a0" + chr(0x456)  # the Kazakh and Latin i look alike


@lru_cache(maxsize=4096)
def em_of(letter: str) -> float:
    """Return about how wide a letter is, in its size."""
    if letter in _NARROW:
        return 0.3
    return 0.72 if letter.isupper() else 0.55


def text_mm(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Return about how wide a text is in Arial, rather too much than too little."""
    return sum(map(em_of, text)) * size * 25.4 / 72 * (1.07 if bold else 1)


def room_of(mm: float) -> float:
    """Return how much of a column of that width is counted on for text."""
    return max(mm - _PADDING, 1) * 0.93


@lru_cache(maxsize=16_384)
def lines_of(text: str, mm: float, size: float = SIZE, bold: bool = False, hyphens: bool = True) -> int:
    """Return in how many lines a text stands in a column of that width: words go over, too long ones are broken.
    `hyphens`: a double surname goes over behind its hyphen, too."""
    room, lines = room_of(mm), 0
    for line in text.split("\n"):
        lines, left = lines + 1, room
        for word in (line.replace("-", "- ") if hyphens else line).split(" "):
            wide = text_mm(f"{word} ", size, bold)
            if wide > left + 1 and left < room:
                lines, left = lines + 1, room
            left -= wide
            while left < -1:
                lines, left = lines + 1, left + room
    return lines


def _longest_word(words: Bilingual) -> float:
    russian = max((text_mm(word, SIZE, bold=True) for word in words.ru.split()), default=0.0)
    return max(russian, *(text_mm(word, SECOND) for word in words.kk.split()), 0.0)


def _number_mm(kind: Kind, value: Any) -> float:
    places = {"money": 2, "tariff": 4, "mark": 4, "quantity": 3, "percent": 4}.get(kind, 0)
    return text_mm(f"{value:,.{places}f}", SIZE, bold=True) * 0.97


def fit_columns(
    columns: tuple[SheetColumn, ...], headers: Headers, largest: Mapping[str, Any], room: float
) -> tuple[tuple[SheetColumn, float], ...]:
    """Return the columns with their widths in mm: heads and the `largest` numbers fit, names take the rest of `room`.

    Their sum is more than `room` only when names cannot give way any further.
    """
    needs = {}
    for column in columns:
        head = 0.0 if column.turned else _longest_word(headers.words(column)) + _PADDING
        number = _number_mm(column.kind, largest[column.name]) + _PADDING if column.name in largest else 0.0
        needs[column.name] = 0.0 if column.hidden else max(column.width, head, number)
    flexible = [column for column in columns if column.flexible and not column.hidden]
    spare = room - sum(needs.values())
    for column in flexible:
        least = _LEAST_OF_NAME * column.width
        needs[column.name] = max(needs[column.name] + spare / len(flexible), least)
    return tuple((column, needs[column.name]) for column in columns)
