"""The same data give the same bytes, of every kind of document: whoever renders them, when and on which machine (1)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inbox_worker.cli.homes import make_home
from inbox_worker.core.model import Period
from inbox_worker.outbox.publish import KINDS, render_documents
from inbox_worker.outbox.staff_page import write_report
from tests.support.fixtures import office
from tests.support.office import TODAY, TownOffice, customer, line, moment, payment

__all__ = ["office"]
MONTH = Period(2026, 9)
MACHINES = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "America/Adak", "LC_ALL": "C.UTF-8"},
)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every document but an act's PDF: it is drawn by LibreOffice, which tests/documents/test_act.py asks twice."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
def test_on_another_machine(tmp_path: Path) -> None:
    """Another order of hashes, another time zone, another locale."""
    make_home(tmp_path / "home")
    made = []
    for number, machine in enumerate(MACHINES):
        folder = tmp_path / f"{number}"
        command = [sys.executable, "-m", "inbox_worker", "--home", str(tmp_path / "home"), "documents", "--preview"]
        subprocess.run([*command, str(folder)], env={**os.environ, **machine}, check=True, capture_output=True)
        made.append(bytes_of(folder))
    assert {Path(name).suffix for name in made[0]} == {".docx", ".xlsx", ".csv", ".pdf", ".html"}
    assert set(made[0]) == set(made[1])
    assert [name for name, data in made[0].items() if made[1][name] != data] == []


@pytest.mark.slow
def test_of_a_real_month_and_on_another_day(office: TownOffice) -> None:
    """Every kind of document of a closed month, and its page, rendered again a month later."""
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.30", balance="300"),
        line("A", "1002", "maintenance", tariff="31.4155", area="48.00", balance="-500", house="H-2"),
        line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10", balance="40"),
    )
    office.load_payments(payment("1001", "777.77"), payment("1002", "5", number="2"), payment("9", "3", number="3"))
    office.close("2026-09")
    pending = office.office.home.outbox / "pending"
    made = []
    for day in ("2026-10-02", "2026-11-03"):
        shutil.rmtree(pending, ignore_errors=True)
        render_documents(office.office, MONTH, [], "", moment(day))
        pages = {"report": write_report(office.office, MONTH, TODAY).read_bytes()}
        made.append({**bytes_of(pending), **pages})
    assert set(KINDS) == {"act", "turnover", "distribution", "debtors", "bill_rows", "payments", "directory", "bills",
                          "close_protocol"}, "a new kind belongs here"  # fmt: skip
    # a csv stands beside each but the act
    assert len(made[0]) == 2 * (2 * (len(KINDS) - 2) - 1) + 2 + 1 + 1  # two houses; both protocols
    assert [name for name, data in made[0].items() if made[1][name] != data] == [] and len(made[0]) == len(made[1])
