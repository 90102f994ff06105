"""Recognition of the form in a workbook and of its table: by its code, else by its columns, never by file names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.forms.bilingual import parts_of
from inbox_worker.forms.header import Pairs, conflict, read_pairs
from inbox_worker.forms.heads import Grid, names_of
from inbox_worker.forms.likely_forms import likely_forms
from inbox_worker.forms.near_heads import best_head, what_is_missing
from inbox_worker.forms.own_help import find_instructed, is_own_help
from inbox_worker.forms.sheets_of_form import SheetTable, choose, has_rows_like, is_sample, with_covers
from inbox_worker.forms.text_lines import says_unknown
from inbox_worker.forms.turned_tables import find_headings_below, find_turned
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind, Sheet

NO_VALUE = "="  # what a formula without a saved value is among the texts of a header: there, and unreadable


@dataclass(frozen=True)
class Recognised:
    """The form and its sheets. `sheets` is empty when the form names its code but holds no table of it.

    `others`: sheets that say they are another form; a workbook is read as one form. `left`: sheets with a table of the
    form that are not read; `headless`: sheets with rows like the form's and no header; `wordy`:
    those that people see, with neither; `unseen`: those that only a
    program can show. `tops`: every sheet but samples, with its first rows.
    """

    rule: FormRule
    sheets: tuple[SheetTable, ...]
    pairs: Pairs
    unknown_code: bool
    others: tuple[tuple[Sheet, FormRule], ...] = ()
    left: tuple[SheetTable, ...] = ()
    unseen: tuple[Sheet, ...] = ()
    tops: tuple[tuple[Sheet, Grid], ...] = ()
    headless: tuple[Sheet, ...] = ()
    wordy: tuple[Sheet, ...] = ()


def top(sheet: Sheet, rules: Rules) -> Grid:
    """Return the first rows of a sheet as texts; none of the instruction and the lists of our own blanks."""
    grid: Grid = []
    for place in range(0 if is_own_help(sheet, rules) else min(rules.limits.header_search_rows, sheet.height)):
        cells = {
            at: column.text(place) or (NO_VALUE if column.kinds[place] == CellKind.FORMULA else "")
            for at, column in sheet.columns.items()
            if place < len(column.kinds) and column.kinds[place]
        }
        grid.append({at: text for at, text in cells.items() if text})
    return grid


def known_words(rules: Rules) -> tuple[str, ...]:
    """Return words of headers and titles, by which a text's encoding is known."""
    if rules.version not in _WORDS:
        _WORDS.clear()
        forms = rules.forms.values()
        texts = [t for rule in forms for c in rule.columns for t in c.names]
        texts += [text for rule in forms for text in (rule.title.ru, rule.title.kk)]
        words = {word for text in texts for word in re.findall(r"[^\W\d_]{3,}", text.casefold())}
        _WORDS[rules.version] = tuple(sorted(word for word in words if not word.isascii()))
    return _WORDS[rules.version]


_WORDS: dict[str, tuple[str, ...]] = {}


def recognise(
    sheets: Iterable[Sheet], rules: Rules, of: FormRule | None = None, beside: Pairs | None = None
) -> Recognised | None:
    """Return the form of a workbook and its data sheets; None when it is no form of ours. `of`: the form that these
    sheets are known to be; `beside`: header pairs that stand over other forms of the workbook."""
    every = [(sheet, top(sheet, rules)) for sheet in sheets]
    tops = sorted([one for one in every if not one[0].very_hidden], key=lambda one: is_sample(one[0]))
    all_pairs = [read_pairs(grid, sheet, rules) for sheet, grid in tops]
    codes = [pairs.values["form"].text for pairs in all_pairs if "form" in pairs.values]
    codes = [code for code in codes if code]
    grids = [grid for _, grid in tops]
    rule = of or by_code(codes, rules) or _by_title(grids, rules) or by_columns(grids, rules) or _by_help(tops, rules)
    if rule is None:
        return None
    names, found, others, covers, bare = names_of(rule, rules), [], [], [], []
    for (sheet, grid), pairs_there in zip(tops, all_pairs, strict=True):
        head, coded = names.find_in(sheet, grid), pairs_there.values.get("form")
        said = by_code([coded.text] if coded else [], rules) or title_of(grid, rules) or rule
        if said is not rule and (head is None or head.missing):
            others.append((sheet, said))
        elif head and 2 * head.score[0] >= len(names.required):
            found.append(SheetTable(sheet, grid, head, read_pairs(grid[: head.place], sheet, rules)))
        else:
            covers += [] if is_sample(sheet) else [pairs_there]
            bare.append(sheet)
    chosen, left = choose(found)
    pairs = with_covers(chosen[0].pairs if chosen else Pairs({}), [*covers, *([beside] if beside else [])])
    pairs = replace(pairs, findings=(*pairs.findings, *_two_forms(chosen, rules)))
    return Recognised(
        rule,
        tuple(chosen),
        pairs,
        bool(codes) and by_code(codes, rules) is None,
        tuple(others),
        tuple(left),
        tuple(s for s, grid in every if s.very_hidden and (names.find(grid) or _has_rows(s, chosen, rule))),
        tuple(one for one in tops if not is_sample(one[0])),
        headless := tuple(sheet for sheet in bare if _has_rows(sheet, chosen, rule)),
        tuple(s for s in bare if not (s.hidden or is_sample(s) or s in headless or is_own_help(s, rules))),
    )


