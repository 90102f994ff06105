"""Files of facts: of few rows as they are, of many packed; the same rows give the same bytes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inbox_worker.core.model import Period
from inbox_worker.ledger.facts import read_facts, write_facts
from inbox_worker.ledger.kept_tables import KEPT
from inbox_worker.ledger.packing import EARLIER

MONTH = Period(2026, 9)


def rows(count: int) -> pa.Table:
    return pa.table({
        "account": [f"1001{row}" for row in range(count)], "submission": ["IW-000001-1"] * count,
        "sequence": [1] * count, "sheet": ["Форма"] * count, "row": [*range(count)],
    })  # fmt: skip


@pytest.mark.parametrize(("count", "compression"), [(50, "UNCOMPRESSED"), (51, "ZSTD")])
def test_few_rows_are_not_compressed(tmp_path: Path, count: int, compression: str) -> None:
    file = write_facts(tmp_path, "meter_readings", "050140000011", MONTH, "IW-000001-1", rows(count))
    again = write_facts(tmp_path / "again", "meter_readings", "050140000011", MONTH, "IW-000001-1", rows(count))
    assert file.sha256 == again.sha256
    metadata = pq.read_metadata(tmp_path / file.path)
    assert {metadata.row_group(0).column(place).compression for place in range(metadata.num_columns)} == {compression}
    KEPT.clear()
    assert read_facts(tmp_path, "meter_readings", [file]).column("row").to_pylist() == [*range(count)]


@pytest.mark.parametrize("count", [10, 60])
def test_facts_written_again_are_packed_as_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """A ledger restored from workbooks of an earlier program has the very files of then; of what gives no file of then
    the packing is of now."""
    of_form = "meter_readings", "050140000011", MONTH, "IW-000001-1"
    now = write_facts(tmp_path / "now", *of_form, rows(count))
    with monkeypatch.context() as earlier:
        earlier.setattr("inbox_worker.ledger.facts.packing_of_facts", lambda *_: EARLIER)
        then = write_facts(tmp_path / "then", *of_form, rows(count))
    assert then.sha256 != now.sha256
    assert write_facts(tmp_path / "again", *of_form, rows(count), then=then.sha256).sha256 == then.sha256
    assert write_facts(tmp_path / "kept", *of_form, rows(count), then=now.sha256).sha256 == now.sha256
    assert write_facts(tmp_path / "lost", *of_form, rows(count), then="0" * 64).sha256 == now.sha256


def test_only_columns_that_repeat_their_values_have_a_list_of_them(tmp_path: Path) -> None:
    """A list of what is nearly each row's own takes the room of the rows again."""
    file = write_facts(tmp_path, "meter_readings", "050140000011", MONTH, "IW-000001-1", rows(1000))
    group = pq.read_metadata(tmp_path / file.path).row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    listed = {column.path_in_schema for column in columns if column.has_dictionary_page}
    assert {"submission", "sheet"} <= listed and not listed & {"account", "row", "current"}


def test_of_kept_tables_the_bytes_are_counted_as_they_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    table = rows(10)
    monkeypatch.setattr("inbox_worker.ledger.kept_tables._MOST_BYTES", 2 * table.nbytes)
    KEPT.clear()
    for _ in range(5):
        KEPT.put(("one",), table)  # takes its own place
        KEPT.put(("two",), table)
    assert KEPT.find(("one",)) is table and KEPT.take(("two",)) is table and KEPT.take(("two",)) is None
    KEPT.put(("three",), table)
    assert KEPT.find(("one",)) is table
    KEPT.put(("four",), table)
    assert KEPT.find(("three",)) is None, "asked for longest ago"
    assert KEPT.find(("one",)) is table and KEPT.find(("four",)) is table
    KEPT.clear()
