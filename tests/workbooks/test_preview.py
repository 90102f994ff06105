"""`--dry-run` shows what would be posted and leaves no trace; corrections show what they change (4.3.2)."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.cli import main as cli
from inbox_worker.deciding.preview import preview as preview_arrival
from inbox_worker.deciding.preview import preview_json
from inbox_worker.receiving.store import Incoming
from tests.support.office import TownOffice, customer, line, moment, payment
from tests.support.papers import SCAN, File, letter, workbook


def started(office: TownOffice) -> TownOffice:
    office.load_customers(customer("A"))
    office.load_directory(
        *(line("A", account=f"100{n}", service="maintenance", area="50", tariff="10") for n in range(1, 6))
    )
    return office


def row(account: str, amount: str = "-10.00") -> dict[str, object]:
    return {"account": account, "service": "maintenance", "past_month": "06.2026", "amount": amount}


def trace(folder: Path) -> dict[str, str]:
    """Everything on disk and every row of the journal."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".db" not in path.name]
    state = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    journal = sqlite3.connect(folder / "ledger" / "journal.db")
    state["journal"] = "\n".join(journal.iterdump())
    journal.close()
    return state


def preview(office: TownOffice, raw: bytes, source: str, mailbox: str, received: str = "2026-08-20") -> dict:
    before = trace(office.folder)
    seen = preview_json(preview_arrival(office._pipeline.forms, Incoming(raw, source, mailbox, moment(received))))
    assert trace(office.folder) == before
    return seen


def test_preview_of_a_form_is_what_ingest_then_does(office: TownOffice) -> None:
    started(office)
    raw = office.form("recalculations", [row("1001"), row("1002", "-7")])
    seen = preview(office, raw, "form.xlsx", "korrektirovki")
    done = office.hand_in_bytes(raw, received="2026-08-20").report
    assert seen["arrival"] is None and seen["submissions"][0]["submission"] is None
    assert seen["submissions"][0]["rows_posted"] == 2
    seen["arrival"], seen["submissions"][0]["submission"] = done["arrival"], done["submissions"][0]["submission"]
    assert seen == done


def test_preview_of_wrong_strange_and_broken_files(office: TownOffice) -> None:
    started(office)
    wrong = preview(office, office.form("recalculations", [row("9"), row("8")]), "f.xlsx", "korrektirovki")
    assert (wrong["outcome"], [f["code"] for f in wrong["submissions"][0]["findings"]]) == (
        "rejected",
        ["account.unknown", "account.unknown"],
    )
    assert preview(office, b"\0junk", "f.xlsx", "korrektirovki")["outcome"] == "rejected"
    assert preview(office, b"hello", "f.txt", "korrektirovki")["outcome"] == "ignored"
    unknown = letter("x@unknown.example", [], "<1@x>", "", "", {})
    assert preview(office, unknown, "1.eml", "korrektirovki")["outcome"] == "quarantined"


def test_preview_of_registers_names_their_month(office: TownOffice) -> None:
    started(office)
    rules = office.office.rules
    new = workbook(rules.forms["directory"], [line("A", account="7", service="lift", base="кв.", tariff="1")], {}, "x")
    assert preview(office, new, "d.xlsx", "load")["submissions"][0]["month"] == "2026-09"
    pay = {"bank": "CASPKZKA", "paid_on": "05.09.2026", "number": "1", "account": "1001", "amount": "5"}
    bank = workbook(rules.forms["bank_register"], [pay], {"Количество": 1, "Сумма": "5"}, "y")
    seen = preview(office, bank, "b.xlsx", "load", "2026-09-06")["submissions"][0]
    paid = Incoming(bank, "b.xlsx", "load", moment("2026-09-06"))
    done = office._answer(office._pipeline.ingest(paid)).submissions[0]
    assert (seen["outcome"], seen["month"], seen["rows_posted"]) == ("accepted", done["month"], done["rows_posted"])


