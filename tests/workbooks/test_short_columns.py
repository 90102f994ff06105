"""Short columns are read by Python, long ones by Arrow: both find the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from inbox_worker.forms.column_task import matches
from inbox_worker.workbooks.cells import _column
from inbox_worker.workbooks.sheet import UNSEEN, CellKind, Column

WRITTEN = ["  счёт ", "", " ", "\u200b", None, "'1001", "#Н/Д", "1001", "й"]
READ = ["счёт", "", "", UNSEEN, None, "1001", "#Н/Д", "1001", "й"]
KINDS = [CellKind.TEXT] * 4 + [CellKind.NUMBER] + [CellKind.TEXT] * 4
TIMES = pytest.mark.parametrize("times", [1, 100], ids=["short", "long"])


def column(written: list[str | None], kinds: list[CellKind]) -> Column:
    numbers = [float(place) for place in range(len(kinds))]
    columns = [pa.array([int(kind) for kind in kinds], pa.int8()), pa.array(numbers), pa.array(written, pa.string())]
    return _column([pa.record_batch(columns, names=["kind", "number", "text"])])


@TIMES
def test_a_column_is_read_alike_short_or_long(times: int) -> None:
    read = column(WRITTEN * times, KINDS * times)
    kinds = [CellKind.TEXT, *[CellKind.EMPTY] * 3, CellKind.NUMBER, CellKind.TEXT, CellKind.ERROR, *[CellKind.TEXT] * 2]
    assert read.texts.to_pylist() == READ * times
    assert read.kinds.tolist() == [int(kind) for kind in kinds] * times


@TIMES
def test_a_plain_column_with_blank_cells_is_read_alike_short_or_long(times: int) -> None:
    read = column(["a", "", " ", None] * times, [CellKind.TEXT] * 4 * times)
    assert read.texts.to_pylist() == ["a", "", "", None] * times
    assert read.kinds.tolist() == [2, 0, 0, 2] * times


@TIMES
def test_texts_are_found_alike_in_short_columns_and_long_ones(times: int) -> None:
    read = column(["a1", "b", None] * times, [CellKind.TEXT] * 3 * times)
    at = np.array([0, 1, 2])
    assert (
        [*read.texts_at(at)] == ["a1", "b", None] if times == 1 else read.texts_at(at).to_pylist() == ["a1", "b", None]
    )
    assert matches(read.texts_at(at), r"\d").tolist() == [True, False, False]
    assert read.find_text("b").tolist() == [False, True, False] * times
    assert read.text(1) == "b"
