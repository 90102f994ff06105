"""4.1.12, 4.2.4, 8.10: names of consumers who left are taken out of facts and closes by two people; money stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import pyarrow.parquet as pq
import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.ledger.destroyed import CertifiedItems
from inbox_worker.month.clock import confirm_clock
from inbox_worker.month.verify import verify
from inbox_worker.outbox.destruction import destroy, propose
from inbox_worker.outbox.verify import verify_ledger
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, moment

LATER = "2029-12-01T12:00"
EXIT = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "10.08.2026"}
GONE, OWING, STAYS = "Ахметова Гүлнар Сейтқызы", "Должник Пётр", "Жилец Анна"


def town(office: TownOffice) -> None:
    """House H-1 leaves on 30.09.2026: account 1001, whose consumer paid ahead, and 1002, who owes; 2001 stays."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", balance="-500", name=GONE),
        line("A", "1002", "maintenance", base="кв.", tariff="500", name=OWING),
        line("A", "2001", "maintenance", base="кв.", tariff="500", house="H-2", name=STAYS),
    )
    assert office.ingest("house_exit", [EXIT], received="2026-08-20").outcome == "accepted"
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    for month in (9, 11):
        render_books(office.office, Period(2026, month))


office = copies_of(town)


def as_person(name: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("INBOX_WORKER_USER", name)


def proposed(office: TownOffice, patch: pytest.MonkeyPatch, now: str = LATER) -> tuple[int, CertifiedItems]:
    as_person("anna", patch)
    confirm_clock(office.office.journal, moment(now), "радио", 31)
    certificate, items = propose(office.office, moment(now))
    as_person("boris", patch)
    return certificate.number, items


def destroyed(office: TownOffice, patch: pytest.MonkeyPatch, now: str = LATER) -> int:
    number, _ = proposed(office, patch, now)
    destroy(office.office, number, moment(now))
    return number


def holding(home: Path, word: str) -> set[str]:
    """Every file of the home that holds the word: its bytes, cells of Parquet, and parts of workbooks."""
    return {path.relative_to(home).as_posix() for path in home.rglob("*")
            if path.is_file() and any(word.encode() in some for some in _contents(path))}  # fmt: skip


def _contents(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist()).encode()
    if data.startswith(b"PK"):
        try:
            with ZipFile(path) as book:
                yield from (book.read(part) for part in book.namelist())
        except BadZipFile:
            return


def figures(office: TownOffice) -> dict[str, Any]:
    """All rows of closes but who the people are."""
    tables = {}
    for folder in sorted((office.office.home.ledger / "closes").iterdir()):
        for path in sorted(folder.glob("*.parquet")):
            rows = pq.read_table(path)
            tables[f"{folder.name}/{path.name}"] = rows.drop_columns(
                [one for one in ("name", "address", "flat") if one in rows.column_names]
            ).to_pylist()
    return tables


def test_the_name_is_in_no_file_of_the_home_and_every_figure_stands(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, before = office.office.home, figures(office)
    assert any("facts" in path for path in holding(home.path, GONE))
    number, items = proposed(office, monkeypatch)
    assert [one.account for one in items.accounts] == ["1001"], "1002 owes"
    assert {Path(one.path).parts[1] for one in items.rewritten} == {"facts", "closes"}
    made = destroy(office.office, number, moment(LATER))
    assert holding(home.path, GONE) == set()
    assert figures(office) == before
    assert {row["name"] for row in office.facts("directory")} == {None, OWING, STAYS}
    places = office.table("2026-09", "places")
    assert [(row["account"], row["name"], row["address"]) for row in places][0] == ("1001", None, None)
    page = made.document.read_text("utf-8")
    for file in items.rewritten:
        assert file.path in page and file.old_sha256 in page and file.new_sha256 in page
    assert verify(home, deep=True) == [] and verify_ledger(home) == []
