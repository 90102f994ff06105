"""Compares lines of a month's close with those of a close that was reopened, or with what the month comes to now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.closes import CloseRecord
from inbox_worker.month.frozen import FrozenClose, close_hash, frozen_close
from inbox_worker.month.months import MonthError, gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.tables import LINES, select_ordered

_KEY = ("account", "customer", "service")
_FIGURES = tuple(name for name in LINES.names if name not in _KEY)
_CHANGED = read_query(__file__, "changed_lines")


@dataclass(frozen=True)
class CloseChanges:
    """`lines`: a row a line that differs, keys, then each figure as `<figure>_before` and `<figure>_now` (null = the
    close has no such line), the largest change of `closing` first. `sums`: of each figure that differs in sum, before
    and now, of all lines of the month, in tenge. `now`: the number of the close compared with, 0 = the month as it
    comes to now."""

    month: Period
    before: int
    now: int
    lines: pa.Table
    sums: Mapping[str, tuple[Decimal, Decimal]]


def compare_closes(office: Office, month: Period, earlier: int = 0) -> CloseChanges:
    """Compare the close in force with an earlier one of the month (0 = the one before it).

    Raises MonthError while the month is open or was closed once; DamagedFile when a close differs from the journal.
    """
    records = {record.number: record for record in office.journal.closes.all() if record.month == month}
    standing = office.journal.closes.in_force(month)
    if standing is None:
        raise MonthError(f"{month} is open: `close {month}` first, then its figures can be compared")
    before = records.get(earlier or standing.number - 1)
    if before is None or before.number == standing.number:
        known = ", ".join(str(number) for number in records if number != standing.number) or "none"
        raise MonthError(f"{month} has no such earlier close; there are: {known}")
    return _compare(office, before, standing.number, pq.read_table(_lines_of(office, standing)))


def compare_with_now(office: Office, month: Period, earlier: int = 0) -> CloseChanges:
    """Compare a close of an open month (0 = the last one) with what the month comes to now: what to close it again
    would change. Raises MonthError when it was never closed, DamagedFile."""
    records = [record for record in office.journal.closes.all() if record.month == month]
    before = next((one for one in reversed(records) if earlier in (0, one.number)), None)
    if before is None:
        raise MonthError(f"{month} was never closed: `draft {month}` shows it beside the month before")
    parts = gather_facts(office, month).parts(
        month, lambda engine: list(engine.read_batches(select_ordered("lines", LINES), LINES))
    )
    return _compare(
        office, before, 0, pa.concat_tables([LINES.empty_table(), *(one for part in parts for one in part)])
    )


def compare_since(office: Office, past: Office, month: Period) -> CloseChanges | None:
    """Compare the close that stood at a moment (`past`) with the one of now, or with what the open month comes to now;
    None when it stands still, or when there was none."""
    then, now = past.journal.closes.in_force(month), office.journal.closes.in_force(month)
    if then is None or (now is not None and now.number == then.number):
        return None
    return compare_closes(office, month, then.number) if now else compare_with_now(office, month, then.number)


def _lines_of(office: Office, record: CloseRecord) -> Path:
    return _close_of(office, record).files_needed("lines")["lines"]


def _compare(office: Office, before: CloseRecord, number: int, now: pa.Table) -> CloseChanges:
    then = _lines_of(office, before)
    with duckdb.connect() as connection:
        connection.register("lines_now", now)
        lines = connection.sql(_CHANGED, params={"before": str(then)}).to_arrow_table()
    return CloseChanges(before.month, before.number, number, lines, _sum_changes(then, now) if lines.num_rows else {})


def _close_of(office: Office, record: CloseRecord) -> FrozenClose:
    """A reopened close lies under its number; one with the figures of another lies with that."""
    folder = office.home.ledger / "closes" / str(record.month)
    kept = (folder.with_name(f"{folder.name}.{record.number}"), folder, *sorted(folder.parent.glob(f"{folder.name}.*")))
    named = kept[0 if record.reopened_at else 1]
    files = office.journal.closes.files_of(record.month)[record.month, record.number]
    close = frozen_close(record, named, files)
    return replace(close, folder=next((place for place in kept if _is_close(place, close.sha256_now)), named))


def _is_close(folder: Path, sha256: str) -> bool:
    try:
        return close_hash(folder) == sha256
    except (FileNotFoundError, NotADirectoryError):
        return False


def _sum_changes(then: Path, now: pa.Table) -> dict[str, tuple[Decimal, Decimal]]:
    sums = {}
    for name in _FIGURES:
        if name not in ("tariff", "quantity"):
            before, after = _sum(pq.read_table(then, columns=[name]).column(name)), _sum(now.column(name))
            if before != after:
                sums[name] = (before, after)
    return sums


def _sum(column: pa.ChunkedArray) -> Decimal:
    total: Decimal | None = pc.sum(column).as_py()
    return total or Decimal("0.00")
