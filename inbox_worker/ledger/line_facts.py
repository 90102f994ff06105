"""Lines that stand in the directory in a month, and the readings of their meters, out of directory rows and readings.

A line's version is all rows with its latest `Действует с` not after the month (4.1.16); a row loaded again for the
same date wins. The last counted value of a meter is its latest earlier reading, else `Показание` of its first row.
Whole columns at a time: a form of 100 000 readings asks this once, a form of ten as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = ("account", "service", "base", "house", "flat", "name", "meter", "area", "residents")
QUANTITY = pa.decimal128(18, 3)
USUAL_MONTHS = 6  # months whose average a spike is measured against
_METER = ("account", "service", "meter")
_READING = [*_METER, "month", "sequence", "current", "rollover"]
_BETWEEN = "\x1f"

Places = npt.NDArray[np.int64]


def lines_in_force(directory: pa.Table, month: date) -> pa.Table:
    """Return a row a line and meter, sorted: `COLUMNS`. `directory`: a Customer's facts in force."""
    known = _select_known(directory, month)
    newest = ("sequence", "descending"), ("row", "descending")
    order = [("account", "ascending"), ("service", "ascending"), ("from_month", "descending"), ("meter", "ascending")]
    rows = _sort_keys(known.select([*_METER, "from_month", "sequence", "row"]), [*order, *newest])
    line_starts = _starts(rows.keys, ("account", "service"))
    since = np.asarray(rows.keys.column("from_month").cast(pa.int32()))
    of_line = since[line_starts[np.cumsum(_mask(line_starts, len(since))) - 1]] if len(since) else since
    first = _mask(_starts(rows.keys, ("account", "service", "from_month", "meter")), len(since))
    return _take_rows(known.select(list(COLUMNS)), rows.places[first & (since == of_line)])


def with_counted(
    standing: pa.Table, directory: pa.Table, readings: pa.Table, month: date, changes: pa.Table | None = None
) -> pa.Table:
    """Return standing lines beside `last` (counted value) and `usual` (average monthly consumption) of their meters.

    `readings`: those of months before `month`. `changes`: replacements of meters (7.2): a new meter counts from the
    reading it was put in with, and until it has a consumption of its own, the one before tells what is usual. The
    first reading counts from `Показание` of the meter's first row, as the month counts it.
    """
    firsts, stated = _first_values(_select_known(directory, month))
    if readings.num_rows:
        readings = pa.concat_tables([readings.select(_READING), _as_readings(firsts)])
    known = changes.filter(pc.less_equal(changes.column("month"), pa.scalar(month, pa.date32()))) if changes else None
    if known:
        readings = pa.concat_tables([readings.select(_READING), *_readings_of(known, month)])
    last, usual = _summarise_readings(standing, readings)
    if known:
        before = standing.set_column(standing.column_names.index("meter"), "meter", _meters_before(standing, known))
        usual = pc.coalesce(usual, _summarise_readings(before, readings)[1])
    last = pc.coalesce(last, _look_up(standing, firsts, stated))
    return standing.append_column("last", last).append_column("usual", usual)


def _as_readings(firsts: pa.Table) -> pa.Table:
    """Return what each meter showed when its line began; every reading is newer."""
    columns = {
        "month": pa.repeat(pa.scalar(date.min, pa.date32()), firsts.num_rows),
        "sequence": pa.repeat(pa.scalar(-1, pa.int64()), firsts.num_rows),
        "current": firsts.column("reading"),
        "rollover": pa.nulls(firsts.num_rows, QUANTITY),
    }
    return pa.table({name: columns[name] if name in columns else firsts.column(name) for name in _READING})


def _readings_of(changes: pa.Table, month: date) -> Iterator[pa.Table]:
    """The last reading of each meter taken off before the month, and what each new one was put in with, which stands
    before any reading of its own in that month."""
    yield changes.filter(pc.less(changes.column("month"), pa.scalar(month, pa.date32()))).select(_READING)
    start = pa.repeat(pa.scalar(0, pa.int64()), changes.num_rows)
    nothing = pa.nulls(changes.num_rows, QUANTITY)
    columns = {
        "meter": changes.column("new_meter"),
        "sequence": start,
        "current": changes.column("initial"),
        "rollover": nothing,
    }
    yield pa.table({name: columns.get(name, changes.column(name)) for name in _READING})


def _meters_before(standing: pa.Table, changes: pa.Table) -> pa.ChunkedArray:
    """The meter whose place each row's meter took; null where it took none."""
    new = pa.table(
        {
            "account": changes.column("account"),
            "service": changes.column("service"),
            "meter": changes.column("new_meter"),
        }
    )
    places = pc.index_in(_key(standing), value_set=_key(new), skip_nulls=True)
    return changes.column("meter").take(places)


