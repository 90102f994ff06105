"""A table's header row: which of a form's columns its cells name, however they are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from inbox_worker.core.text import SAME_LETTERS, fold, skeleton
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import lacks_year, names_another_measure, readings, turns_sign, with_year, without_day
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.head_rows import MOST_ROWS, are_names, goes_on, is_title, join_rows
from inbox_worker.forms.said_above import Above, Lines, Over
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.vocabulary import HeaderWords
from inbox_worker.workbooks.sheet import Sheet

Grid = list[dict[int, str]]  # the top rows of a sheet: 0-based sheet column -> text, filled cells only


@dataclass(frozen=True)
class TableHead:
    """A table's header: the place of its last row, each rule column's place, extra and missing ones."""

    place: int
    columns: Mapping[str, int]
    extra: tuple[int, ...]
    twice: tuple[int, ...]
    missing: tuple[str, ...]
    score: tuple[int, int]  # matched required columns, matched columns
    said: Mapping[str, str | date] = field(default_factory=dict)  # columns of which a heading or a title says all rows
    first: int = -1  # the place of its first row, where it has several
    over: Mapping[str, Over] = field(default_factory=dict)  # of `said`: what stands above the table, and where

    def pair_columns(self, rule: FormRule) -> list[tuple[ColumnRule, int]]:
        """Return the form's columns that are there, each with its place."""
        return [(column, self.columns[column.name]) for column in rule.columns if column.name in self.columns]


