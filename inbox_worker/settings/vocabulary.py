"""The shape of vocabulary.yaml: the words by which forms are read, compiled for reading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import Field

from inbox_worker.core.text import LOOKALIKES, SAME_LETTERS, fold
from inbox_worker.settings.shapes import Strict, one_of

_Text = Annotated[str, Field(min_length=1)]
_Words = Annotated[tuple[_Text, ...], Field(min_length=1)]


class HeaderWords:
    """Short spellings of columns and units, compiled for reading; `unit` finds a unit behind a header; `numbers`:
    folded headers of a column that numbers the rows."""

    def __init__(
        self, shortened: Mapping[str, tuple[str, ...]], units: tuple[str, ...], numbers: tuple[str, ...] = ()
    ) -> None:
        self.numbers = frozenset(map(fold, numbers))
        self._whole = {fold(short): name for name, every in shortened.items() for short in every}
        self._alike = {short.translate(SAME_LETTERS): name for short, name in self._whole.items()}
        self.units = frozenset(map(fold, units))
        unit = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
        self.unit = re.compile(rf"(?:\s*[,;(\[/]\s*|\s+(?:в\s+)?)(?:в\s+)?({unit})\.?\s*[)\]]?\s*$", re.IGNORECASE)

    def lengthen(self, folded: str) -> str:
        """Return the own name of a column of which a folded text is a short one, '' where it is none."""
        return self._whole.get(folded) or self._alike.get(folded.translate(SAME_LETTERS), "")


LABELS = ("form", "version", "customer", "customer_name", "month", "replaces", "count", "sum")


class Phrases:
    """Phrases of whole words, compiled for reading. One that begins with `^` stands where a part of the text begins,
    one with `=` is all of a part; no phrase stands behind a number, which makes it a sum, unless `numbered`. One with
    `!` means something else although it begins as others do: no phrase is looked for in it."""

    def __init__(self, phrases: Sequence[str], *, numbered: bool = False) -> None:
        self._wholes = frozenset(" ".join(_split(phrase)) for phrase in phrases)
        self._firsts = frozenset(whole.partition(" ")[0] for whole in self._wholes)
        self._parts = frozenset(" ".join(_split(phrase)) for phrase in phrases if phrase.startswith("="))
        inside = [phrase for phrase in phrases if phrase[0] not in "=!"]
        every = (r"\^" * phrase.startswith("^") + " " + _spell(phrase) for phrase in inside)
        self._any = re.compile(rf"{'' if numbered else _NO_NUMBER}(?:{'|'.join(every)})(?= )")
        others = [_spell(phrase) for phrase in phrases if phrase.startswith("!")]
        self._other = re.compile(rf" (?:{'|'.join(others)})(?= )") if others else None

    def stand_in(self, text: str) -> bool:
        """Return whether a text has one of the phrases."""
        parts = (" ".join(_split(part)) for part in _PART_ENDS.split(text))
        return any(part in self._parts or self._any.search(self._leave_out(f"^ {part} ")) for part in parts)

    def are_all(self, text: str) -> bool:
        """Return whether a text is one of the phrases and nothing else."""
        first = _WORD.search(text)  # few texts begin as a phrase does, and there may be many
        return first is not None and _plain(first[0]) in self._firsts and " ".join(_split(text)) in self._wholes

    def _leave_out(self, text: str) -> str:
        return self._other.sub(" |", text) if self._other else text


_WORD = re.compile(r"[^\W_]+|[$€₽]|\?{2,}")
_NO_NUMBER = r"(?<!\d)"
_PART_ENDS = re.compile(r"[,:;()\r\n]")


def _split(text: str) -> list[str]:
    return [_plain(word) for word in _WORD.findall(text)]


def _spell(phrase: str) -> str:
    return re.escape(" ".join(_split(phrase))).replace(r"\ ", " ")


def _plain(word: str) -> str:
    return "??" if word[0] == "?" else (fold(word) or word).translate(LOOKALIKES)


@lru_cache(maxsize=50)
def numbered_phrases(words: tuple[str, ...]) -> Phrases:
    """Return the phrases compiled once, behind numbers too."""
    return Phrases(words, numbered=True)


class Around(Strict):
    """Words around a table, beside its rows and in names of sheets, by which what stands there is not what it seems."""

    measures: _Words
    signs: _Words
    against: _Words
    aside: _Words
    of_rules: _Words
    turned: _Words
    lowering: _Words
    counting: tuple[_Text, ...] = ()
    ticks: tuple[_Text, ...] = ()
    narrowing: tuple[_Text, ...] = ()
    beneath: tuple[_Text, ...] = ()
    months_before: tuple[_Text, ...] = ()
    asked_lower: tuple[_Text, ...] = ()
    asked_raise: tuple[_Text, ...] = ()
    correcting: tuple[_Text, ...] = ()
    going_on: tuple[_Text, ...] = ()
    of_sender: tuple[_Text, ...] = ()
    for_a_time: tuple[_Text, ...] = ()

    @cached_property
    def measured(self) -> Phrases:
        """Phrases by which numbers are in another measure than the form's."""
        return Phrases(self.measures)

    @cached_property
    def refusing(self) -> Phrases:
        """Phrases that alone say that a row or a form is not to count."""
        return Phrases(self.against)

    @cached_property
    def comparing(self) -> Phrases:
        """Phrases of a line between rows by which those beneath it are there to be compared."""
        return Phrases(self.beneath)

    @cached_property
    def of_before(self) -> Phrases:
        """Phrases of a line between rows by which those beneath it are of a month before."""
        return Phrases(self.months_before)

    @cached_property
    def turning(self) -> Phrases:
        """Phrases beside a sum by which it goes back."""
        return Phrases(self.turned)

    @cached_property
    def lowered(self) -> Phrases:
        """Phrases around a table by which its sums lower what was charged."""
        return Phrases(self.lowering)

    @cached_property
    def counted(self) -> Phrases:
        """Headers of columns that say whether a row is to count."""
        return Phrases(self.counting)

    def narrowed_by(self, further: tuple[str, ...]) -> Phrases:
        """Return the phrases by which rows are of less than they say, or in doubt, and `further` ones of a form."""
        return numbered_phrases((*self.narrowing, *further))

    @cached_property
    def of_ticks(self) -> frozenset[str]:
        """Cells, in small letters, that tick a column."""
        return frozenset(self.ticks)

    @cached_property
    def set_aside(self) -> Phrases:
        """Phrases of a sheet's name by which it is not the one that counts."""
        return Phrases(self.aside)

    @cached_property
    def of_signs(self) -> frozenset[str]:
        """Folded headers of columns that hold a number's sign."""
        return frozenset(map(fold, self.signs))


