"""4.1.15: under the policy `rows` good rows of a form post and bad ones are told; the form itself must be right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT, Row, TownOffice, customer, line, payment


@pytest.fixture
def office(tmp_path: Path, reader: CellReader) -> Iterator[TownOffice]:
    """A home whose analyst chose `rows` for recalculations and banks' registers."""
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "rules", folder / "rules")
    for form in ("recalculations", "bank_register"):
        rule = folder / "rules" / "forms" / f"{form}.yaml"
        text = rule.read_text("utf-8")
        assert "policy: whole" in text
        rule.write_text(text.replace("policy: whole", "policy: rows"), "utf-8")
    with TownOffice(folder, reader) as opened:
        opened.load_customers(customer("A"))
        opened.load_directory(line("A", "1001", "maintenance", tariff="10", area="50"))
        yield opened


def row(amount: str = "-10", account: str = "1001", month: str = "06.2026", basis: str = "акт") -> Row:
    return {"account": account, "service": "maintenance", "past_month": month, "amount": amount, "basis": basis}


def test_good_rows_post_and_bad_ones_are_told(office: TownOffice) -> None:
    answer = office.ingest("recalculations", [row(), row(account="7777"), row(month="05.2026")], received="2026-08-20")
    [submission] = answer.submissions
    assert (answer.outcome, submission["rows_read"], submission["rows_posted"]) == ("accepted", 3, 2)
    assert answer.codes == ["account.unknown"] and submission["answer"]
    assert [str(fact["past_month"]) for fact in office.facts("recalculations")] == ["2026-06-01", "2026-05-01"]


def test_a_form_of_bad_rows_alone_is_rejected(office: TownOffice) -> None:
    assert office.ingest("recalculations", [row(account="7777")], received="2026-08-20").outcome == "rejected"


def test_what_is_wrong_with_the_whole_form_rejects_it_whole(office: TownOffice) -> None:
    """A register that contradicts its own control row, whatever the policy (4.1.7)."""
    answer = office.load("bank_register", [payment("1001", "5.00")], "2026-09-06", Количество=2)
    assert answer.outcome == "rejected" and answer.codes == ["register.count_differs"]
    assert office.facts("bank_register") == []


def test_a_bad_row_corrects_nothing_and_is_not_counted_as_a_change(office: TownOffice) -> None:
    office.ingest("recalculations", [row()], received="2026-08-20")
    answer = office.ingest("recalculations", [row("-20", basis=""), row("-5", month="05.2026")], received="2026-08-21")
    [submission] = answer.submissions
    assert submission["changes"] == {"added": 1, "changed": 0, "unchanged": 0, "gone": 0}
    assert sorted(str(fact["amount"]) for fact in office.facts("recalculations")) == ["-10.00", "-5.00"]
