"""Number formats that show a number as another one: other sign, thousands, another measure (ECMA-376, 18.8.31)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<symbol>[^\]-]*)(?:-[^\]]*)?\]'
    r"|\[(?P<condition>[<>=]+)\s*(?P<bound>-?\d+(?:\.\d+)?)\]|\[(?P<colour>[^\]]*)\]"
    r"|(?P<number>general|standard|основной|[0#?][0#?.,]*(?:e[+-][0#?]+)?|\.[0#?]+,*|@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_MINUS = re.compile(r"(?<!\w)[-−–—]|[-−–—](?!\w)")
_RED = re.compile(r"\s*(red|красный|қызыл|colou?r ?3|цвет ?3)\s*", re.IGNORECASE)
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_WORDS = re.compile(r"[^\s/×·*+\-−–—()';:,]+")
# words that say no other measure than the column's own: tenge, and the units of bases
_OWN = frozenset((
    "₸", "kzt", "тг", "тнг", "тңг", "тенге", "теңге", "м", "м2", "м3", "кв", "кв.м", "куб", "куб.м", "м.кв", "м.куб",
    "шм", "текше", "чел", "человек", "адам", "квт", "квт.ч", "ч", "квтч", "kwh", "гкал", "gcal", "шт", "дн", "дней",
    "день", "дня", "күн", "мес", "месяц", "месяцев", "ай", "ед", "за", "в", "раз", "рет", "үшін",
))  # fmt: skip
PERCENTS = frozenset(("%", "годовых", "жылдық", "процент", "процентов", "пайыз"))


@dataclass(frozen=True)
class _Section:
    """One section of a number format: the signs it shows beside the number's digits."""

    before: str
    after: str
    number: str  # placeholders, '' = the number is not shown
    split: bool  # whether there are signs between the digits
    red: bool
    condition: tuple[str, float] | None

    def is_for(self, number: float) -> bool:
        """Return whether the section's own condition holds."""
        sign, bound = self.condition or ("", 0.0)
        return {
            "<": number < bound, ">": number > bound, "<=": number <= bound, ">=": number >= bound,
            "=": number == bound, "<>": number != bound,
        }.get(sign, False)  # fmt: skip

    @property
    def places(self) -> int | None:
        """Return how many places it shows behind the decimal sign; None where that hangs on the number."""
        if self.split or self.number[:1] not in ("0", "#", "?", ".") or "e" in self.number.casefold():
            return None
        return len(re.findall("[0#?]", self.number.partition(".")[2]))

    @property
    def negative(self) -> bool:
        """Return whether it shows a number as one below zero."""
        brackets = self.before.rstrip().endswith("(") and self.after.lstrip().startswith(")")
        return brackets or bool(_MINUS.search(self.before) or _MINUS.fullmatch(self.after.strip()))

    def strange(self, own: frozenset[str]) -> bool:
        """Return whether it hides or scales the number, or has words or signs of another measure beside it."""
        words = unicodedata.normalize("NFKC", f"{self.before} {self.after}").casefold()
        return (
            not self.number
            or _SCALED.search(self.number) is not None
            or any(word.strip(".") and word.strip(".") not in own for word in _WORDS.findall(words))
        )


@lru_cache(maxsize=2_000)
def _sections(code: str) -> tuple[_Section, ...]:
    found, current = [], _SectionReader()
    for token in _TOKEN.finditer(code[:500]):
        if token["other"] == ";":
            found.append(current.section())
            current = _SectionReader()
        else:
            current.take(token)
    return (*found, current.section())


class _SectionReader:
    """A section while its tokens are read."""

    def __init__(self) -> None:
        self.sides, self.number, self.red = ["", ""], "", False
        self.condition: tuple[str, float] | None = None
        self.split = False

    def take(self, token: re.Match[str]) -> None:
        if token["number"]:
            self.split = self.split or bool(self.number and self.sides[1].strip())
            self.number += token["number"]
        elif token["condition"]:
            self.condition = (token["condition"], float(token["bound"]))
        elif token["colour"] is not None:
            self.red = self.red or _RED.fullmatch(token["colour"]) is not None
        else:
            known = ("quoted", "escaped", "symbol", "other")
            literal = next((token[name] for name in known if token[name] is not None), " ")
            self.sides[bool(self.number)] += literal

    def section(self) -> _Section:
        return _Section(self.sides[0], self.sides[1], self.number, self.split, self.red, self.condition)


def shows_otherwise(number: float, code: str, own: frozenset[str] = frozenset()) -> bool:
    """Return whether a person sees another number than the one in the cell. `own`: further words of the column's
    measure. A negative number may be red instead of having a minus, as accountants have it, where nothing else is.

    >>> [shows_otherwise(-1.5, code) for code in ('0.0" тыс."', '#,##0.00 ₸', '0.00,', '0.00_);(0.00)')]
    [True, False, True, False]
    >>> shows_otherwise(100.5, '"-"0.00'), shows_otherwise(-100.5, '0.00;[Red]-0.00')
    (True, False)
    """
    if number == 0 or not code:
        return False
    sections = _sections(code)
    section, own_sign = _find_section(sections, number)
    if section.strange(_OWN | own):
        return True
    if number > 0:
        return section.negative
    by_red = section.red and not sections[0].red and not sections[0].negative
    return own_sign and not section.negative and not by_red


def shows_another_code(number: float, code: str) -> bool:
    """Return whether a number that names something is shown with more in it than its digits: zeros before it, signs
    between them. As a quantity it is the same number.

    >>> [shows_another_code(1234, code) for code in ('00000000', '00-00', '0000', '# ##0', '0.00')]
    [True, True, False, False, False]
    """
    section, _ = _find_section(_sections(code), number)
    return section.split or section.number.split(".")[0].count("0") > max(1, len(f"{abs(number):.0f}"))


