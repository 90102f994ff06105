"""Columns that a line above a table says once for all its rows: `Taken on: 20.08.2026`, a sheet named as a service is
(4.1.15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inbox_worker.core.text import fold
from inbox_worker.forms import values
from inbox_worker.forms.days_in_words import without_from
from inbox_worker.forms.nothing import says_no_value
from inbox_worker.forms.sheet_words import judge_base
from inbox_worker.settings.form_rules import METERED, ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.vocabulary import Phrases
from inbox_worker.workbooks.sheet import Sheet

_LONGEST = 200  # characters of a label with its value
_TYPES = ("date", "first_day", "month", "service", "base", "text")
_DAYS = ("date", "first_day", "month")
_MOST_CELLS = 4  # of a line of labels and values
Lines = Sequence[Mapping[int, str]]


@dataclass(frozen=True)
class Over:
    """Keeps what stands over a table for a column: the value, the text, and where: the place of its line, -1 for the
    sheet's name, and the sheet's column."""

    value: str | date
    text: str
    place: int = -1
    at: int = 0


class Above:
    """Reads what lines above a table of a form say for all rows of the columns that it lacks."""

    def __init__(self, rule: FormRule, rules: Rules) -> None:
        self._titled = rule.titled
        known = {*rule.key, *rule.compares, *(part.column for part in rule.parts)}
        self._columns = {
            column.name: column
            for column in rule.columns
            if column.required and column.type in _TYPES and (column.type != "text" or column.name not in known)
        }
        self._service_names, self._base = rules.service_names, judge_base(rules)
        metered = (one for one in rules.services if one.base == METERED)
        self._metered = {one.code: Phrases((one.ru, one.kk, *one.names)) for one in metered} if rule.titled else {}

    def find(
        self, titles: Lines, further: Lines, missing: Sequence[str], meaning: Callable[[str], str]
    ) -> dict[str, Over]:
        """Return what titles, and lines between them and the header, say of the missing columns, where they say all of
        them, each once; {} otherwise. The first of the titles is the sheet's name."""
        if self._titled and tuple(missing) == (self._titled.service,) and (named := self._find_metered(titles)):
            return {self._titled.service: named}
        if not all(name in self._columns for name in missing):
            return {}
        found: dict[str, list[Over]] = {name: [] for name in missing}
        for line, cells in enumerate([*titles, *further]):
            for name, over in self._of_line(line - 1, cells, meaning):
                if name in found:
                    found[name].append(over)
        if all(len({over.value for over in every}) == 1 for every in found.values()):
            return {name: every[0] for name, every in found.items()}
        return {}

    def says_again(self, sheet: Sheet, place: int, over: Mapping[str, Over], meaning: Callable[[str], str]) -> bool:
        """Return whether a line under the header at a place says a column again; words of a title say less."""
        written = {name for name, one in over.items() if one.text}
        if not written:
            return False
        services = any(name in written and column.type == "service" for name, column in self._columns.items())
        texts = {text for column in sheet.columns.values() for text in column.texts.slice(place + 1).to_pylist()}
        short = [text for text in texts if text and len(text) <= _LONGEST]
        if services and any(fold(text) in self._service_names for text in short):
            return True
        return any(self._column_of(text.partition(":")[0], meaning) in written for text in short)

    def _find_metered(self, titles: Lines) -> Over | None:
        """Return the one metered service that the titles name in some words."""
        above = [text for cells in titles for text in cells.values()]
        named = [code for code, phrases in self._metered.items() if any(map(phrases.stand_in, above))]
        return Over(named[0], "") if len(named) == 1 else None

    def _of_line(
        self, place: int, cells: Mapping[int, str], meaning: Callable[[str], str]
    ) -> Iterator[tuple[str, Over]]:
        """Yield the columns that a line says, by a label with its value, or as a service's name that stands alone."""
        if len(cells) > _MOST_CELLS:
            return
        texts = sorted(cells.items())
        if len(texts) == 1 and not self._titled and (code := self._service_names.get(fold(texts[0][1]))):
            named = [name for name, column in self._columns.items() if column.type == "service"]
            yield from ((name, Over(code, texts[0][1], place, texts[0][0])) for name in named)
        beside = texts[1][1] if len(texts) == 2 else ""  # of three cells the last may be a value, too
        for at, text in texts:
            label, _, rest = text.partition(":")
            name = self._column_of(label, meaning) if len(text) <= _LONGEST else ""
            said = rest.strip() or (beside if at == texts[0][0] else "")
            if name and (value := self._read(self._columns[name], said)):
                yield name, Over(value, text if rest.strip() else f"{text} {said}", place, at)

    def _column_of(self, label: str, meaning: Callable[[str], str]) -> str:
        """Return the column that a label names: a day or a month is named by two words and more, for `Date` above a
        table is often the letter's; a month that rows are about by its own name alone."""
        name = meaning(label.strip(" *"))
        column = self._columns.get(name)
        if column is None or (column.type in _DAYS and len(label.split()) < 2):
            return ""
        if column.type == "month" and not column.begins and fold(label) not in (fold(column.ru), fold(column.kk)):
            return ""
        return name

    def _read(self, column: ColumnRule, text: str) -> str | date | None:
        if column.type == "service":
            return self._service_names.get(fold(text))
        if column.type == "base":
            return str(self._base(text).value or "") or None
        if column.type == "text":
            return text if text and not says_no_value(text) else None
        text = without_from(text)
        day = values.day(text)
        if column.type == "date":
            return day
        begins = column.begins or column.type == "first_day"
        return None if begins and day and day.day != 1 else values.month(text)
