"""A month computed a range of accounts at a time: memory stays that of one range, and ranges are computed side by side.

No step of the close looks beyond an account, so ranges in the order of accounts, one after another, are the whole.
Where ranges begin depends on the facts alone: the same facts give the same bytes, however many threads there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts

T = TypeVar("T")


def ranges_of(counted: pa.Table, rows: int) -> list[Accounts]:
    """Return ranges of about so many rows that together are all accounts. `counted`: account, rows (how many it
    has)."""
    ordered = counted.sort_by("account")
    total = pc.sum(ordered.column("rows")).as_py() or 0
    if total <= rows:
        return [EVERY_ACCOUNT]
    before = np.cumsum(ordered.column("rows").to_numpy()) - ordered.column("rows").to_numpy()
    number = before // rows
    begins = np.flatnonzero(np.diff(number)) + 1
    names = ordered.column("account").take(pa.array(begins)).to_pylist()
    return [Accounts(first, end) for first, end in zip([None, *names], [*names, None], strict=True)]


def side_by_side(ranges: Sequence[Accounts], job: Callable[[Accounts], T], threads: int) -> Iterator[T]:
    """Yield what the job gives for each range, in their order. At most threads and one are under way or wait."""
    if len(ranges) == 1:
        yield job(ranges[0])
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="close")
    waiting: deque[Future[T]] = deque()
    try:
        for accounts in ranges:
            waiting.append(pool.submit(job, accounts))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
