"""Russian and Kazakh words are data (rules/, templates/); which modules still hold some is a list that gets shorter."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.support.office import ROOT

CYRILLIC = re.compile("[\u0400-\u04ff]")
DATA = ("demo/",)  # the sample town's people, streets and letters
LEFT: dict[str, int] = {
    # letters compared, alphabets, tables of look-alikes
    "arrival/decoding.py": 2,
    "form/column_numbers.py": 3,
    "form/csv_cells.py": 1,
    "likeness.py": 17,
    "spelling.py": 3,
    # codes of rules and names of columns of SQL (bases such as м², the label БИН in texts for developers)
    "close/differences.py": 5,
    "commands/months.py": 1,
    "commands/outbox.py": 1,
    "commands/showcase.py": 1,
    "commands/taking_in.py": 1,
    "documents/bills.py": 2,
    "explaining/charge_figures.py": 5,
    "form_rules.py": 5,
    "intake/admission.py": 2,
    "office_rules.py": 1,
    "settings.py": 3,
    # recognised: what strangers' forms and letters say, as patterns
    "answering/replies.py": 1,
    "arrival/returns.py": 2,
    "decision/checks.py": 4,
    "decision/directory_checks.py": 4,
    "decision/party_checks.py": 1,
    "form/beside.py": 7,
    "form/bilingual.py": 5,
    "form/blank.py": 4,
    "form/days_in_words.py": 55,
    "form/exact.py": 1,
    "form/extra_columns.py": 2,
    "form/footers.py": 4,
    "form/group_rows.py": 3,
    "form/header.py": 64,
    "form/heads.py": 4,
    "form/nothing.py": 2,
    "form/ods_cells.py": 1,
    "form/senses.py": 2,
    "form/sheets_of_form.py": 1,
    "form/shown_otherwise.py": 47,
    "form/texts.py": 1,
    "form/totals.py": 3,
    "form/values.py": 4,
    "form/words.py": 10,
    "form/workbook.py": 1,
    "outbox/trouble.py": 5,
    "vocabulary.py": 1,
    # names of files, folders and sheets, that programs address, and marks that explain reads back
    "dispatch/cancelling.py": 2,
    "documents/bill_rows.py": 1,
    "documents/close_protocol.py": 5,
    "documents/debtors.py": 2,
    "documents/directory.py": 1,
    "documents/distribution.py": 3,
    "documents/payments.py": 1,
    "documents/turnover.py": 1,
    "files.py": 1,
    "form/protocol.py": 1,
    "ledger/book.py": 7,
    "ledger/closes.py": 1,
    "outbox/covering.py": 1,
    "outbox/manifest.py": 2,
    "publishing/bills.py": 1,
    "publishing/papers.py": 1,
    "sheet_columns.py": 1,
    "sheets.py": 1,
    # grammar of the two languages: months, sums in words, where a parenthesis stands
    "documents/receipt_words.py": 1,
    "documents/view.py": 1,
    "money.py": 4,
    # made-up data of `documents --preview`
    "documents/sample.py": 20,
    # still words for people: to be moved
    "documents/month_page.py": 21,
    "form/findings_sheet.py": 14,
    "form/task.py": 8,
    "form/typing.py": 3,
    "form/unread.py": 4,
}


def _strings(source: str) -> Iterator[str]:
    """Texts of a module without its docstrings."""
    tree = ast.parse(source)
    told = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def _has_docstring(node: ast.AST) -> bool:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
        return False
    return isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)


def test_words_for_people_and_vocabulary_are_data() -> None:
    """A module that holds more Cyrillic strings than it is listed with has new words: move them to rules/texts or
    rules/vocabulary.yaml. One with fewer: shorten the list."""
    found = {}
    for path in sorted((ROOT / "inbox_worker").rglob("*.py")):
        name = path.relative_to(ROOT / "inbox_worker").as_posix()
        count = sum(bool(CYRILLIC.search(text)) for text in _strings(path.read_text("utf-8")))
        if count and not name.startswith(DATA):
            found[name] = count
    assert found == LEFT