def _has_rows(sheet: Sheet, chosen: Sequence[SheetTable], rule: FormRule) -> bool:
    return bool(chosen) and has_rows_like(sheet, chosen[0], rule)


def _two_forms(tables: Iterable[SheetTable], rules: Rules) -> list[Finding]:
    """Return an error for each cell above a table that says another form of ours than the first one does."""
    found = []
    for table in tables:
        said = [(cell, rule) for cell in table.pairs.forms if (rule := by_code([cell.text], rules))]
        found += [conflict(said[0][0], cell) for cell, rule in said[1:] if rule is not said[0][1]]
    return found


def by_code(codes: Iterable[str], rules: Rules) -> FormRule | None:
    """Return the form of the first code or title that is one of ours."""
    for code in codes:
        written = {fold(text) for text in (code, *parts_of(code))}
        for rule in rules.forms.values():
            if not written.isdisjoint(_fold_each(rule.form, rule.title.ru, rule.title.kk)):
                return rule
    return None


@lru_cache(maxsize=1000)
def _fold_each(*names: str) -> frozenset[str]:
    return frozenset(map(fold, names))


def title_of(grid: Grid, rules: Rules) -> FormRule | None:
    """Return the form whose title stands alone in the first filled row of a sheet."""
    return _by_title([[*filter(None, grid)][:1]], rules)


def _by_title(grids: Iterable[Grid], rules: Rules) -> FormRule | None:
    titles = {fold(t): rule for rule in rules.forms.values() for t in (rule.title.ru, rule.title.kk)}
    for grid in grids:
        for place, cells in enumerate(grid):
            title = next(iter(cells.values())) if len(cells) == 1 else ""
            if found := next((titles[t] for t in map(fold, (title, *parts_of(title))) if t in titles), None):
                return by_columns([grid[:place]], rules) or found  # under a header it is a value
    return None


def _by_help(tops: Iterable[tuple[Sheet, Grid]], rules: Rules) -> FormRule | None:
    """Return the form whose instruction is there, of a workbook that says nothing else."""
    return next((rule for sheet, _ in tops if (rule := find_instructed(sheet, rules))), None)


def by_columns(grids: list[Grid], rules: Rules) -> FormRule | None:
    """Return the form whose required columns are (nearly) all there; at a tie the one with most columns."""
    best: tuple[tuple[float, int, int], FormRule] | None = None
    likely = likely_forms(grids, rules)
    for rule in (rule for form, rule in rules.forms.items() if form in likely):
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


def _similar(sheets: Iterable[Sheet], rules: Rules) -> list[Finding]:
    """Return a finding about the form most like a workbook that is none, with what the workbook lacks of it."""
    tops = [top(sheet, rules) for sheet in sheets if not sheet.very_hidden]
    rated = []
    for rule in rules.forms.values():
        if best := best_head(tops, rule, rules):
            head, cells = best
            required = sum(column.required for column in rule.columns)
            if len(head.columns) >= 2 and 3 * head.score[0] >= required:
                rated.append((head.score[0] / required, len(head.columns), rule.form, head, cells))
    if not rated:
        return []
    _, _, form, head, cells = max(rated, key=lambda one: one[:3])
    rule = rules.forms[form]
    facts = {"title_kk": rule.title.kk, **what_is_missing(head, cells, rule)}
    return [Finding("form.similar", value=rule.title.ru, facts=facts)]


def find_in_stranger(sheets: list[Sheet], name: str, rules: Rules) -> tuple[Finding, ...]:
    """Return findings about a workbook that is no form of ours."""
    if not sheets:
        return (Finding("workbook.no_cells", value=name),)
    unseen = [Finding("sheet.very_hidden", s.name, value=s.name) for s in sheets if s.very_hidden]
    seen = [(s, top(s, rules)) for s in sheets if not s.very_hidden]
    grids = [grid for sheet, grid in seen if not is_sample(sheet)]
    turned = find_headings_below(grids, rules.forms.values(), rules)
    turned = turned or [*find_turned(seen, rules), *_similar(sheets, rules)]
    return (Finding(says_unknown(sheets), value=name), *turned, *unseen)
