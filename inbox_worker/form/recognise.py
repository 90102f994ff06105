"""Which form a workbook is, and where its table stands: by its code, else by its columns, never by names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inbox_worker.form.header import Pairs, read_pairs
from inbox_worker.form.task import shown
from inbox_worker.form.workbook import CellKind, Sheet
from inbox_worker.form_rules import FormRule
from inbox_worker.rules import Rules
from inbox_worker.spelling import fold, skeleton

NO_VALUE = "="  # what a formula without a saved value is among the texts of a header: there, and unreadable
Grid = list[dict[int, str]]  # the top rows of a sheet: 0-based sheet column -> text, filled cells only


@dataclass(frozen=True)
class Head:
    """A table's header row: its place in the sheet, each rule column's place, extra and missing ones."""

    place: int
    columns: Mapping[str, int]
    extra: tuple[int, ...]
    twice: tuple[int, ...]
    missing: tuple[str, ...]
    score: tuple[int, int]  # matched required columns, matched columns


@dataclass(frozen=True)
class SheetTable:
    """A sheet with a table of the form: header pairs above, header row."""

    sheet: Sheet
    grid: Grid
    head: Head
    pairs: Pairs


@dataclass(frozen=True)
class Recognised:
    """The form and its sheets. `sheets` is empty when the form names its code but holds no table of it.

    `others`: sheets that say they are another form; a workbook is read as one form.
    """

    rule: FormRule
    sheets: tuple[SheetTable, ...]
    pairs: Pairs
    unknown_code: bool
    others: tuple[tuple[Sheet, FormRule], ...] = ()


def top(sheet: Sheet, rows: int) -> Grid:
    """The first rows of a sheet as texts."""
    grid: Grid = []
    for place in range(min(rows, sheet.height)):
        cells = {
            at: shown(column, place) or (NO_VALUE if column.kinds[place] == CellKind.FORMULA else "")
            for at, column in sheet.columns.items()
            if place < len(column.kinds) and column.kinds[place]
        }
        grid.append({at: text for at, text in cells.items() if text})
    return grid


class Names:
    """Spellings of a form's column headers, strictest first: Russian, Kazakh, aliases, then without
    brackets, then with look-alike letters made the same."""

    def __init__(self, rule: FormRule) -> None:
        self.rule = rule
        self.required = frozenset(c.name for c in rule.columns if c.required)
        ru = [(c.name, {fold(c.ru)}) for c in rule.columns]
        kk = [(c.name, {fold(c.kk)}) for c in rule.columns]
        also = [(c.name, {fold(a) for a in c.aliases}) for c in rule.columns]
        every = [(c.name, {c.ru, c.kk, *c.aliases}) for c in rule.columns]
        bare = [(name, {fold(_bare(text)) for text in texts}) for name, texts in every]
        alike = [(name, {skeleton(text) for text in texts}) for name, texts in every]
        self.tiers = ((ru, fold), (kk, fold), (also, fold), (bare, _fold_bare), (alike, skeleton))
        self.any = frozenset(n for tier in (ru, kk, also, bare) for _, names in tier for n in names)
        self.alike = frozenset(n for _, names in alike for n in names)

    def match(self, place: int, cells: Mapping[int, str]) -> Head:
        """Where the form's columns stand in a row. A header met twice in the same spelling is `twice`."""
        columns: dict[str, int] = {}
        taken: set[int] = set()
        twice: list[int] = []
        for tier, spelling in self.tiers:
            written = {at: spelling(text) for at, text in cells.items() if at not in taken}
            for name, known in tier:
                found = [at for at, text in written.items() if text in known and at not in taken]
                if found and name not in columns:
                    columns[name] = found[0]
                    taken.update(found)
                    twice += found[1:]
        extra = tuple(at for at in cells if at not in taken)
        missing = tuple(c.name for c in self.rule.columns if c.required and c.name not in columns)
        score = (len(self.required & columns.keys()), len(columns))
        return Head(place, columns, extra, tuple(twice), missing, score)

    def likely(self, cells: Mapping[int, str]) -> bool:
        """Whether a row is worth matching: at least two of its cells are headers, or its only one where no more are
        required."""
        texts = list(cells.values())
        hits = sum(fold(t) in self.any or _fold_bare(t) in self.any or skeleton(t) in self.alike for t in texts)
        return hits >= 2 or hits == len(texts) == len(self.required) == 1

    def find(self, grid: Grid) -> Head | None:
        """The first row of a grid that is the form's header, else the one that matches best; None when none does."""
        heads = [self.match(place, cells) for place, cells in enumerate(grid) if self.likely(cells)]
        first = next((head for head in heads if not head.missing and len(head.columns) > 1), None)
        best = first or max(heads, key=lambda h: (h.score, -h.place), default=None)
        return best if best is None or not best.missing else self._of_two_rows(grid, heads) or best

    def _of_two_rows(self, grid: Grid, heads: list[Head]) -> Head | None:
        """A header whose groups (`Показания`) stand over their columns' names: whole with the row below it only."""
        pairs = [(head.place + 1, grid[head.place : head.place + 2]) for head in heads]
        joined = (self.match(place, {**rows[0], **rows[1]}) for place, rows in pairs if len(rows) == 2)
        return next((head for head in joined if not head.missing), None)


