"""Every finding code that the program can say stands in the catalogue, in both languages; and none is idle."""

from __future__ import annotations

import ast
import re
from functools import cache, lru_cache
from pathlib import Path

from inbox_worker.cli.main import app
from inbox_worker.settings.duty_rules import DUTIES
from inbox_worker.settings.shipped_rules import shipped_findings
from inbox_worker.settings.text_conflicts import EARLIER
from tests.support.office import ROOT
from tests.support.slips import read

CATALOGUE = read(ROOT / "rules" / "findings.yaml")
TEXTS = {  # codes of words that are no findings
    code for file in (ROOT / "rules" / "texts").glob("*.yaml") for code in read(file)
}
SUBJECTS = {code.split(".")[0] for code in CATALOGUE}
KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)
FILES = {
    ".yaml",
    ".eml",
    ".xlsx",
    ".py",
    ".json",
    ".db",
    ".docx",
    ".parquet",
    ".sql",
    ".xml",
    ".zip",
    ".pdf",
    ".csv",
    ".html",
    ".tsr",
}
FINDINGS = shipped_findings()
# told to staff alone, who load a register of ours, or hear of a fault of ours
OF_COMMANDS = {"arrival.failed", "form.not_a_register", "register.past_month", "stop.closed"}
COMMANDS = {command.name or command.callback.__name__ for part in app.registered_groups if part.typer_instance
            for command in part.typer_instance.registered_commands if command.callback}  # fmt: skip


@lru_cache(maxsize=1)
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _texts(path: Path) -> set[str]:
    """String constants of a module, docstrings aside: they are longer than a code."""
    return {
        node.value for node in ast.walk(_tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _codes_of(path: Path) -> set[str]:
    found = set()
    for text in _texts(path):
        shaped = re.fullmatch(r"([a-z_]+)\.[a-z_]+", text)
        if shaped and shaped[1] in SUBJECTS and (text in CATALOGUE or Path(text).suffix not in FILES):
            found.add(text)
    return found


def _first_words(path: Path) -> set[str]:
    """Literal codes given to `Finding(...)` and `note(...)`, whatever their subject."""
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.add(code.value)
    return found


def _modules() -> list[Path]:
    return [path for path in (ROOT / "inbox_worker").rglob("*.py") if "demo" not in path.parts]


def test_every_code_said_stands_in_the_catalogue() -> None:
    said = {code: path.name for path in _modules() for code in _codes_of(path) | _first_words(path)}
    assert len(said) > 60, "the search finds too little to prove anything"
    lost = {code: where for code, where in said.items() if code not in {*CATALOGUE, *TEXTS, *DUTIES, *EARLIER}}
    assert lost == {}, "write its weight, clause and words into rules/findings.yaml"


def test_no_code_is_a_finding_and_another_text() -> None:
    assert TEXTS & set(CATALOGUE) == set()


def test_every_code_of_the_catalogue_is_said_somewhere() -> None:
    said = {code for path in _modules() for code in _codes_of(path)}
    assert sorted(set(CATALOGUE) - said) == [], "no module says it: take it out of rules/findings.yaml"


def test_every_code_has_words_and_a_remedy_in_both_languages() -> None:
    lacking = []
    for code, entry in CATALOGUE.items():
        words = {name: entry.get(name, "").strip() for name in ("ru", "kk", "remedy_ru", "remedy_kk")}
        kazakh = KAZAKH.search(words["kk"] + words["remedy_kk"])
        differs = words["ru"] != words["kk"] and words["remedy_ru"] != words["remedy_kk"]
        if not all(words.values()) or not kazakh or not differs:
            lacking.append(code)
        assert entry["severity"] in ("error", "warning", "info"), code
    assert lacking == [], "ru, kk, remedy_ru and remedy_kk are needed in rules/findings.yaml, Kazakh in its own words"


def test_no_remedy_speaks_to_staff_or_names_a_command() -> None:
    assert {"confirm", "admit", "retry"} <= COMMANDS
    known = re.compile(rf"(?i)отруднику:|ызметкерге:|inbox-worker|\b({'|'.join(map(re.escape, COMMANDS))})\b")
    speak = {code for code, rule in FINDINGS.items() if known.search(f"{rule.remedy_ru} {rule.remedy_kk}")}
    assert speak == OF_COMMANDS


def test_what_staff_do_is_worded_in_both_languages() -> None:
    told = {code: (rule.staff_ru, rule.staff_kk) for code, rule in FINDINGS.items() if rule.staff_ru or rule.staff_kk}
    assert len(told) > 10 and all(ru and kk and ru != kk for ru, kk in told.values())


def _strings(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _expected_of(path: Path) -> set[str]:
    """Codes that tests of a module expect: in what they assert, ask `finding(...)` for, or are run with."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", "") or getattr(called, "id", "")
        if isinstance(node, ast.Assert) or name in ("finding", "refused", "param", "parametrize"):
            found |= _strings(node)
    return found


def test_every_code_of_the_catalogue_has_a_test_that_expects_it() -> None:
    """A code that is only mentioned, in a made-up finding or a comment, counts as untested."""
    expected = {code for path in (ROOT / "tests").rglob("test_*.py") for code in _expected_of(path)}
    for path in (ROOT / "tests").rglob("expected.yaml"):
        expected |= {code for entry in read(path).values() for code in entry["codes"]}
    for path in (ROOT / "tests" / "receiving" / "mail").glob("*.yaml"):  # one odd letter each
        expected |= {code.split()[0] for code in read(path)["findings"]}
    untested = sorted(set(CATALOGUE) - expected)
    assert untested == [], "write a test that expects it, in an assert or answer.finding(...)"