def differs(number: float, code: str) -> bool:
    """Return whether a cell's format must be known beside its number, whatever its column asks for."""
    return shows_otherwise(number, code) or shows_another_code(number, code)


_MOST_PLACES = 6  # no column takes a number with more


@lru_cache(maxsize=2_000)
def may_round(code: str) -> bool:
    """Return whether a format shows some number with fewer digits than it has, as `General` never does."""
    return any(section.places is not None for section in _sections(code))


def least_places(code: str) -> int:
    """Return the fewest places that a format shows a number with."""
    return min((section.places for section in _sections(code) if section.places is not None), default=0)


def round_as_shown(number: float, code: str) -> Decimal | None:
    """Return the number that a person sees where its format has too few places for it, None where it shows them all.

    >>> [str(round_as_shown(number, "# ##0")) for number in (621.6, -0.5, 622.0)], round_as_shown(621.6, "0.00")
    (['622', '-1', 'None'], None)
    """
    section, _ = _find_section(_sections(code), number)
    if section.places is None or float(number).is_integer() or abs(number) >= 1e15:
        return None
    digits = f"{number:.15g}"
    if "e" not in digits and not section.places < len(digits.partition(".")[2]) <= _MOST_PLACES:
        return None
    exact = Decimal(digits)
    shown = exact.quantize(Decimal(1).scaleb(-section.places), ROUND_HALF_UP)
    return shown if shown != exact and exact == round(exact, _MOST_PLACES) else None


def _find_section(sections: tuple[_Section, ...], number: float) -> tuple[_Section, bool]:
    """Return the section that shows a number, and whether it must show the sign of one below zero itself."""
    if any(section.condition for section in sections):
        fitting = [section for section in sections if section.condition and section.is_for(number)]
        return (fitting or [s for s in sections if not s.condition] or [sections[-1]])[0], False
    return (sections[1], True) if number < 0 and len(sections) > 1 else (sections[0], False)


@lru_cache(maxsize=2_000)
def may_show_otherwise(code: str) -> bool:
    """Return whether a format shows some number as another."""
    bounds = [section.condition[1] for section in _sections(code) if section.condition]
    probes = [1.5, -1.5, 1e12, -1e12, *(bound + step for bound in bounds for step in (-0.5, 0.5))]
    return any(shows_otherwise(number, code) for number in probes) or shows_another_code(1, code)


@lru_cache(maxsize=2_000)
def hides_text(code: str) -> bool:
    """Return whether a format shows nothing of a text: it has a section for texts without the text in it.

    >>> hides_text(";;;"), hides_text('0;-0;0;@" *"'), hides_text("0;-0;0")
    (True, False, False)
    """
    sections = _sections(code)
    return len(sections) > 3 and "@" not in sections[3].number


def format_of(number: float, shown: str) -> str:
    """Return a format that would show a number as it is shown (.ods keeps the text of a cell), '' for an ordinary one.

    >>> format_of(-1.5, '-1,5 тыс.'), format_of(1500.0, '1,5'), format_of(100.5, '-100,50'), format_of(-1.5, '-1,50')
    ('-0.0" тыс."', '0,', '-0.00', '')
    """
    text = shown.strip().translate(_BLANKS)
    found = _SHOWN.fullmatch(text)
    if found is None and re.fullmatch(r"\d+(?:[-/]\d+)+", text):
        return re.sub(r"\d", "0", text)
    if text.replace(",", ".") == f"{number:.15g}" or (found is None and re.search(r"\d", text)):
        return ""
    if found is None:
        text = text.strip("#")  # a column too narrow
        return f'"{text[:60]}"'.replace('""', "") if text else ""
    before, digits, after = found.groups()
    whole = digits.replace(" ", "")
    leading = re.match(r"0\d+", whole)
    readings = _readings(whole)
    scaled = all(abs(reading - abs(number)) > max(1.0, abs(number) * 0.01) for reading in readings)
    literals = [re.sub(r'["\\]', "", part) for part in (before, after)]
    signs = ["" if not part else part if part in "-()" else f'"{part}"' for part in literals]
    places = "" if scaled or leading else places_of(number, whole)
    code = f"{signs[0]}{'0' * len(leading[0]) if leading else 0}{places}{',' * scaled}{signs[1]}"
    plain = code == ("-0" if number < 0 else "0") + places
    if number < 0:
        code = f"0;{code}" if not _MINUS.search(before) else code
    return "" if plain and round_as_shown(number, code) is None else code


def places_of(number: float, shown: str) -> str:
    """Return the places that a number is shown with, as a format has them.

    >>> places_of(621.6, "622"), places_of(1234.5, "1 234,50"), places_of(1234.5, "1,235")
    ('', '.00', '')
    """
    whole = re.search(r"[\d.,]+", shown.translate(_BLANKS).replace(" ", ""))
    readings = _readings(whole[0]) if whole else []
    if len(readings) < 2 or abs(readings[0] - abs(number)) <= abs(readings[1] - abs(number)):
        return ""
    return "." + "0" * len(re.split("[.,]", whole[0])[-1] if whole else "")


def _readings(whole: str) -> list[float]:
    """Return the numbers that digits with signs between them may be: no sign is a decimal one, or the last is."""
    point = max(whole.rfind(","), whole.rfind("."))
    digits = re.sub("[.,]", "", whole[:point]) + "." + whole[point + 1 :]
    return [float(re.sub("[.,]", "", whole) or 0), *([float(digits)] if point >= 0 and digits != "." else ())]


_BLANKS = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009'’"), " ")
_SHOWN = re.compile(r"([^\d.,]*)((?:\d[\d .,]*)?\d)([^\d]*|[^\d]*[^\W\d]\d?)")