class Names:
    """Spellings of a form's column headers, strictest first: Russian, Kazakh, aliases, then without
    brackets, then with look-alike letters made the same; at last as `bilingual.py` reads them."""

    def __init__(self, rule: FormRule, headers: HeaderWords, above: Above, labels: Mapping[str, str]) -> None:
        self.rule, self._labels, self._above, self._headers = rule, labels, above, headers
        self.required = frozenset(c.name for c in rule.columns if c.required)
        ru = [(c.name, {fold(c.ru)}) for c in rule.columns]
        kk = [(c.name, {fold(c.kk)}) for c in rule.columns]
        also = [(c.name, {fold(a) for a in c.aliases}) for c in rule.columns]
        every = [(c.name, {*c.names}) for c in rule.columns]
        bare = [(name, {fold(_bare(text)) for text in texts}) for name, texts in every]
        alike = [(name, {skeleton(text) for text in texts}) for name, texts in every]
        self.tiers = ((ru, fold), (kk, fold), (also, fold), (bare, _fold_bare), (alike, skeleton))
        self._signed = {c.name: c.names for c in rule.columns if c.type in SCALES}
        owned = [(c.name, {fold(c.kk) + ending for ending in _OWNED}) for c in rule.columns if c.kk]
        both = [(c.name, {fold(c.ru + c.kk), fold(c.kk + c.ru)}) for c in rule.columns]
        self._spans = frozenset(skeleton(text) for text in rule.span.names) if rule.span else frozenset()
        self._loose: dict[str, str] = {}
        self._columns: dict[str, set[str]] = {}
        for column, known in (*ru, *kk, *also, *bare, *alike, *both, *owned):
            for text in known:
                self._columns.setdefault(text, set()).add(column)
        self.any = frozenset(n for tier in (ru, kk, also, bare, alike) for _, names in tier for n in names)

    def match(self, place: int, cells: Mapping[int, str]) -> TableHead:
        """Find the form's columns in a row. A header met twice in the same spelling is `twice`."""
        columns: dict[str, int] = {}
        taken: set[int] = set()
        twice: list[int] = []
        for tier, spelling in self.tiers:
            written = {at: spelling(text) for at, text in cells.items() if at not in taken}
            for name, known in tier:
                found = [at for at, text in written.items() if text in known and at not in taken]
                found = [at for at in found if not self.turns(name, cells[at])]
                if found and name not in columns:
                    columns[name] = found[0]
                    taken.update(found)
                    twice += found[1:]
        loose = {at: name for at, text in cells.items() if at not in taken and (name := self.loosely(text))}
        loose = {at: name for at, name in loose.items() if not self.turns(name, cells[at])}
        for at, name in loose.items():
            if name not in columns:
                columns[name] = at
            elif columns[name] in loose:
                twice.append(at)
            else:
                continue  # beside a plain header of that name: an extra column
            taken.add(at)
        said = self._take_dated(columns, taken, cells)
        taken |= self._take_span(columns, {at: text for at, text in cells.items() if at not in taken})
        taken |= self._take_repeated(columns, {at: text for at, text in cells.items() if at not in taken}, cells)
        extra = tuple(at for at in cells if at not in taken)
        missing = tuple(c.name for c in self.rule.columns if c.required and c.name not in {*columns, *said})
        score = (len(self.required & {*columns, *said}), len(columns))
        return TableHead(place, columns, extra, tuple(twice), missing, score, said)

    def _take_dated(self, columns: dict[str, int], taken: set[int], cells: Mapping[int, str]) -> dict[str, date]:
        """Put headings of a reading and a day at their columns, one of the current, or two of which the later one is;
        return the later day, which counts where no column says it."""
        titled = self.rule.titled
        if titled is None:
            return {}
        dated = {at: without_day(text) for at, text in cells.items() if at not in taken}
        days = {at: day for at, (bare, day) in dated.items() if day and self._is_reading(bare, titled.current)}
        names = [titled.current] if len(days) == 1 else [titled.previous, titled.current]
        if len(days) not in (1, 2) or len(set(days.values())) < len(days) or not columns.keys().isdisjoint(names):
            return {}
        places = sorted(days, key=days.__getitem__)
        columns |= dict(zip(names, places, strict=True))
        taken |= set(places)
        return {titled.day: days[places[-1]]}

    def _is_reading(self, bare: str, current: str) -> bool:
        """Return whether a heading without its day names a reading, or nothing: `На 20.08.2026`."""
        return not bare or any(fold(bare) in known for tier, _ in self.tiers for name, known in tier if name == current)

    def _with_years(self, cells: Mapping[int, str], titles: Grid) -> Mapping[int, str]:
        """Return a row whose headings with a day have its year, by the month that its titles say last."""
        if self.rule.titled is None or not any(map(lacks_year, cells.values())):
            return cells
        texts = [text for line in titles for text in line.values()]
        months = [month for text in texts if (month := values.month(text) or values.month_named(text))]
        return {at: with_year(text, months[-1]) for at, text in cells.items()} if months else cells

    def _with_title(self, titles: Grid, head: TableHead, further: Lines = ()) -> TableHead:
        """Return a head that lacks only what its titles, or `further` rows of it, say of all rows with that."""
        if not head.missing or not (over := self._above.find(titles, further, head.missing, self.find_meaning)):
            return head
        said, score = {name: one.value for name, one in over.items()}, (head.score[0] + len(over), head.score[1])
        return replace(head, missing=(), score=score, said={**head.said, **said}, over=over)

    def find_in(self, sheet: Sheet, grid: Grid) -> TableHead | None:
        """Find the header of a sheet, without what stands above it where a line further down says it again."""
        head = self.find(grid, sheet.name)
        if not head or not head.over or not self._above.says_again(sheet, head.place, head.over, self.find_meaning):
            return head
        said, score = head.said.keys() - head.over.keys(), (head.score[0] - len(head.over), head.score[1])
        return replace(head, missing=(*head.over,), score=score, said={n: head.said[n] for n in said}, over={})

    def _take_span(self, columns: dict[str, int], left: Mapping[int, str]) -> set[int]:
        """Put both days of a span at its column, where the row has neither; return the column's place."""
        span = self.rule.span
        found = [at for at, text in left.items() if skeleton(text) in self._spans]
        if span is None or len(found) != 1 or {span.first, span.last} & columns.keys():
            return set()
        columns |= dict.fromkeys((span.first, span.last), found[0])
        return set(found)

    def _take_repeated(self, columns: dict[str, int], left: Mapping[int, str], cells: Mapping[int, str]) -> set[int]:
        """Put headings that stand twice (`Reading`) at the columns that they name behind the one before each."""
        texts = [fold(text) for text in left.values()] if len(left) > 1 else []
        before = {at: f"{cells[at - 1]} {text}" for at, text in left.items() if texts and at - 1 in columns.values()}
        named = {at: self.find_meaning(both) for at, both in before.items() if texts.count(fold(left[at])) > 1}
        found = {at: name for at, name in named.items() if name and name not in columns}
        columns |= {name: at for at, name in found.items()}
        return set(found)

    def find_meaning(self, text: str) -> str:
        """Return the column that a header names; '' when it names none."""
        return next(iter(self.match(0, {0: text}).columns), "")

    def turns(self, name: str, text: str) -> bool:
        """Return whether a header has a column's name and a sign that turns its sense, or another measure: never the
        column."""
        if (known := self._signed.get(name)) is None:
            return False
        other = names_another_measure(text) and not any(map(names_another_measure, known))
        return other or turns_sign(text, known)

    def loosely(self, text: str) -> str:
        """Return the one column that a header may name by a part of it, without its unit, or shortened; '' when there
        is none or more than one."""
        if text not in self._loose:
            if len(self._loose) >= _KEPT:
                self._loose.clear()
            self._loose[text] = self._loosely(text)
        return self._loose[text]

    def _loosely(self, text: str) -> str:
        for names in readings(text, self._headers):
            found = set().union(*(self._columns.get(name, ()) for name in names))
            if not found:
                found = set().union(*(self._columns.get(name.translate(SAME_LETTERS), ()) for name in names))
            if found:
                return found.pop() if len(found) == 1 else ""
        return ""

    def likely(self, cells: Mapping[int, str]) -> bool:
        """Return whether a row is worth matching: at least two of its cells are headers, or its only one, beside the
        numbers of rows, where no more are required."""
        texts = [one for one in cells.values() if len(self.required) > 1 or fold(one) not in self._headers.numbers]
        return self.enough(sum(map(self.may_name, texts)), len(texts))

    def enough(self, hits: int, cells: int) -> bool:
        """Return whether a row of so many cells is worth matching, so many of which are headers."""
        return hits >= 2 or hits == cells == len(self.required) == 1

    def may_name(self, text: str) -> bool:
        """Return whether a text may be a header of the form."""
        if any(name in self.any or name in self._spans for name in _plain_names(text)) or self.loosely(text):
            return True
        bare, day = without_day(text) if self.rule.titled else (text, None)
        return day is not None and self.rule.titled is not None and self._is_reading(bare, self.rule.titled.current)

    def find(self, grid: Grid, name: str = "") -> TableHead | None:
        """Find the first row of a grid that is the form's header, else the one that matches best, or None. `name`: of
        its sheet, a title as those above the table are."""
        heads = []
        for place, written in enumerate(grid):
            titles = [{0: name}, *grid[:place]]
            cells = self._with_years(written, titles)
            if self.likely(cells) and not is_title(cells, grid[place + 1 :], self.rule, self._labels):
                heads.append(self._with_title(titles, self.match(place, cells)))
                if not heads[-1].missing and len(heads[-1].columns) > 1:
                    return self._with_names_below(grid, heads[-1], titles)
        best = max(heads, key=lambda h: (h.score, -h.place), default=None)
        return best if best is None or not best.missing else self._of_several_rows(grid, heads, name, best)

    def _with_names_below(self, grid: Grid, head: TableHead, titles: Grid) -> TableHead:
        """Return a complete header, or the one that it is with the rows below, where those go on with it and name more
        places: `Показание` over `Предыдущее` and `Текущее`."""
        below = grid[head.place + 1] if head.place + 1 < len(grid) else {}
        figures = any(sign.isdecimal() for text in below.values() for sign in text)
        goes = goes_on(grid[head.place], below, -1)
        if not below or (figures and not goes):
            return head
        joined = [*self._join(grid, head.place, titles)]
        numbered = {at for column, at in head.pair_columns(self.rule) if column.type in SCALES}
        of_head = goes and numbered.isdisjoint(below)  # `Debt` and `Advance` under a sum are not that sum
        of_head = of_head or all(self._says(grid[head.place].get(at, ""), text) for at, text in below.items())
        return max([*joined, head] if of_head else [head, *joined], key=_count_places)

    def _says(self, over: str, text: str) -> bool:
        """Return whether a text names a column, alone or behind a heading: not what this names before any words."""
        both = self.find_meaning(f"{over} {text}") if over else ""
        return bool(self.find_meaning(text) or (both and (text[0] == "(" or both != self.find_meaning(over))))

    def _of_several_rows(self, grid: Grid, heads: list[TableHead], name: str, best: TableHead) -> TableHead:
        """Return a header whose groups (`Показания`) are over their columns' names: complete with the rows below, whose
        names go on where their group's ends, or say the rest of it (`Снят прибор` over `№`); else the best one."""
        near = {head.place - up: None for head in heads for up in range(MOST_ROWS - 1)}
        over = [place for place in near if 0 <= place < len(grid) - 1 and self._is_over(grid[place], grid[place + 1])]
        joined = [head for place in over for head in self._join(grid, place, [{0: name}, *grid[:place]])]
        whole = max(joined, key=_count_places, default=best)
        return max([best, *joined], key=lambda head: head.score) if whole.missing else whole

    def _is_over(self, row: Mapping[int, str], below: Mapping[int, str]) -> bool:
        """Return whether a row may be groups over names: no label with its value, such as `БИН` above the header."""
        labelled = len(row) <= _LABELLED and any(fold(text) in self._labels for text in row.values())
        return are_names(below) and bool(row) and not labelled

    def _join(self, grid: Grid, place: int, titles: Grid) -> Iterator[TableHead]:
        """Yield what a row and those of words below it are as one header, with fewest rows first."""
        for last in range(place + 1, min(place + MOST_ROWS, len(grid))):
            if last > place + 1 and not are_names(grid[last]):
                return
            rows = [*grid[place:last], self._with_years(grid[last], titles)]
            for cells in join_rows(rows, self.find_meaning):
                yield replace(self._with_title(titles, self.match(last, cells), rows[:-1]), first=place)


