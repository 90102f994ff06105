"""4.1.15: one form by several writers reads to the same rows; an error in any of its cells is never empty."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from writers import SPELLINGS, WRITERS, by_openpyxl, by_xlsxwriter, rows_of, with_error

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import BINS, ROOT, TownOffice, customer, line

RULES = load_rules(ROOT / "rules")
FORMS = [pytest.param(rule, id=rule.form) for rule in RULES.forms.values()]
REFUSED = {"value.error_cell", "workbook.unreadable", "sheet.unreadable"}
ROW = 5  # of a form's first line, 0-based


def findings(data: bytes, name: str, reader: CellReader) -> tuple[Finding, ...]:
    found = read_form(data, name, RULES, reader)
    return found.findings if isinstance(found, FormTable) else found


@pytest.mark.quick("meter_readings", "recalculations", "tariffs")
@pytest.mark.parametrize("rule", FORMS)
def test_every_writer_gives_the_same_rows(rule: FormRule, reader: CellReader) -> None:
    read = {}
    for name, (suffix, write, days) in WRITERS.items():
        found = read_form(write(rows_of(rule, days)), f"форма.{suffix}", RULES, reader)
        assert isinstance(found, FormTable) and found.form == rule.form, (name, found)
        assert found.findings == (), name
        read[name] = [{k: v for k, v in row.items() if k != "sheet"} for row in found.rows.to_pylist()]
    assert len(read["openpyxl"]) == 2
    for name, rows in read.items():
        assert rows == read["openpyxl"], name


@pytest.mark.quick("meter_readings", "recalculations", "tariffs")
@pytest.mark.parametrize("rule", FORMS)
def test_error_in_any_column_is_told_at_its_cell(rule: FormRule, reader: CellReader) -> None:
    """Every second column has one, then every other: no error is hidden by one in the first or last column."""
    for first in (0, 1):
        rows, columns = rows_of(rule), range(first, len(rule.columns), 2)
        for column in columns:
            rows = with_error(rows, ROW, column)
        cells = {f"{chr(65 + column)}{ROW + 1}" for column in columns}
        for name, (suffix, write, _) in WRITERS.items():
            if name != "pyexcelerate":  # it writes no errors
                found = findings(write(rows), f"форма.{suffix}", reader)
                assert cells == {f.cell for f in found if f.code == "value.error_cell"}, name


@pytest.mark.quick("prefixed", "no addresses")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_error_is_told_however_xml_spells_it(spelling: str, reader: CellReader) -> None:
    for rule in RULES.forms.values():
        rows, spell = rows_of(rule), SPELLINGS[spelling]
        sound = read_form(spell(by_xlsxwriter(rows)), "форма.xlsx", RULES, reader)
        if spelling != "entities":
            assert isinstance(sound, FormTable) and sound.rows.num_rows == 2, rule.form
        last = len(rule.columns) - 1
        for column in range(last + 1) if rule.form == "tariffs" else (last,):
            found = findings(spell(by_xlsxwriter(with_error(rows, ROW, column))), "форма.xlsx", reader)
            codes = {f.code for f in found}
            assert "value.error_cell" in codes or codes & {"workbook.unreadable", "sheet.unreadable"}, (
                rule.form,
                column,
            )


def test_error_in_a_header_or_a_label_refuses_the_form(reader: CellReader) -> None:
    """A column whose header cannot be read is not one that is not there: its values may be of a house."""
    rule = RULES.forms["tariffs"]
    for name, (suffix, write, _) in WRITERS.items():
        if name == "pyexcelerate":
            continue
        for row, column in ((4, 1), (2, 0), (2, 1)):
            found = findings(write(with_error(rows_of(rule), row, column)), f"форма.{suffix}", reader)
            assert "value.error_cell" in {f.code for f in found}, (name, row, column)


def test_error_among_many_rows_is_found(reader: CellReader) -> None:
    """A large sheet is looked through by a quicker way: it must see the same."""
    rule = RULES.forms["recalculations"]
    rows = rows_of(rule)
    many = [*rows, *([list(rows[-1]) for _ in range(7_000)])]
    many[6_000][4] = 'знак "е"'
    assert findings(by_xlsxwriter(many), "a.xlsx", reader) == ()
    for spelling in ("", "prefixed", "single quotes", "entities"):
        data = by_xlsxwriter(with_error(many, 5_000, 4))
        found = findings(SPELLINGS[spelling](data) if spelling else data, "a.xlsx", reader)
        assert {f.code for f in found} & REFUSED, spelling


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    folder = tmp_path_factory.mktemp("rows") / "home"
    shutil.copytree(ROOT / "rules", folder / "rules")
    for path in (folder / "rules" / "forms").glob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace("policy: whole", "policy: rows"), "utf-8")
    with TownOffice(folder, reader) as office:
        office.load_customers(customer("A", utilities=True))
        office.load_directory(line("A", account="1001", service="cold_water", base="счётчик", meter="М1", reading="1"))
        yield office


@pytest.mark.quick("openpyxl", "xlsb")
@pytest.mark.parametrize("name", ["openpyxl", "xlwt", "odfpy", "xlsb"])
def test_forms_whose_good_rows_post_are_refused_for_a_cell_that_was_not_read(town: TownOffice, name: str) -> None:
    _, write, _ = WRITERS[name]
    rule = RULES.forms["meter_readings"]
    line_ = ["1001", "Холодная вода", "М1", None, 5.0, "20.08.2026"]
    rows = [*rows_of(rule)[:5], line_, ["1001", "Горячая вода", "М1", None, 5.0, "20.08.2026"]]
    rows[2][1] = BINS["A"]
    data = write(with_error(rows, ROW, 3))
    answer = town.hand_in_bytes(data, received="2026-08-20", mailbox="bigoperators")
    assert answer.outcome == "rejected" and "value.error_cell" in answer.codes
    assert town.facts("meter_readings") == []


@pytest.mark.slow
def test_libreoffice_saves_the_same_rows_and_errors_in_every_format(
    tmp_path: Path, reader: CellReader, soffice: Path
) -> None:
    (tmp_path / "in").mkdir()
    for rule in RULES.forms.values():
        (tmp_path / "in" / f"{rule.form}.xlsx").write_bytes(by_xlsxwriter(rows_of(rule, day_cells=True)))
        bad = with_error(rows_of(rule), ROW, len(rule.columns) - 1)
        (tmp_path / "in" / f"{rule.form}-bad.xlsx").write_bytes(by_xlsxwriter(bad))
    files = sorted((tmp_path / "in").iterdir())
    for suffix in ("xls", "ods", "xlsx"):
        command = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", suffix]
        subprocess.run([*command, "--outdir", tmp_path / suffix, *files], check=True, capture_output=True, timeout=300)
        for rule in RULES.forms.values():
            wanted = read_form(by_openpyxl(rows_of(rule, day_cells=True)), "a.xlsx", RULES, reader)
            found = read_form((tmp_path / suffix / f"{rule.form}.{suffix}").read_bytes(), f"a.{suffix}", RULES, reader)
            assert isinstance(wanted, FormTable) and isinstance(found, FormTable)
            assert found.rows.drop(["sheet"]).to_pylist() == wanted.rows.drop(["sheet"]).to_pylist(), rule.form
            told = findings((tmp_path / suffix / f"{rule.form}-bad.{suffix}").read_bytes(), f"a.{suffix}", reader)
            assert "value.error_cell" in {f.code for f in told}, (rule.form, suffix)
