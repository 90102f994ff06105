"""Every finding of the reading stage has words in both languages."""

from __future__ import annotations

import re
import string

from form_books import ROOT

from inbox_worker.forms.values import NotExact
from inbox_worker.settings.texts import shipped_texts

FACTS = {
    "unit", "into", "into_kk",
    "value", "column", "column_kk", "title", "title_kk", "version", "first", "last", "count", "sum", "places",
    "choices", "choices_kk", "seconds", "known", "kind",
    "row_number", "number", "format", "format_kk",
    "stood", "range", "own", "own_kk", "names", "usual", "read", "near", "found", "found_kk", "missing", "missing_kk",
    "form_sheet", "cell", "cells", "small", "large", "letter", "label", "size", "least",
    "line", "part", "comment", "columns", "columns_kk", "shown",
    "layout", "layouts", "encoding", "stated", "counted", "extra", "year", "year_column", "month",
}  # fmt: skip


def codes() -> set[str]:
    found = {problem.value for problem in NotExact}
    for path in (path for room in ("forms", "workbooks") for path in (ROOT / "inbox_worker" / room).glob("*.py")):
        found |= set(re.findall(r'"((?!xl/)[a-z]+\.[a-z_]+)"', path.read_text("utf-8")))
    found -= shipped_texts().written.of.keys()  # words of blanks
    return {code for code in found if not code.endswith((".xlsx", ".xls", ".xml", ".zip"))}


def test_every_code_used_has_words(rules) -> None:
    assert len(codes()) > 40
    assert codes() - set(rules.findings) == set()


def test_words_name_only_facts_that_findings_carry(rules) -> None:
    for code in codes():
        rule = rules.findings[code]
        for text in (rule.ru, rule.kk, rule.remedy_ru, rule.remedy_kk):
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert named <= FACTS, (code, named)
        assert rule.clause and rule.remedy_ru and rule.remedy_kk
        assert re.search("[әіңғүұқөһ]", rule.kk + rule.remedy_kk), code


def test_a_sample_is_never_told_as_the_value_to_write(rules) -> None:
    sample = re.compile(r"(?:\d\d\.){1,2}20\d\d")
    for code, rule in rules.findings.items():
        for text, before, after in (
            (rule.remedy_ru, r"(?:например|вида)\W+(?:№ 4 от )?", ""),
            (rule.remedy_kk, r"мысалы\W+", " түрінде"),
        ):
            for found in sample.finditer(text):
                named = re.search(f"{before}$", text[: found.start()])
                assert named or (after and text[found.end() :].startswith(after)), (code, text)