def _count_places(head: TableHead) -> int:
    """Return how many places a complete header names; 0 for one that lacks something."""
    return 0 if head.missing else len(set(head.columns.values()))


_NAMES: dict[tuple[str, str], Names] = {}
_NAMES_KEPT = 200
_OWNED = ("сы", "сі", "ы", "і")  # Kazakh endings of something that is somebody's: `сома`, `сомасы`
_LABELLED = 3  # cells of a row of labels with their values above a table; a row of groups may have more
_KEPT = 5000  # texts of cells whose meaning a form remembers


def names_of(rule: FormRule, rules: Rules) -> Names:
    """Return the spellings of a form's headers, made once for a version of the rules."""
    key = rules.version, rule.form
    if key not in _NAMES or _NAMES[key].rule is not rule:  # rules read again: a header names the rule it was made of
        if len(_NAMES) >= _NAMES_KEPT:
            _NAMES.clear()
        _NAMES[key] = Names(rule, rules.vocabulary.spelled, Above(rule, rules), rules.vocabulary.label_keys)
    return _NAMES[key]


def _bare(text: str) -> str:
    return re.sub(r"\(.*?\)|\[.*?\]", " ", text)


@lru_cache(maxsize=10_000)
def _fold_bare(text: str) -> str:
    return fold(text) if names_another_measure(text) else fold(_bare(text)) or fold(text)


@lru_cache(maxsize=10_000)
def _plain_names(text: str) -> frozenset[str]:
    """Return a cell as the plain spellings of headers are compared with it."""
    return frozenset((fold(text), _fold_bare(text), skeleton(text)))