_DASHES = [dash * times + blank for dash in "-–—" for times in (1, 2, 3) for blank in ("", " ")]
_BESIDE_MARKS = [("", ""), *((dash, dash[::-1]) for dash in _DASHES)]


class Vocabulary(Strict):
    """vocabulary.yaml."""

    headers: Mapping[str, _Words]
    units: _Words
    measures: tuple[_Words, ...]
    named: Mapping[
        Annotated[str, one_of(("account", "act", "address", "address_end", "house", "meter", "price"), "kind of code")],
        _Words,
    ]
    meant: Mapping[str, _Words]
    general: _Words
    foreign: _Words
    labels: Mapping[Annotated[str, one_of(LABELS, "label")], _Words]
    other_months: _Words
    around: Around
    prices: Mapping[Annotated[str, one_of(("earlier", "present", "new"), "kind of price")], _Words]
    one_sided: _Words
    repeating: tuple[_Text, ...] = ()
    years: tuple[_Text, ...] = ()
    row_numbers: tuple[_Text, ...] = ()

    @cached_property
    def marks_above(self) -> frozenset[str]:
        """Every spelling of a cell that repeats the one above it, dashes beside it, too."""
        marks = {spell(mark) for mark in self.repeating for spell in (str, str.capitalize, str.upper)}
        return frozenset(f"{left}{mark}{right}" for mark in marks for left, right in _BESIDE_MARKS)

    @cached_property
    def year_names(self) -> frozenset[str]:
        """Folded headers of a column of the year."""
        return frozenset(map(fold, self.years))

    @cached_property
    def priced(self) -> Mapping[str, re.Pattern[str]]:
        """Patterns of words by which a header is of an earlier price, of that in force, of a new one."""
        return {
            kind: re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, words))})") for kind, words in self.prices.items()
        }

    @cached_property
    def one_sides(self) -> frozenset[str]:
        """Folded headers that say one side of a balance."""
        return frozenset(map(fold, self.one_sided))

    @cached_property
    def spelled(self) -> HeaderWords:
        """Headers as people shorten them."""
        return HeaderWords(self.headers, self.units, self.row_numbers)

    @cached_property
    def label_keys(self) -> Mapping[str, str]:
        """Folded labels of header pairs, alone or with another one for the same, and what they name."""
        found = {fold(label): key for key, labels in self.labels.items() for label in labels}
        for key, (one, *more) in self.labels.items():
            found |= {fold(both): key for also in more for both in (one + also, also + one)}
        return found

    @cached_property
    def unit_behind(self) -> re.Pattern[str]:
        """The pattern of a unit behind a number in a cell."""
        units = sorted((unit for spellings in self.measures for unit in spellings), key=len, reverse=True)
        return re.compile(rf"(?i)(?<=\d)\s*(?:{'|'.join(map(re.escape, units))})\.?\s*$")

    @cached_property
    def customer_named(self) -> re.Pattern[str]:
        """The pattern of a БИН behind its label within a text, such as a letterhead."""
        labels = "|".join(re.escape(label) for label in sorted(self.labels["customer"], key=len, reverse=True))
        return re.compile(rf"(?i)(?<!\w)(?:{labels})[\s:№.-]{{0,5}}(\d{{12}})(?!\d)")

    @cached_property
    def month_labels(self) -> frozenset[str]:
        """Folded labels of months that may not be the month of account."""
        return frozenset(map(fold, self.other_months))

    @cached_property
    def common(self) -> frozenset[str]:
        """Words that many headers have in common."""
        return frozenset(self.general)

    @cached_property
    def strangers(self) -> frozenset[str]:
        """Words of headers that speak of somebody or something else."""
        return frozenset(word.casefold() for word in self.foreign)
