"""A house that left, a name that goes with it, and what holds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pyarrow.parquet as pq
import pytest

from inbox_worker.contract.consumer_holds import find_clearable
from inbox_worker.contract.former_consumers import find_former_consumers
from inbox_worker.contract.retention import find_items
from inbox_worker.ledger.destroyed import CertifiedItems
from inbox_worker.month.clock import confirm_clock
from inbox_worker.outbox.destruction import propose
from tests.support.office import TownOffice, moment

LATER = "2029-12-01T12:00"
EXIT = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "10.08.2026"}
GONE = "Ахметова Гүлнар Сейтқызы"


def as_person(name: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("INBOX_WORKER_USER", name)


def proposed(office: TownOffice, patch: pytest.MonkeyPatch, now: str = LATER) -> tuple[int, CertifiedItems]:
    as_person("anna", patch)
    confirm_clock(office.office.journal, moment(now), "радио", 31)
    certificate, items = propose(office.office, moment(now))
    as_person("boris", patch)
    return certificate.number, items


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


def kept_of(office: TownOffice, account: str = "1001", on: str = LATER[:10]) -> tuple[str, ...]:
    """What keeps an account's data, as `retention list` tells it."""
    day = date.fromisoformat(on)
    staying = [item for item in find_items(office.office, day) if not item.may_go(day)]
    former = find_clearable(office.office, find_former_consumers(office.office, day), day, staying)
    return next(one.kept for one in former if one.account == account)
