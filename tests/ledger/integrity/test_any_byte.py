"""No byte turned in a file of facts or of a close changes a figure unnoticed, wherever in the file it stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_worker.core import hashes
from inbox_worker.core.hashes import DamagedFile
from inbox_worker.month.verify import verify
from inbox_worker.workbooks.cells import CellReader
from tests.ledger.integrity.life import damage
from tests.support.office import TownOffice, customer, line, payment


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    """September is closed, October open; a minus in it, payments in both."""
    with TownOffice(tmp_path_factory.mktemp("town") / "home", reader) as office:
        office.load_customers(customer("A"), customer("B"))
        office.load_directory(
            line("A", "1", "maintenance", tariff="30", area="10", balance="100"),
            line("B", "1", "lift", base="чел.", residents="2", tariff="5"),
        )
        office.load_payments(payment("1", "50"))
        office.close("2026-09")
        minus = {"account": "1", "service": "maintenance", "past_month": "06.2026", "amount": "-7"}
        office.ingest("recalculations", [minus], received="2026-09-20")
        office.load_payments(payment("1", "9", day="02.10.2026", number="2"), now="2026-10-03")
        yield office


@pytest.fixture(scope="module")
def true(town: TownOffice) -> tuple[object, ...]:
    return _figures(town)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_changes_a_figure_unnoticed(town: TownOffice, true: tuple[object, ...], data: st.DataObject) -> None:
    ledger = town.folder / "ledger"
    files = sorted([*ledger.glob("facts/**/*.parquet"), *ledger.glob("closes/**/*.parquet")])
    path = data.draw(st.sampled_from(files))
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    was = damage(path, data.draw(st.integers(0, path.stat().st_size - 1)))
    os.utime(path, ns=times)  # as a disk would do it: nobody wrote
    try:
        assert _figures(town) == true, "figures that do not need the file"
    except DamagedFile as error:
        assert error.path == path
    finally:
        told = [problem.file for problem in verify(town.office.home, deep=True)]
        path.write_bytes(was)
    assert told == [path.relative_to(town.folder).as_posix()]


def _figures(town: TownOffice) -> tuple[object, ...]:
    draft = town.draft("2026-10")
    return (draft.totals, draft.before, draft.rows)


def test_a_file_is_hashed_once_a_process(town: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large files would be hashed for every range of accounts else."""
    _figures(town)
    read: list[Path] = []
    monkeypatch.setattr(hashes, "sha256_file", read.append)
    _figures(town)
    assert read == []
