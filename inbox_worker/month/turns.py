"""The order in which a register's rows are posted: payments and reversals of one account one after another (4.1.7).

Everything else is done at once, whole columns at a time, in as few turns as the accounts need.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Period
from inbox_worker.month.allocate import Flags, Whole


def in_order(rows: pa.Table) -> pa.Table:
    """Order rows by `Дата приёма`, then number (its digits as numbers), a reversal after its payment of the same
    day, then place in the register."""
    days, places = (rows.column(name).to_numpy() for name in ("paid_on", "row"))
    return rows.take(pa.array(np.lexsort((places, is_reversal(rows), _ranks(rows.column("number")), days))))


def _ranks(numbers: pa.ChunkedArray) -> Whole:
    """Return what puts numbers in order; numbers of digits alone, as most registers have them, are compared at once."""
    plain = pc.and_(pc.ascii_is_decimal(numbers), pc.less_equal(pc.binary_length(numbers), _LONGEST))
    if pc.all(plain).as_py():
        ranks: Whole = pc.cast(numbers, pa.int64()).to_numpy()
        return ranks
    keys = [_number_key(number) for number in numbers.to_pylist()]
    rank_of = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    return np.array([rank_of[key] for key in keys], np.int64)


def _number_key(number: str) -> tuple[tuple[int, int, str], ...]:
    if number.isdecimal():
        return ((0, int(number), ""),)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in re.findall(r"\d+|\D+", number))


_LONGEST = 18  # digits that 64 bits hold


def turns_of(rows: pa.Table, month: Period, *, penalties: bool) -> Whole:
    """Return the turn of each row, from 0. Within a turn payments come before reversals.

    A payment waits for the next turn when the row of its account before it changes what it finds to pay in another
    way than by paying: a reversal gives back, and a payment of an earlier month, reported late, lowers the penalty of
    this one where `penalties` may stand (decision 94). `rows`: `account`, `paid_on`, `amount`, in order of posting.
    """
    accounts = rows.column("account").combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    changing = is_reversal(rows)
    if penalties:
        changing = changing | np.asarray(pc.less(rows.column("paid_on"), pa.scalar(month.first_day)))
    order = np.argsort(accounts, kind="stable")
    first = np.diff(accounts[order], prepend=-1) != 0
    waits = np.zeros(len(order), np.bool_)
    waits[1:] = changing[order][:-1]
    waits &= ~first & ~is_reversal(rows)[order]
    counted = np.cumsum(waits)
    starts = np.flatnonzero(first)
    turns = np.empty(len(order), np.int64)
    turns[order] = counted - np.repeat(counted[starts], np.diff(np.append(starts, len(order))))
    return turns


def is_reversal(rows: pa.Table) -> Flags:
    """Flag the rows with a sum below zero."""
    found: Flags = np.asarray(pc.less(rows.column("amount"), pa.scalar(0, rows.schema.field("amount").type)))
    return found
