"""Forms of several kinds in one workbook, on sheets of their own or one under another: each is read by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inbox_worker.core.model import Finding
from inbox_worker.forms.header import Pairs, read_pairs
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.recognise import Recognised, by_code, by_columns, recognise, title_of, top
from inbox_worker.forms.sheets_of_form import SheetTable, is_sample, with_covers
from inbox_worker.forms.tables import block_above, heads_above, stretches
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet

_OVER_ALL = ("customer", "customer_name", "month")  # said once in a workbook, they are over each of its forms


@dataclass(frozen=True)
class _Place:
    """Where one form stands: a whole sheet, or some of its rows."""

    rule: FormRule
    sheet: Sheet
    whole: bool


@dataclass(frozen=True)
class FormsInBook:
    """A workbook's forms. `found`: the one that is asked for; `others`: codes of the others; `findings`: where those
    stand, told with the first."""

    found: Recognised
    others: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def find_forms(sheets: Sequence[Sheet], rules: Rules, form: str = "") -> FormsInBook | None:
    """Return the form of a workbook, without the rows of other forms in it; None when there is none of ours. `form`:
    the one that is read; '' = the first.

    An other form is a table with rows of its own that people see, with the title or code of that form or all of its
    columns, sent by the same side: a Customer's, or one of the operator's.
    """
    found = recognise(sheets, rules)
    if found is None:
        return None
    division = _Division(found, rules)
    own, parts = division.own(list(sheets)), division.parts
    if not parts and list(map(id, own)) == list(map(id, sheets)):
        return FormsInBook(found, findings=tuple(division.findings))
    others = tuple(dict.fromkeys(part.rule.form for part in parts))
    over_all = _find_pairs_over_all(found, parts, rules)
    if form in others:
        rest = [part.sheet for part in parts if part.rule.form == form]
        again = recognise(rest, rules, rules.forms[form], over_all)
        return FormsInBook(again) if again else None
    first = recognise(own, rules, found.rule, over_all)
    return FormsInBook(first or found, others, (*map(_tell, parts), *division.findings))


class _Division:
    """The parting of a workbook's rows by forms. `parts`: other forms than the first; `findings`: tables that look like
    one and do not say so, beside a form that says what it is: perhaps figures to compare with, so they are told."""

    def __init__(self, found: Recognised, rules: Rules) -> None:
        self._rule, self._rules = found.rule, rules
        self._tables = {id(table.sheet): table for table in (*found.sheets, *found.left)}
        self._read = {id(table.sheet) for table in found.sheets}
        self._named = any(t.names_itself or title_of(t.grid[: t.head.place], rules) for t in found.sheets)
        self.parts: list[_Place] = []
        self.findings: list[Finding] = []

    def own(self, sheets: list[Sheet]) -> list[Sheet]:
        """Return the sheets with the first form's rows only."""
        own = []
        for sheet in sheets:
            table = self._tables.get(id(sheet))
            if form := self._find_form_of(sheet, table):
                self.parts.append(_Place(form, sheet, whole=True))
            else:
                own.append(self._cut(table) if table and id(sheet) in self._read else sheet)
        return own

    def _find_form_of(self, sheet: Sheet, table: SheetTable | None) -> FormRule | None:
        """Return the other form that a whole sheet is: it says so, or has all its columns; and it has rows."""
        if sheet.hidden or sheet.very_hidden or is_sample(sheet) or (table and not table.head.missing):
            return None
        grid = top(sheet, self._rules)
        said = _find_said(sheet, self._rules)
        form = said or (None if table else by_columns([grid], self._rules))
        if form is None or not self._may_stand_beside(form):
            return None
        names = names_of(form, self._rules)
        head = names.find(grid)
        if head is None or 2 * head.score[0] < len(names.required) or (head.missing and not said):
            return None
        if not _has_rows(sheet, head.place + 1):
            return None
        if said or not self._named or "customer" in read_pairs(grid[: head.place], sheet, self._rules).values:
            return form
        self.findings.append(Finding("sheet.form_unnamed", sheet.name, value=sheet.name, facts=form.facts))
        return None

    def _cut(self, table: SheetTable) -> Sheet:
        """Return a sheet without the tables of other forms that stand over and under the form's own."""
        sheet, first, after, rules = table.sheet, 0, table.sheet.height, self._rules
        above = [one for one in heads_above(table, self._rule, rules) if self._may_stand_beside(one[0])]
        if len(above) == 1:
            form, head = above[0]
            end = block_above(table, (form, self._rule), rules, table.head.place, head + 1)
            if self._says(sheet.part(0, end), form) and (parts := list(_make_place(form, sheet, 0, end, head))):
                self.parts += parts
                first = end
        if (other := stretches(table, self._rule, rules).other) and self._may_stand_beside(other[0]):
            form, after = other
            parts = list(_make_place(form, sheet, after, sheet.height, after))
            if self._says(sheet.part(after, sheet.height), form):
                self.parts += parts
            else:
                self.findings += [replace(_tell(part), code="table.form_unnamed") for part in parts]
        return sheet.part(first, after) if first or after < sheet.height else sheet

    def _says(self, part: Sheet, form: FormRule) -> bool:
        return not self._named or _find_said(part, self._rules) is form

    def _may_stand_beside(self, form: FormRule) -> bool:
        return form is not self._rule and form.operator == self._rule.operator


def _find_said(sheet: Sheet, rules: Rules) -> FormRule | None:
    """Return the form that a sheet's code or title says that it is."""
    grid = top(sheet, rules)
    code = read_pairs(grid, sheet, rules).values.get("form")
    return (by_code([code.text], rules) if code else None) or title_of(grid, rules)


def _make_place(form: FormRule, sheet: Sheet, first: int, after: int, head: int) -> Iterator[_Place]:
    if _has_rows(sheet, head + 1, after):
        yield _Place(form, sheet.part(first, after), whole=False)


def _has_rows(sheet: Sheet, first: int, after: int | None = None) -> bool:
    """Return whether under a header there is a line of two values or more, with a digit in it."""
    for place in sheet.filled_places(first, sheet.height if after is None else after):
        texts = sheet.row(place).values()
        if len(texts) >= 2 and any(re.search(r"\d", text) for text in texts):
            return True
    return False


def _find_pairs_over_all(found: Recognised, parts: Sequence[_Place], rules: Rules) -> Pairs:
    """Return the Customer and the month that a workbook says anywhere, for forms that do not say them."""
    covers = [found.pairs]
    for part in parts:
        grid = top(part.sheet, rules)
        head = names_of(part.rule, rules).find(grid)
        covers.append(read_pairs(grid[: head.place] if head else grid, part.sheet, rules))
    pairs = with_covers(Pairs({}), [_only_over_all(cover) for cover in covers])
    return replace(pairs, findings=tuple(f for f in pairs.findings if f.code != "header.conflict"))


def _only_over_all(pairs: Pairs) -> Pairs:
    return Pairs({key: cell for key, cell in pairs.values.items() if key in _OVER_ALL}, pairs.findings)


def _tell(part: _Place) -> Finding:
    """Return where another form stands, which is read by itself."""
    sheet, facts = part.sheet, part.rule.facts
    if part.whole:
        return Finding("sheet.form_apart", sheet.name, value=sheet.name, facts=facts)
    place = next(iter(sheet.filled_places(0, sheet.height)), 0)
    row = sheet.first_row + place
    return Finding("table.form_apart", sheet.name, f"A{row}", facts={**facts, "row_number": str(row)})