def _select_known(directory: pa.Table, month: date) -> pa.Table:
    known = pc.less_equal(directory.column("from_month"), pa.scalar(month, pa.date32()))
    return directory if pc.all(known).as_py() else directory.filter(known)  # copying columns of text is dear


@dataclass(frozen=True)
class _KeyedRows:
    """Key columns in order, and where each of their rows stood before."""

    keys: pa.Table
    places: Places


def _sort_keys(keys: pa.Table, order: Sequence[tuple[str, str]]) -> _KeyedRows:
    places = np.asarray(pc.sort_indices(keys, sort_keys=order)).astype(np.int64)
    return _KeyedRows(_take_rows(keys, places), places)


def _take_rows(table: pa.Table, places: Places) -> pa.Table:
    """Rows in this order. Registers are mostly in order."""
    whole = len(places) == table.num_rows and np.array_equal(places, np.arange(len(places)))
    return table if whole else table.take(pa.array(places))


def _first_values(known: pa.Table) -> tuple[pa.Table, pa.ChunkedArray]:
    """`Показание` of each meter's first row."""
    columns = [*_METER, "from_month", "sequence", "row"]
    stated = known.select([*columns, "reading"]).filter(pc.is_valid(known.column("reading")))
    rows = _sort_keys(stated, [(name, "ascending") for name in columns]).keys
    firsts = _take_rows(rows, _starts(rows, _METER))
    return firsts, firsts.column("reading")


def _summarise_readings(standing: pa.Table, readings: pa.Table) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Each meter's latest reading and usual consumption; null without readings."""
    if readings.num_rows == 0:
        nothing = pa.chunked_array([pa.nulls(standing.num_rows, QUANTITY)])
        return nothing, nothing
    order = [*((name, "ascending") for name in _METER), ("month", "descending"), ("sequence", "descending")]
    rows = _sort_keys(readings.select(_READING), order).keys
    starts = _starts(rows, _METER)
    latest = _take_rows(rows, starts)
    last = _look_up(standing, latest, latest.column("current"))
    return last, _look_up(standing, latest, _usual(rows, starts))


def _usual(rows: pa.Table, starts: Places) -> pa.ChunkedArray:
    """Average consumption between a meter's latest readings; null with one reading. `rows`: newest first.

    A reading below the one before it, which no run over zero explains, tells nothing of what is usual."""
    count = rows.num_rows
    current = _thousandths(rows.column("current"))
    over = _thousandths(pc.fill_null(rows.column("rollover"), pa.scalar(0, QUANTITY)))
    before = np.append(current[1:], 0)
    used = current - before + np.where(current < before, over, 0)
    place = np.arange(count) - starts[np.cumsum(_mask(starts, count)) - 1]
    is_last = np.append(_mask(starts, count)[1:], True)
    counts = (place < USUAL_MONTHS) & ~is_last & (used >= 0)
    sums = np.add.reduceat(np.where(counts, used, 0), starts)
    numbers = np.add.reduceat(counts.astype(np.int64), starts)
    average = (2 * sums + numbers) // np.maximum(2 * numbers, 1)
    exact = pc.divide(pa.array(average).cast(pa.decimal128(19, 0)), pa.scalar(1000, pa.decimal128(4, 0)))
    values = pc.if_else(pa.array(numbers > 0), exact.cast(QUANTITY, safe=False), pa.scalar(None, QUANTITY))
    return pa.chunked_array([values])


def _thousandths(column: pa.ChunkedArray) -> Places:
    """Quantities as whole thousandths: exact, and numpy can add them."""
    whole = pc.multiply(column.cast(pa.decimal128(18, 3)), pa.scalar(1000, pa.decimal128(4, 0)))
    return np.asarray(whole.cast(pa.int64()))


def _look_up(standing: pa.Table, known: pa.Table, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The value of each row's meter; null where none is known or the line has no meter."""
    places = pc.index_in(_key(standing), value_set=_key(known), skip_nulls=True)
    return values.take(places) if len(values) else pa.chunked_array([pa.nulls(standing.num_rows, QUANTITY)])


def _key(table: pa.Table) -> pa.Array:
    return pc.binary_join_element_wise(*(table.column(name) for name in _METER), _BETWEEN).combine_chunks()


def _starts(rows: pa.Table, names: Sequence[str]) -> Places:
    """Places of a sorted table where any of these columns differs from the row before; null equals null."""
    if rows.num_rows == 0:
        return np.zeros(0, np.int64)
    differs = np.zeros(rows.num_rows - 1, np.bool_)
    for name in names:
        column = rows.column(name)
        values = column.fill_null("") if pa.types.is_string(column.type) else column
        differs |= np.asarray(pc.not_equal(values.slice(1), values.slice(0, rows.num_rows - 1)))
    return np.append(0, np.flatnonzero(differs) + 1)


def _mask(places: Places, length: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(length, np.bool_)
    mask[places] = True
    return mask
