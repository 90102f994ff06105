"""Find sheets with rows of a form that were not read, or may not be meant (4.1.15)."""

from __future__ import annotations

from inbox_worker.core.model import Finding
from inbox_worker.forms.own_help import find_instructed
from inbox_worker.forms.recognise import Recognised
from inbox_worker.forms.rows import select_rows
from inbox_worker.forms.sheets_of_form import has_rows_like, is_sample, says_sample
from inbox_worker.forms.tables import stretches
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet


def find_lost(found: Recognised, rules: Rules) -> list[Sheet]:
    """Return the sheets that are not read although people see them and they have rows of the form: it is no sample, and
    a form is not taken by half (4.1.15). The instruction of our own blank is no sample either: no row stands there."""
    rule = found.rule
    seen = [table for table in found.left if not (table.sheet.hidden or says_sample(table))]
    lost = [t.sheet for t in seen if len(select_rows(t, rule, rules, stretches(t, rule, rules).places).places)]
    bare = [s for s in found.headless if not (s.hidden or is_sample(s)) or find_instructed(s, rules)]
    return [*lost, *(sheet for sheet in bare if has_rows_like(sheet, found.sheets[0], rule, new=True))]


def find_set_aside(found: Recognised, rules: Rules) -> list[Finding]:
    """Return an error for each of several sheets whose name says that it is not the one that counts, and that has rows.
    Alone it is the form: somebody sent what he was at work on."""
    tables, rule = found.sheets, found.rule
    named = [table for table in tables if rules.vocabulary.around.set_aside.stand_in(table.sheet.name)]
    return [
        Finding("sheet.set_aside", table.sheet.name, value=table.sheet.name)
        for table in (named if len(tables) > 1 else ())
        if len(select_rows(table, rule, rules, stretches(table, rule, rules).places).places)
    ]
