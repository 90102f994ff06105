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
    "receiving/decoding.py": 2,
    "forms/rows.py": 4,
    "workbooks/csv_cells.py": 1,
    "workbooks/bank_1c.py": 5,
    "settings/likeness.py": 18,
    "core/text.py": 5,
    "receiving/letter_language.py": 3,
    # codes of rules and names of columns of SQL (bases such as м², the label БИН in texts for developers)
    "month/spark.py": 1,
    "month/differences.py": 3,
    "cli/months.py": 2,
    "cli/suspense.py": 1,
    "cli/outbox.py": 1,
    "cli/demo.py": 1,
    "cli/intake.py": 1,
    "explain/charge_figures.py": 5,
    "settings/form_rules.py": 5,
    "settings/vocabulary.py": 1,
    "forms/cell_units.py": 5,
    "deciding/admit.py": 2,
    "settings/delivery_rules.py": 1,
    "settings/config.py": 3,
    # recognised: what strangers' forms and letters say, as patterns
    "deciding/replies.py": 1,
    "receiving/delivery_reports.py": 2,
    "deciding/checks.py": 4,
    "deciding/directory_checks.py": 4,
    "ledger/act_answers.py": 1,
    "forms/beside.py": 7,
    "forms/bilingual.py": 9,
    "forms/blank.py": 2,
    "forms/blank_values.py": 2,
    "forms/days_in_words.py": 152,
    "forms/several_values.py": 3,
    "forms/decimals.py": 1,
    "forms/extra_columns.py": 2,
    "forms/footers.py": 4,
    "forms/group_rows.py": 3,
    "forms/heads.py": 4,
    "forms/moments.py": 4,
    "forms/nothing.py": 2,
    "workbooks/ods_cells.py": 1,
    "forms/sheets_of_form.py": 1,
    "workbooks/shown_otherwise.py": 47,
    "forms/text_values.py": 1,
    "forms/totals.py": 3,
    "forms/values.py": 7,
    "forms/years_beside.py": 1,
    "forms/sheet_words.py": 11,
    "workbooks/cells.py": 1,
    "outbox/trouble.py": 5,
    # names of files, folders and sheets, that programs address, and marks that explain reads back
    "documents/bill_rows.py": 1,
    "documents/close_protocol.py": 5,
    "documents/debtors.py": 1,
    "documents/directory.py": 1,
    "documents/distribution.py": 1,
    "documents/payments.py": 1,
    "documents/turnover.py": 1,
    "core/files.py": 1,
    "workbooks/jail_protocol.py": 1,
    "documents/ledger_book.py": 8,
    "ledger/closes.py": 1,
    "outbox/cover_letters.py": 1,
    "outbox/manifest.py": 2,
    "outbox/publish_bills.py": 1,
    "outbox/publish.py": 1,
    "documents/sheet_columns.py": 1,
    # grammar of the two languages: months, sums in words, where a parenthesis stands
    "outbox/receipt_words.py": 1,
    "documents/view.py": 1,
    "core/money.py": 4,
    # made-up data of `documents --preview`
    "outbox/sample.py": 22,
    # still words for people: to be moved
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
    more = {name: count for name, count in found.items() if count > LEFT.get(name, 0)}
    assert more == {}, "move these words to rules/texts; a sheet's name or a label for programs: count it in LEFT"
    assert found == LEFT, "there are fewer words than before: shorten LEFT"
