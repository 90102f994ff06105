"""Several workers share a journal in PostgreSQL: each arrival is decided by one of them, once."""

from __future__ import annotations

from pathlib import Path

from inbox_worker.ledger.belonging import own_journal
from inbox_worker.receiving.store import Incoming, keep
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.journals import TownOn
from tests.support.office import ROOT, bin_of, customer, email_of, line, moment
from tests.support.papers import File, letter, workbook
from tests.support.postgres import Postgres
from tests.support.warm import Started

LETTERS, DROPPED, WORKERS = 24, 6, 3


def _form(number: int) -> bytes:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": f"-{number}.25"}
    rule = load_rules(ROOT / "rules").forms["recalculations"]
    return workbook(rule, [row], {"БИН заказчика": bin_of("A")}, str(number))


def test_each_arrival_is_decided_by_one_worker_once(tmp_path: Path, reader: CellReader, server: Postgres) -> None:
    with TownOn(tmp_path / "home", reader, server.fresh()) as town:
        town.load_customers(customer("A"))
        town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    home = load_home(tmp_path / "home")
    with own_journal(home) as journal:
        for number in range(1, LETTERS + 1):
            files = [File("Перерасчёт.xlsx", _form(number))]
            raw = letter(email_of("A"), files, f"<{number}@a.example>", "", "", {})
            keep(journal, home.archive, Incoming(raw, f"{number}.eml", "korrektirovki", moment("2026-08-20")))
    drop = home.inbox / "korrektirovki"
    drop.mkdir(parents=True)
    for number in range(LETTERS + 1, LETTERS + DROPPED + 1):
        (drop / f"{number}.xlsx").write_bytes(_form(number))
    workers = [Started(["once", "--home", str(home.path)]) for _ in range(WORKERS)]
    said = [worker.stdout.read() for worker in workers]
    assert [worker.wait(300) for worker in workers] == [0] * WORKERS
    with own_journal(home) as journal:
        arrivals = [arrival for arrival in journal.arrivals.all() if arrival.mailbox != "load"]
        files = [file for file in journal.facts.files() if file.kind == "recalculations"]
    assert [arrival.outcome is not None and arrival.outcome.posted for arrival in arrivals] == [True] * len(arrivals)
    assert len(arrivals) == len(files) == LETTERS + DROPPED
    assert sorted(line.split()[2] for text in said for line in text.splitlines()) == [one.id for one in arrivals]
    assert not list(drop.glob("*.xlsx"))
