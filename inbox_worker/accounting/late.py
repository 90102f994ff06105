"""Payments told after their month was closed: they still end a debt on their own day (4.1.6, 4.1.7)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.close.allocate import Whole
from inbox_worker.model import Period


def late_turns(rows: pa.Table, month: Period) -> Whole:
    """In which turn each payment of the month is allocated, from 0: so many of its account came before it that were
    paid before the month.

    The month's penalty is that of the days of the month before (decision 94), so such a payment lowers it, and what
    the next payment of the account finds to pay. `rows`: `account` and `paid_on`, in order of allocation.
    """
    accounts = rows.column("account").combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    late = pc.less(rows.column("paid_on"), pa.scalar(month.first_day)).to_numpy().astype(np.int64)
    order = np.argsort(accounts, kind="stable")
    before = np.cumsum(late[order]) - late[order]
    turns = np.empty(len(order), np.int64)
    firsts = np.flatnonzero(np.diff(accounts[order], prepend=-1))
    turns[order] = before - np.repeat(before[firsts], np.diff(np.append(firsts, len(order))))
    return turns
