"""A file's bytes -> the form in it, typed, with every cell's address; or the findings that say why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.bank_files import BankFiles
from inbox_worker.forms.form_table import make_table
from inbox_worker.forms.forms_in_book import find_forms
from inbox_worker.forms.recognise import find_in_stranger, known_words
from inbox_worker.forms.sheets_of_form import is_our_list
from inbox_worker.forms.text_lines import open_quote
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.preflight import TimeBudget, Unreadable, date_shift, glance
from inbox_worker.workbooks.sniff import Kind


def read_form(
    data: bytes,
    name: str,
    rules: Rules,
    reader: CellReader,
    watch: TimeBudget | None = None,
    meanwhile: Callable[[], None] = lambda: None,
    form: str = "",
) -> FormTable | tuple[Finding, ...]:
    """Reads a stranger's file as a form (4.1.15). `watch` keeps what it took, for the steps after; `meanwhile` is done
    while the reading process is at work; `form`: which form of a workbook that holds several, '' = the first.

    Findings alone come back when there is no form in it: not a workbook, locked, too large, unknown. A form whose
    table or required column is missing comes back without rows, its header known. Raises ReaderFailure (ours) only.
    """
    watch = watch or TimeBudget()
    with watch:
        seen = glance(data, name, rules.limits)
    banks = BankFiles(rules, reader, watch)
    if (laid := banks.read_text(data, name, seen.kind)) is not None:
        return laid
    if seen.findings:
        return seen.findings
    reader.prepare()
    words = known_words(rules) if seen.kind in (Kind.CSV, Kind.XLS) else ()
    try:
        with watch:
            book = reader.read(data, seen.kind.value, watch, meanwhile, words)
    except Unreadable as error:
        return (replace(error.finding, value=name),)
    if unclosed := open_quote(book.sheets):
        return (unclosed,)
    shift = date_shift(data)
    sheets = [replace(sheet, shift=shift) for sheet in book.sheets if not is_our_list(sheet)]
    if seen.kind is not Kind.CSV and (laid := banks.read_book(sheets, name)) is not None:
        return laid
    held = find_forms(sheets, rules, form) if sheets else None
    return make_table(held, rules, seen) if held else (*find_in_stranger(sheets, name, rules), *banks.near_book(sheets))
