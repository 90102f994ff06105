"""A balance leads to the month that it comes from, and a proof of it holds every form down to the line's first cell."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.cell_figures import ExplainError
from inbox_worker.explain.explain import explain_anything
from inbox_worker.explain.proof_files import say_lack
from inbox_worker.explain.proof_pack import write_proof
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment, payment


def town(office: TownOffice) -> None:
    """Of account 1001 October opens with 60,00 and November with 90,00; 1002 has no balance and pays what it owes."""
    office.load_customers(customer("A"))
    lines = (line("A", account, "maintenance", tariff="10", area="10") for account in ("1001", "1002"))
    office.load_directory(*({**one, "balance": "35"} if one["account"] == "1001" else one for one in lines))
    office.load_payments(payment("1001", "75"), payment("1002", "100", number="2"))
    office.close("2026-09")
    office.load_payments(payment("1001", "70", day="05.10.2026", number="3"))
    office.load_payments(payment("1002", "100", day="05.10.2026", number="4"))
    office.close("2026-10")
    office.close("2026-11")


office = copies_of(town)


def turnover(office: TownOffice, month: str) -> Path:
    paths = render_documents(office.office, Period.parse(month), ["turnover"], bin_of("A"), moment("2026-12-05"))
    return next(path for path in paths if path.suffix == ".xlsx")


def cell_of(path: Path, account: str, value: float) -> str:
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets[1:]:
        for row in sheet.iter_rows():
            if str(row[0].value) == account or any(str(cell.value) == account for cell in row):
                return f"{sheet.title}!{next(cell.coordinate for cell in row if cell.value == value)}"
    raise AssertionError(f"no line of {account}")


def forms_named(lines: list[str]) -> set[str]:
    return set(re.findall(r"IW-\d+-\d+", "\n".join(lines)))


def registers(office: TownOffice) -> list[str]:
    return [one.id for one in office.office.journal.submissions.all() if one.form == "bank_register"]


def test_an_opening_leads_to_what_the_month_before_is_made_of(office: TownOffice) -> None:
    path = turnover(office, "2026-11")
    lines = explain_anything(office.office, str(path), cell_of(path, "1001", 90), TODAY)
    september, october, _ = registers(office)
    assert october in forms_named(lines) and september not in forms_named(lines), lines
    text = "\n".join(lines)
    assert "+ Начислено 100,00" in text and "--html" in text, text


def test_an_opening_of_nothing_leads_to_what_made_it_nothing(office: TownOffice) -> None:
    """1002 opens October with 0,00: charged 100,00, paid 100,00; September's own begins in the directory."""
    path = turnover(office, "2026-10")
    lines = explain_anything(office.office, str(path), cell_of(path, "1002", 0), TODAY)
    [directory] = [one.id for one in office.office.journal.submissions.all() if one.form == "directory"]
    assert {directory, registers(office)[0]} <= forms_named(lines), lines


def test_a_proof_of_an_opening_holds_the_forms_down_to_the_first_balance(office: TownOffice, tmp_path: Path) -> None:
    path = turnover(office, "2026-11")
    proven, lacking, _ = write_proof(
        office.office, str(path), cell_of(path, "1001", 90), tmp_path / "proof.zip", moment("2026-12-06")
    )
    [directory] = [one.id for one in office.office.journal.submissions.all() if one.form == "directory"]
    assert {directory, *registers(office)[:2]} <= set(proven) and not lacking


def test_a_figure_that_nothing_was_told_of_says_which_cell_is_proven(office: TownOffice, tmp_path: Path) -> None:
    path = turnover(office, "2026-11")
    with pytest.raises(ExplainError, match="nothing was told of it.*closing balance in the same row"):
        write_proof(office.office, str(path), "Содержание дома!J5", tmp_path / "proof.zip", moment("2026-12-06"))


@pytest.mark.parametrize(("data", "words"), [(None, "файла нет"), (b"another", "файл не тот")], ids=["lost", "another"])
def test_a_proof_says_in_words_why_a_file_lacks(
    data: bytes | None, words: str, office: TownOffice, tmp_path: Path
) -> None:
    [first, *_] = registers(office)
    raw = office.folder / "archive" / office.office.journal.arrivals.get(int(first.split("-")[1])).raw
    raw.chmod(0o644)
    raw.unlink() if data is None else raw.write_bytes(data)
    _, lacking, _ = write_proof(office.office, first, "", tmp_path / "proof.zip", moment("2026-12-06"))
    assert [words in say_lack(office.office.say, one) for one in lacking] == [True]
