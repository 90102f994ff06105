"""Payments over an account's lines, once, on loading (4.1.7, money.md "Payments").

In steps, each in proportion, until nothing is left: opening debts without penalty; the month's charges; penalty,
opening then the month's; advance. What a payment names, Customer, service or both, says which lines it is for.

All accounts' first payments are taken together, then all second ones, and so on: a set step a payment's rank.
Everything is whole tiyn in 64 bits; products that do not fit are counted one by one in Python's whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MONEY = pa.decimal128(18, 2)
_MOST = 10**18  # tiyn that it does not hold
PARTS = ("opening", "month", "opening_penalty", "penalty")  # what a payment pays, in this order; then `advance`
_FITS = float(2**62)
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Allocated:
    """Parts of payments, a row a payment and line in order of both: places in the given tables, and tiyn by what
    they pay. The parts of a payment add up to it exactly.

    `unknown`: places of payments that go to suspense; of them `no_account` says that the account has no lines.
    """

    payment: Whole
    line: Whole
    paid: dict[str, Whole]
    unknown: Whole
    no_account: Flags

    @property
    def amount(self) -> Whole:
        total: Whole = np.sum(list(self.paid.values()), axis=0, dtype=np.int64)
        return total


def allocate(payments: pa.Table, lines: pa.Table) -> Allocated:
    """Allocate each payment by itself, in the given order.

    `payments`: account, payee and service ('' or null when not named), amount above zero.
    `lines`: account, customer, service, what each still awaits by PARTS and this month's `charged` as the weight of
    an advance, none below zero; sorted by account, then order of services, then БИН. A line that is `named_only` gets
    nothing of payments that name no Customer. Raises OverflowError for
    balances of an account beyond 46 000 000 000 000 000 tenge.
    """
    accounts = pc.unique(lines.column("account"))
    of, counts = _codes(payments.column("account"), accounts), _count_lines(lines, accounts)
    payment, line = _pairs(payments, lines, of, counts)
    amounts = tiyn_of(payments.column("amount"))
    due = np.array([tiyn_of(lines.column(what)) for what in (*PARTS, "charged")], np.int64)
    _fits(due, amounts, counts)
    paid = np.zeros((len(PARTS) + 1, len(payment)), np.int64)
    for places in _by_rank(payment, of[payment]):
        paid[:, places] = _one_each(payment[places], line[places], amounts, due)
    got = paid.any(axis=0)
    unknown = np.setdiff1d(np.arange(len(amounts)), payment)
    kept = dict(zip((*PARTS, "advance"), paid[:, got], strict=True))
    return Allocated(payment[got], line[got], kept, unknown, of[unknown] < 0)


def _count_lines(lines: pa.Table, accounts: pa.Array) -> Whole:
    """Return how many lines each account has; lines lie by account, in the accounts' order."""
    starts = np.searchsorted(_codes(lines.column("account"), accounts), np.arange(len(accounts)))
    return np.diff(np.append(starts, lines.num_rows))


def _pairs(payments: pa.Table, lines: pa.Table, of: Whole, counts: Whole) -> tuple[Whole, Whole]:
    """Return each payment beside each line that it may pay, in order. `of`: each payment's account, -1 without lines;
    `counts`: each account's lines."""
    starts = np.cumsum(counts) - counts
    many = np.where(of < 0, 0, counts[of]) if len(counts) else np.zeros(len(of), np.int64)
    payment = np.repeat(np.arange(len(of)), many)
    firsts = np.cumsum(many) - many
    line = starts[of[payment]] + np.arange(len(payment)) - firsts[payment]
    fits = ~_is_named(payments, "payee")[payment] | _same(payments, "payee", payment, lines, "customer", line)
    fits &= _is_named(payments, "payee")[payment] | ~np.asarray(lines.column("named_only"))[line]
    fits &= ~_is_named(payments, "service")[payment] | _same(payments, "service", payment, lines, "service", line)
    return payment[fits], line[fits]


def _codes(column: pa.ChunkedArray, known: pa.Array) -> Whole:
    """Return the place of each value among the known; -1 for others."""
    return np.asarray(pc.index_in(column, value_set=known).fill_null(-1)).astype(np.int64)


def _same(payments: pa.Table, name: str, payment: Whole, lines: pa.Table, other: str, line: Whole) -> Flags:
    known = pc.unique(lines.column(other))
    same: Flags = _codes(payments.column(name), known)[payment] == _codes(lines.column(other), known)[line]
    return same


def _is_named(payments: pa.Table, column: str) -> Flags:
    return np.asarray(pc.fill_null(pc.not_equal(payments.column(column), ""), False))


