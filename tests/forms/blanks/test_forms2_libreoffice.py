"""LibreOffice opens every blank and keeps what it promises, as .xlsx and as .ods; what it saves is still our form."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from forms2_blanks import FEW_QUICK, ROOT, RULES, STAND_FOR_ALL, filled, header_row
from openpyxl.utils import get_column_letter, range_boundaries

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.cells import CellReader
from tests.support.once import build_once

ROUTES = pytest.mark.parametrize("route", ["xlsx", "ods"])
LEAST_ROWS = 1000  # LibreOffice cuts a drop-down that reaches far below the last row with cells


@dataclass(frozen=True)
class Kept:
    """Folders of what LibreOffice made: `xlsx` and `ods` of blanks and of `<form>.filled`, `back`: ods as xlsx."""

    folder: Path

    def book(self, rule: FormRule, route: str) -> openpyxl.Workbook:
        """The blank after LibreOffice saved it; .ods by way of one more saving, openpyxl does not read it."""
        return opened(self.folder / ("back" if route == "ods" else "xlsx") / f"{rule.form}.xlsx")

    def filled(self, rule: FormRule, route: str) -> bytes:
        return (self.folder / route / f"{rule.form}.filled.{route}").read_bytes()


@cache
def opened(path: Path) -> openpyxl.Workbook:
    """A workbook that nobody changes."""
    return openpyxl.load_workbook(path)


def blank_of(rule: FormRule) -> Path:
    return ROOT / "templates" / "forms" / f"{rule.form}.xlsx"


def converted(soffice: Path, folder: Path, to: str, into: str, files: list[Path]) -> None:
    """One start of LibreOffice for all files."""
    command = [str(soffice), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--nolockcheck", "--convert-to", to, "--outdir", str(folder / into), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    assert len(list((folder / into).iterdir())) == len(files), "LibreOffice left a file out"


@pytest.fixture(scope="module")
def kept_few(tmp_path_factory: pytest.TempPathFactory, soffice: Path) -> Kept:
    return kept_of(tmp_path_factory, soffice, STAND_FOR_ALL)


@pytest.fixture(scope="module")
def kept_all(tmp_path_factory: pytest.TempPathFactory, soffice: Path) -> Kept:
    return kept_of(tmp_path_factory, soffice, tuple(RULES.forms))


@pytest.fixture
def kept(request: pytest.FixtureRequest, rule: FormRule) -> Kept:
    """Only the slow run waits for LibreOffice to save every form."""
    found: Kept = request.getfixturevalue("kept_few" if rule.form in STAND_FOR_ALL else "kept_all")
    return found


def kept_of(tmp_path_factory: pytest.TempPathFactory, soffice: Path, forms: tuple[str, ...]) -> Kept:
    rules = [RULES.forms[form] for form in forms]
    return build_once(tmp_path_factory, f"libreoffice-{len(rules)}", lambda folder: saved(soffice, folder, rules))


def saved(soffice: Path, folder: Path, rules: list[FormRule]) -> Kept:
    sources = [blank_of(rule) for rule in rules]
    for rule in rules:
        sources.append(folder / f"{rule.form}.filled.xlsx")
        sources[-1].write_bytes(filled(rule))
    converted(soffice, folder, "xlsx", "xlsx", sources)
    converted(soffice, folder, "ods", "ods", sources)
    converted(soffice, folder, "xlsx", "back", [folder / "ods" / f"{rule.form}.ods" for rule in rules])
    return Kept(folder)


def validations(book: openpyxl.Workbook) -> dict[str, tuple[object, ...]]:
    """Column letter -> what is asked there, how strictly, in which words."""
    found: dict[str, tuple[object, ...]] = {}
    for v in book.worksheets[0].data_validations.dataValidation:
        for place in str(v.sqref).split():
            left, top, right, bottom = range_boundaries(place)
            assert bottom - top + 1 >= LEAST_ROWS, (place, v.type)
            source = str(v.formula1).replace("'", "")
            second = v.formula2 if v.type != "list" else None
            asked = (top, v.type, source, second, v.errorStyle or "stop", v.showErrorMessage, v.errorTitle, v.error)
            found |= {get_column_letter(column): asked for column in range(left, right + 1)}
    return found


@pytest.mark.quick(0)
@ROUTES
@pytest.mark.parametrize("rule", FEW_QUICK)
def test_drop_downs_and_asked_kinds_stay(kept: Kept, rule: FormRule, route: str) -> None:
    ours, theirs = opened(blank_of(rule)), kept.book(rule, route)
    assert validations(theirs) == validations(ours)
    lists = [[cell.value for cell in row] for row in ours["Списки"].iter_rows()]
    assert [[cell.value for cell in row] for row in theirs["Списки"].iter_rows()] == lists


@pytest.mark.quick(0)
@ROUTES
@pytest.mark.parametrize("rule", FEW_QUICK)
def test_headers_stay_and_the_top_stays_locked(kept: Kept, rule: FormRule, route: str) -> None:
    ours, theirs = opened(blank_of(rule)).worksheets[0], kept.book(rule, route).worksheets[0]
    top = header_row(theirs, rule)
    assert top == header_row(ours, rule)
    assert theirs.protection.sheet and not theirs.protection.password
    assert theirs.protection.insertRows is False, "rows may be added"
    for place in range(1, len(rule.columns) + 1):
        assert not theirs.cell(top, place).protection.locked
        assert theirs.cell(top, place).comment.text == ours.cell(top, place).comment.text
        width = next(d for d in theirs.column_dimensions.values() if d.min <= place <= d.max)
        assert not width.protection.locked, get_column_letter(place)
    for row in range(2, top):
        for place in (1, 2):
            assert theirs.cell(row, place).value == ours.cell(row, place).value
            assert theirs.cell(row, place).protection.locked == ours.cell(row, place).protection.locked, (row, place)


@ROUTES
@pytest.mark.parametrize("rule", FEW_QUICK)
def test_instruction_in_both_languages_and_its_example_stay(kept: Kept, rule: FormRule, route: str) -> None:
    ours, theirs = opened(blank_of(rule)), kept.book(rule, route)
    assert theirs.sheetnames == ours.sheetnames and "Инструкция" in theirs.sheetnames
    told = [[cell.value or "" for cell in row] for row in theirs["Инструкция"].iter_rows()]
    assert told == [[cell.value or "" for cell in row] for row in ours["Инструкция"].iter_rows()]
    words = {text for row in told for text in row}
    assert f"Как заполнить: {rule.title.ru} (п. {rule.clause})" in words
    assert f"Қалай толтыру керек: {rule.title.kk} ({rule.clause}-т.)" in words
    assert {column.example for column in rule.columns if column.example} <= words


@ROUTES
@pytest.mark.parametrize("rule", FEW_QUICK)
def test_code_and_version_stay_as_defined_names(kept: Kept, rule: FormRule, route: str) -> None:
    book = kept.book(rule, route)
    found = {}
    for name in ("form_code", "form_version"):
        [(sheet, cell)] = book.defined_names[name].destinations
        found[name] = book[sheet][cell.replace("$", "")].value
    assert found == {"form_code": rule.form, "form_version": rule.version}


@ROUTES
@pytest.mark.parametrize("rule", FEW_QUICK)
def test_our_reader_knows_what_libreoffice_saved(kept: Kept, rule: FormRule, route: str, reader: CellReader) -> None:
    ours = read_form(filled(rule), "форма.xlsx", RULES, reader)
    theirs = read_form(kept.filled(rule, route), f"форма.{route}", RULES, reader)
    assert isinstance(ours, FormTable) and isinstance(theirs, FormTable)
    assert (theirs.form, theirs.version, theirs.findings) == (rule.form, rule.version, ())
    assert theirs.rows.num_rows == 1 and theirs.rows.to_pylist() == ours.rows.to_pylist()
