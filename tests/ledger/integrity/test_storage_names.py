"""4.1.12, 8.10: names of consumers who left go out of the storage of facts and closes (`ledger.storage`), too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.contract.test_8_10_names_destroyed import GONE, holding
from tests.faults.test_kill_names import ANNA, destroy, live, propose
from tests.support.here import Runner
from tests.support.office import TownOffice
from tests.support.s3 import Bucket, served


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with served() as running:
        yield running.bucket()


def names_in(bucket: Bucket) -> set[str]:
    """Objects that hold the name."""
    tables = {name: pq.read_table(pa.BufferReader(data)).to_pylist() for name, data in bucket.objects().items()}
    return {name for name, rows in tables.items() if GONE in str(rows)}


@pytest.mark.slow
def test_old_objects_go_and_an_empty_disk_gives_the_same(
    tmp_path: Path, reader: CellReader, runner: Runner, bucket: Bucket
) -> None:
    home = tmp_path / "home"
    with TownOffice(home, reader) as office:
        live(office)
    bucket.settle(home)
    assert runner.run("ledger", "store", "--home", home).code == 0
    assert len(names_in(bucket)) == 2
    propose(runner, home)
    assert len(names_in(bucket)) == 2, "nothing is destroyed by who proposes"
    ran = destroy(runner, home)
    assert ran.code == 0 and names_in(bucket) == set() and holding(home, GONE) == set(), ran.err
    shutil.rmtree(home / "ledger" / "facts")
    shutil.rmtree(home / "ledger" / "closes")
    verified = runner.run("ledger", "verify", "--full", "--home", home, environment=ANNA)
    assert verified.code == 0, verified.out
    assert runner.run("ledger", "fetch", "--home", home).code == 0 and holding(home, GONE) == set()