def test_preview_of_a_register_tells_what_posting_finds_out(office: TownOffice) -> None:
    """Suspense, closed months, what is taken back of nothing known (4.1.7) and what a register of Customers does not
    say: the same findings as of the file that is taken in."""
    started(office)
    office.load_payments(payment("1001", "5.00", day="10.09.2026", number="1"))
    office.close("2026-09")
    rows = [
        payment("7777", "20.00", day="06.09.2026", number="71"),
        payment("1002", "21.00", day="07.10.2026", number="72", to="A", service="lift"),
        payment("1003", "-3.00", day="08.10.2026", number="73"),
        payment("1001", "-2.00", day="09.10.2026", number="1"),
    ]
    registers = {
        "bank_register": workbook(
            office.office.rules.forms["bank_register"], rows, {"Количество": 4, "Сумма": "36.00"}, "y"
        ),
        "customers": without(office, "contact"),
    }
    found: set[str] = set()
    for name, raw in registers.items():
        seen = preview(office, raw, f"{name}.xlsx", "load", "2026-10-10")["submissions"][0]
        done = office.hand_in_bytes(raw, received="2026-10-10", mailbox="load").submissions[0]
        assert seen["outcome"] == done["outcome"] == "accepted"
        codes = [sorted(one["code"] for one in told["findings"]) for told in (seen, done)]
        assert codes[0] == codes[1]
        found |= set(codes[0])
    assert found >= {
        "register.account_unknown", "register.line_unknown", "register.reversal_unknown", "register.reversal_unlike",
        "register.month_closed", "register.column_absent",
    }  # fmt: skip


def without(office: TownOffice, name: str) -> bytes:
    """A register of Customers that lacks a column."""
    book = openpyxl.load_workbook(io.BytesIO(office.form("customers", [customer("A")], by="")))
    sheet, header = book.active, office.office.rules.forms["customers"].column(name).ru
    [at] = [cell.column for cell in sheet[sheet.max_row - 1] if cell.value == header]
    sheet.delete_cols(at)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def test_preview_of_documents_shows_what_they_would_release(office: TownOffice) -> None:
    started(office)
    held = office.ingest("recalculations", [row("1001", "5")], received="2026-08-19")
    reply = letter("office@a.example", [File(SCAN.name, SCAN.data)], "<r@a>", f"К {held.id}", "", {})
    seen = preview(office, reply, "r.eml", "korrektirovki")
    assert [(s["submission"], s["outcome"]) for s in seen["submissions"]] == [(held.id, "accepted")]
    assert office.office.journal.submissions.get(held.id).outcome == "held"


def test_dry_run_from_the_command_line(office: TownOffice, tmp_path: Path, capsys, monkeypatch) -> None:
    started(office)
    file = tmp_path / "f.xlsx"
    file.write_bytes(office.form("recalculations", [row("1001")]))
    before = trace(office.folder)
    monkeypatch.setenv("INBOX_WORKER_HOME", str(office.folder))
    arguments = ["ingest", str(file), "--mailbox", "korrektirovki", "--received-at", "2026-08-20", "--dry-run"]
    for more in (["--json"], []):
        monkeypatch.setattr("sys.argv", ["inbox-worker", *arguments, *more])
        with pytest.raises(SystemExit) as ended:
            cli.run_command()
        assert not ended.value.code
        out = capsys.readouterr().out
        if more:
            told = json.loads(out)
            assert told["dry_run"] is True
            assert [s["rows_posted"] for a in told["arrivals"] for s in a["submissions"]] == [1]
        else:
            assert "ничего не проведено" in out
    assert trace(office.folder) == before


# --- what a correction changes --------------------------------------------------------------------------------------


def test_changes_by_key(office: TownOffice) -> None:
    first = started(office).ingest("recalculations", [row("1001"), row("1002"), row("1003")], received="2026-08-18")
    assert first.submissions[0]["changes"] == {"added": 3, "changed": 0, "unchanged": 0, "gone": 0}
    second = office.ingest("recalculations", [row("1002"), row("1003", "-11"), row("1004")], received="2026-08-19")
    assert second.submissions[0]["changes"] == {"added": 1, "changed": 1, "unchanged": 1, "gone": 0}
    assert second.submissions[0]["rows_posted"] == 2


def test_changes_of_a_form_that_replaces_another_whole(office: TownOffice) -> None:
    first = started(office).ingest("recalculations", [row("1001"), row("1002"), row("1003")], received="2026-08-18")
    second = office.ingest(
        "recalculations", [row("1002"), row("1003", "-11"), row("1004")], received="2026-08-19", replaces=first.id
    )
    assert second.submissions[0]["changes"] == {"added": 1, "changed": 1, "unchanged": 1, "gone": 1}
    assert second.submissions[0]["rows_posted"] == 3
    told = second.finding("rows.compared")
    assert (told["severity"], told["value"]) == ("info", first.id)
    assert "изменено 1" in told["message"] and "больше нет 1" in told["message"]
    figures = office.drafted("2026-09")
    assert figures[("1001", "050140000011", "maintenance")]["recalculated"] == 0


def test_a_rejected_or_held_form_changes_nothing(office: TownOffice) -> None:
    assert started(office).ingest("recalculations", [row("9")], received="2026-08-18").submissions[0]["changes"] is None
    assert office.ingest("recalculations", [row("1001", "9")], received="2026-08-18").submissions[0]["changes"] is None