def _fits(due: Whole, amounts: Whole, counts: Whole) -> None:
    """Raise OverflowError where sums over an account's lines pass 64 bits: numpy would wrap around in silence."""
    if float(due.max(initial=0)) * float(counts.max(initial=1)) >= _FITS or float(amounts.max(initial=0)) >= _FITS:
        raise OverflowError("a balance or a payment is beyond 46 000 000 000 000 000 tenge; look at the directory")


def _by_rank(payment: Whole, account: Whole) -> list[Whole]:
    """Return places of pairs: those of all accounts' first payments, of all second ones, ..."""
    first = np.flatnonzero(np.diff(payment, prepend=-1))
    order = np.argsort(account[first], kind="stable")
    begun = np.flatnonzero(np.diff(account[first][order], prepend=-1))
    rank = np.empty(len(first), np.int64)
    rank[order] = np.arange(len(first)) - np.repeat(begun, np.diff(np.append(begun, len(first))))
    of_pair = np.repeat(rank, np.diff(np.append(first, len(payment))))
    by_rank = np.argsort(of_pair, kind="stable")
    return np.split(by_rank, np.flatnonzero(np.diff(of_pair[by_rank])) + 1) if len(payment) else []


def _one_each(payment: Whole, line: Whole, amounts: Whole, due: Whole) -> Whole:
    """Split one payment of each account over its lines, by what it pays, and take it off `due`."""
    starts = np.flatnonzero(np.diff(payment, prepend=-1))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(payment))))
    left = amounts[payment[starts]]
    found = np.zeros((len(PARTS) + 1, len(payment)), np.int64)
    for step in range(len(PARTS)):
        awaited = due[step, line]
        total = np.add.reduceat(awaited, starts)
        taken = np.minimum(left, total)
        found[step] = np.where(
            (taken == total)[group], awaited, _split(np.where(taken < total, taken, 0), awaited, group)
        )
        due[step, line] -= found[step]
        left = left - taken
    weights = due[len(PARTS), line]
    nothing = np.add.reduceat(weights, starts) == 0
    weights[starts[nothing]] = 1  # without any charge all goes to the first line
    found[len(PARTS)] = _split(left, weights, group)
    return found


def _split(amounts: Whole, weights: Whole, group: Whole) -> Whole:
    """Return each group's amount in proportion to its weights; tiyn left over to the largest remainders, ties to the
    first.

    `group`: the number of each weight's group, ascending. A group without an amount gets zeros.
    """
    parts = np.zeros(len(weights), np.int64)
    used = np.flatnonzero(amounts[group] > 0)
    if not len(used):
        return parts
    kept, back = np.unique(group[used], return_inverse=True)
    parts[used] = _shares(amounts[kept], weights[used], back.astype(np.int64))
    return parts


def _shares(amounts: Whole, weights: Whole, group: Whole) -> Whole:
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    totals = np.add.reduceat(weights, starts)
    each, whole = amounts[group], totals[group]
    floors, remainders = _divide(each, weights, whole)
    over = amounts - np.add.reduceat(floors, starts)
    order = np.lexsort((np.arange(len(group)), -remainders, group))
    turn = np.empty(len(group), np.int64)
    turn[order] = np.arange(len(group)) - starts[group]
    return floors + (turn < over[group])


def _divide(amounts: Whole, weights: Whole, totals: Whole) -> tuple[Whole, Whole]:
    """Return amount x weight / total: whole tiyn and remainder. A product beyond 62 bits is counted in Python's
    numbers."""
    wide = np.flatnonzero(amounts.astype(np.float64) * weights >= _FITS)
    products = amounts * np.where(np.isin(np.arange(len(weights)), wide), 0, weights)
    floors = products // totals
    remainders = products - floors * totals
    for place in wide.tolist():
        exact = divmod(int(amounts[place]) * int(weights[place]), int(totals[place]))
        floors[place], remainders[place] = exact
    return floors, remainders


def tiyn_of(column: pa.ChunkedArray) -> Whole:
    """Return a column of DECIMAL(18,2) in tiyn; it must have no nulls."""
    money = column.cast(MONEY).combine_chunks()
    if not len(money):
        return np.zeros(0, np.int64)
    words = np.frombuffer(money.buffers()[1], np.int64).reshape(-1, 2)  # of 128 bits; the low ones hold it
    found: Whole = words[money.offset : money.offset + len(money), 0].copy()
    return found


def money_of(tiyn: Whole) -> pa.Array:
    """Return whole tiyn as DECIMAL(18,2). Raises ArrowInvalid for sums that it does not hold."""
    if not -_MOST < tiyn.min(initial=0) <= tiyn.max(initial=0) < _MOST:
        raise pa.ArrowInvalid(f"a sum of {_MOST} tiyn or more does not fit {MONEY}")
    words = np.stack([tiyn, tiyn >> 63], axis=1)  # the high word of 128 bits is the sign's
    return pa.Array.from_buffers(MONEY, len(tiyn), [None, pa.py_buffer(words)])
