"""Restyling: every document on made-up data, its golden text, and `check` that names what a template misspells."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from inbox_worker.cli.homes import check_home, make_home
from inbox_worker.outbox.preview import write_preview
from inbox_worker.outbox.publish import KINDS
from inbox_worker.settings.config import ConfigError
from inbox_worker.settings.delivery_rules import DOCUMENT_KINDS
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import Rules
from tests.documents.golden import GOLDEN, pages
from tests.documents.made import KINDS as WORKBOOKS
from tests.support.office import ROOT

WANTED = {
    "act.docx",
    "turnover.xlsx",
    "distribution.xlsx",
    "debtors.xlsx",
    "bill-rows.xlsx",
    "payments.xlsx",
    "payments.csv",
    "directory.xlsx",
    "close-protocol.xlsx",
    "bills.pdf",
    "report.html",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_way_out_and_its_name(kind: str, rules: Rules) -> None:
    """Without them it would leave with the letter of `other` documents, by a rule that nobody wrote."""
    assert kind in DOCUMENT_KINDS and kind in rules.delivery.kinds, (
        "add it to settings/delivery_rules.py, delivery.yaml"
    )
    assert f"document.{kind}" in rules.texts.spoken, "add the text to rules/texts/screens.yaml"


def test_every_workbook_is_proved_with_the_others() -> None:
    """What holds for all of them (live totals, strangers' texts, large sums) is proved of those that made.py lists."""
    remedy = "add it to KINDS, workbook, tortured and with_sums of tests/documents/made.py"
    assert set(WORKBOOKS) == set(KINDS) - {"act", "bills"}, remedy


@pytest.mark.usefixtures("libreoffice")
def test_pages_are_the_golden_ones() -> None:
    """Changed on purpose and looked at? `python -m tests.documents.golden` writes them anew."""
    made, kept = pages(), {path.name for path in GOLDEN.iterdir()}
    assert kept - set(made) <= {"act.txt"}, "without LibreOffice the act alone is not compared"
    assert set(made) <= kept, "every kind of document has its golden text: `python -m tests.documents.golden`"
    for name, text in made.items():
        assert text == (GOLDEN / name).read_text("utf-8"), name


@pytest.mark.slow
def test_preview_has_every_document_and_the_same_bytes_again(rules: Rules, tmp_path: Path) -> None:
    first = write_preview(load_home(ROOT), rules, tmp_path / "one")
    again = write_preview(load_home(ROOT), rules, tmp_path / "two")
    names = {path.name.split("-2026")[0] + path.suffix for path in first}
    assert names >= WANTED
    for one, two in zip(first, again, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_a_fresh_home_is_well(home: Path) -> None:
    assert check_home(home) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("bill.typ", "bill.advance", "bill.advance_it"),
        ("month.html", "row.debt", "row.debts"),
        ("sums.svg", "bar.value", "bar.values"),
    ],
)
def test_check_names_the_template_and_what_it_misspells(name: str, right: str, wrong: str, home: Path) -> None:
    template = home / "templates/documents" / name
    template.write_text(template.read_text("utf-8").replace(right, wrong), "utf-8")
    (problem,) = check_home(home)
    assert f"templates/documents/{name}" in problem
    assert wrong.split(".")[1] in problem


def test_check_tries_the_word_template_too(home: Path) -> None:
    template = home / "templates/documents/act.docx"
    with ZipFile(template) as source:
        parts = {part: source.read(part) for part in source.namelist()}
    with ZipFile(template, "w") as target:
        for part, body in parts.items():
            target.writestr(part, body.replace(b"{{ words_kk }}", b"{{ words_uz }}"))
    (problem,) = check_home(home)
    assert "act.docx" in problem and "words_uz" in problem


def test_a_template_that_staff_removed_is_the_shipped_one(home: Path) -> None:
    shutil.rmtree(home / "templates/documents")
    assert check_home(home) == []


def test_an_unknown_field_of_the_code_is_named(home: Path) -> None:
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("{account};", "{acount};"), "utf-8")
    with pytest.raises(ConfigError, match=r"bills\.qr: .*\{acount\} here; did you mean 'account'"):
        load_home(home)