_NAMES: dict[tuple[str, str], Names] = {}
_NAMES_KEPT = 200


def names_of(rule: FormRule, rules: Rules) -> Names:
    """The spellings of a form's headers, made once for a version of the rules."""
    key = rules.version, rule.form
    if key not in _NAMES:
        if len(_NAMES) >= _NAMES_KEPT:
            _NAMES.clear()
        _NAMES[key] = Names(rule)
    return _NAMES[key]


def known_words(rules: Rules) -> tuple[str, ...]:
    """Words of headers and titles, by which a text's encoding is known."""
    if rules.version not in _WORDS:
        _WORDS.clear()
        forms = rules.forms.values()
        texts = [t for rule in forms for c in rule.columns for t in (c.ru, c.kk, *c.aliases)]
        texts += [text for rule in forms for text in (rule.title.ru, rule.title.kk)]
        words = {word for text in texts for word in re.findall(r"[^\W\d_]{3,}", text.casefold())}
        _WORDS[rules.version] = tuple(sorted(word for word in words if not word.isascii()))
    return _WORDS[rules.version]


_WORDS: dict[str, tuple[str, ...]] = {}


def _bare(text: str) -> str:
    return re.sub(r"\(.*?\)|\[.*?\]", " ", text)


def _fold_bare(text: str) -> str:
    return fold(_bare(text)) or fold(text)


def recognise(sheets: Iterable[Sheet], rules: Rules) -> Recognised | None:
    """The form of a workbook and its data sheets; None when it is no form of ours."""
    tops = [(sheet, top(sheet, rules.limits.header_search_rows)) for sheet in sheets]
    all_pairs = [read_pairs(grid, sheet) for sheet, grid in tops]
    codes = [pairs.values["form"].text for pairs in all_pairs if "form" in pairs.values]
    rule = by_code(codes, rules) or _by_title([grid for _, grid in tops], rules)
    if rule is None:
        rule = by_columns([grid for _, grid in tops], rules)
    if rule is None:
        return None
    names, found, others = names_of(rule, rules), [], []
    for (sheet, grid), pairs_there in zip(tops, all_pairs, strict=True):
        head, code = names.find(grid), [pairs_there.values["form"].text] if "form" in pairs_there.values else []
        said = by_code(code, rules) or _by_title([[*filter(None, grid)][:1]], rules) or rule
        if said is not rule and (head is None or head.missing):
            others.append((sheet, said))
        elif head and 2 * head.score[0] >= len(names.required):
            found.append(SheetTable(sheet, grid, head, read_pairs(grid[: head.place], sheet)))
    pairs = next((f.pairs for f in found), None)
    if pairs is None:
        pairs = next((p for p in all_pairs if "form" in p.values), all_pairs[0])
    return Recognised(rule, tuple(found), pairs, bool(codes) and by_code(codes, rules) is None, tuple(others))


def by_code(codes: Iterable[str], rules: Rules) -> FormRule | None:
    """The form of the first code or title that is one of ours."""
    for code in codes:
        for rule in rules.forms.values():
            if fold(code) in (fold(rule.form), fold(rule.title.ru), fold(rule.title.kk)):
                return rule
    return None


def _by_title(grids: Iterable[Grid], rules: Rules) -> FormRule | None:
    titles = {fold(t): rule for rule in rules.forms.values() for t in (rule.title.ru, rule.title.kk)}
    for grid in grids:
        for cells in grid:
            found = titles.get(fold(next(iter(cells.values()), ""))) if len(cells) == 1 else None
            if found:
                return found
    return None


def by_columns(grids: list[Grid], rules: Rules) -> FormRule | None:
    """The form whose required columns are (nearly) all there; at a tie the one with most columns."""
    best: tuple[tuple[float, int, int], FormRule] | None = None
    for rule in rules.forms.values():
        names = names_of(rule, rules)
        for grid in grids:
            head = names.find(grid)
            if head is None or head.score[1] < 2 or head.score[0] < min(2, len(names.required)):
                continue
            share = head.score[0] / max(1, len(names.required))
            rank = (share, head.score[1], -len(head.extra))
            if share >= 0.6 and (best is None or rank > best[0]):
                best = (rank, rule)
    return best[1] if best else None
