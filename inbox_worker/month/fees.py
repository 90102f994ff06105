"""The operator's fee of each part of a payment, rounded half up once per payment and line (4.2.5, 4.3.9, 5.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.queries import read_query
from inbox_worker.ledger.schemas import PERCENT
from inbox_worker.month.allocate import MONEY, Whole, money_of, tiyn_of
from inbox_worker.month.office import Office

_HUNDREDTH = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
_SCHEDULED = read_query(__file__, "scheduled_fees")


def add_fees(office: Office, connection: duckdb.DuckDBPyConnection, parts: pa.Table) -> pa.Table:
    """Add `percent`, `commission`, `commission_of` and `fee` to parts of payments.

    By the Customer's own price or the price list, the price of the payment's date; of a line that is paid by a schedule
    at the rate that the schedule states, `commission` of `commission_of` tenge (both null by the price list; `percent`
    is rounded then).
    `connection`: the month's, with `known_repair_schedule`. The parts are above zero.
    """
    percent = _percents(office, parts)
    exact = pc.multiply(pc.multiply(parts.column("amount"), percent), _HUNDREDTH)
    fee = tiyn_of(pc.round(exact, 2, round_mode="half_towards_infinity").cast(MONEY)).copy()
    stated = _find_stated(connection, parts)
    places = np.asarray(stated.column("place"))
    commission, of = tiyn_of(stated.column("commission")), tiyn_of(stated.column("total"))
    fee[places] = _share(tiyn_of(parts.column("amount"))[places], commission, of)
    columns = {name: parts.column(name) for name in parts.column_names}
    shown = [round(Decimal(100 * int(c)) / int(o), 4) for c, o in zip(commission, of, strict=True)]
    columns["percent"] = _put(percent, places, pa.array(shown, PERCENT))
    columns["commission"] = _put(pa.nulls(parts.num_rows, MONEY), places, money_of(commission))
    columns["commission_of"] = _put(pa.nulls(parts.num_rows, MONEY), places, money_of(of))
    return pa.table({**columns, "fee": money_of(fee)})


def _share(amounts: Whole, commission: Whole, of: Whole) -> Whole:
    """Return amount x commission / of, half up, in whole tiyn; counted in Python's numbers, which never overflow."""
    rows = zip(amounts.tolist(), commission.tolist(), of.tolist(), strict=True)
    return np.array([(2 * amount * part + whole) // (2 * whole) for amount, part, whole in rows], np.int64)


def _put(values: pa.Array, places: Whole, others: pa.Array) -> pa.Array:
    mask = np.zeros(len(values), np.bool_)
    mask[places] = True
    return pc.replace_with_mask(values, pa.array(mask), others)


def _find_stated(connection: duckdb.DuckDBPyConnection, parts: pa.Table) -> pa.Table:
    """Return both commissions and `Итого` of the schedule's row, for parts of lines that have a schedule; by their
    place."""
    names = ("customer", "account", "service", "paid_on")
    asked = {name: parts.column(name) for name in names}
    connection.register("fee_parts", pa.table({**asked, "place": pa.array(np.arange(parts.num_rows))}))
    return connection.sql(_SCHEDULED).to_arrow_table()


def _percents(office: Office, parts: pa.Table) -> pa.Array:
    """Return the price of each part: by the Customer, the service and the payment's date (4.8, 5.1)."""
    keys = pa.table({"customer": parts.column("customer"), "service": parts.column("service"),
                     "day": parts.column("paid_on")})  # fmt: skip
    texts = pc.binary_join_element_wise(*(pc.cast(keys.column(name), pa.string()) for name in keys.column_names), "/")
    encoded = texts.combine_chunks().dictionary_encode()
    firsts = np.unique(np.asarray(encoded.indices), return_index=True)[1]
    percents = [
        find_fee_percent(office, key["customer"], key["service"], key["day"])
        for key in keys.take(pa.array(firsts)).to_pylist()
    ]
    return pa.array(percents, PERCENT).take(encoded.indices)


def find_fee_percent(office: Office, customer: str, service: str, day: date) -> Decimal:
    """Return the per cent withheld of a payment of a day: the price of the Customer's own agreement (4.8), else that of
    the price list for his kind (5.1). Raises RulesError where the list has none."""
    known = office.journal.customers.on(day).get(customer)
    if known and known.price is not None:
        return known.price
    return office.rules.fee_percent(known.kind if known else "", service, day)
