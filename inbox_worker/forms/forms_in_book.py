"""Forms of several kinds in one workbook, on sheets of their own or one under another: each is read by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inbox_worker.core.model import Finding
from inbox_worker.forms.header import Pairs, read_pairs
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.recognise import Recognised, by_code, by_columns, recognise, title_of, top
from inbox_worker.forms.sheets_of_form import SheetTable, with_covers
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
    own, parts = _divide(found, list(sheets), rules)
    if not parts and list(map(id, own)) == list(map(id, sheets)):
        return FormsInBook(found)
    others = tuple(dict.fromkeys(part.rule.form for part in parts))
    over_all = _find_pairs_over_all(found, parts, rules)
    if form in others:
        rest = [part.sheet for part in parts if part.rule.form == form]
        again = recognise(rest, rules, rules.forms[form], over_all)
        return FormsInBook(again) if again else None
    first = recognise(own, rules, found.rule, over_all)
    return FormsInBook(first or found, others, tuple(map(_tell, parts)))


def _divide(found: Recognised, sheets: list[Sheet], rules: Rules) -> tuple[list[Sheet], list[_Place]]:
    """Return the sheets with the first form's rows only, and the parts that are other forms."""
    tables = {id(table.sheet): table for table in (*found.sheets, *found.left)}
    read = {id(table.sheet) for table in found.sheets}
    own: list[Sheet] = []
    parts: list[_Place] = []
    for sheet in sheets:
        table = tables.get(id(sheet))
        form = _find_form_of_sheet(sheet, table, found.rule, rules)
        if form:
            parts.append(_Place(form, sheet, whole=True))
        elif table and id(sheet) in read:
            kept, cut = _cut(table, found.rule, rules)
            own.append(kept)
            parts += cut
        else:
            own.append(sheet)
    return own, parts


def _find_form_of_sheet(sheet: Sheet, table: SheetTable | None, rule: FormRule, rules: Rules) -> FormRule | None:
    """Return the other form that a whole sheet is: it says so, or has all its columns; and it has rows."""
    if sheet.hidden or sheet.very_hidden or (table and not table.head.missing):
        return None
    grid = top(sheet, rules.limits.header_search_rows)
    pairs = read_pairs(grid, sheet, rules)
    code = pairs.values.get("form")
    said = (by_code([code.text], rules) if code else None) or title_of(grid, rules)
    form = said or (None if table else by_columns([grid], rules))
    if form is None or not _may_stand_beside(form, rule):
        return None
    head = names_of(form, rules).find(grid)
    if head is None or 2 * head.score[0] < len(names_of(form, rules).required) or (head.missing and not said):
        return None
    return form if _has_rows(sheet, head.place + 1) else None


def _may_stand_beside(form: FormRule, rule: FormRule) -> bool:
    return form is not rule and form.operator == rule.operator


def _cut(table: SheetTable, rule: FormRule, rules: Rules) -> tuple[Sheet, list[_Place]]:
    """Return a sheet without the tables of other forms that stand over and under the form's own, and those."""
    sheet, first, after, parts = table.sheet, 0, table.sheet.height, list[_Place]()
    above = [one for one in heads_above(table, rule, rules) if _may_stand_beside(one[0], rule)]
    if len(above) == 1:
        form, head = above[0]
        end = block_above(table, (form, rule), rules, table.head.place, head + 1)
        parts += _make_place(form, sheet, 0, end, head)
        first = end if parts else 0
    if (other := stretches(table, rule, rules).other) and _may_stand_beside(other[0], rule):
        form, after = other
        parts += _make_place(form, sheet, after, sheet.height, after)
    return (sheet.part(first, after) if first or after < sheet.height else sheet), parts


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
        grid = top(part.sheet, rules.limits.header_search_rows)
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
