"""The daily file of payments as programs of Customers read it: DBF and 1CClientBankExchange (4.1.10)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import Operator
from inbox_worker.core.text import one_line
from inbox_worker.documents.order_files import fill_parts, spell_for

_CP866 = 0x65  # how a DBF says its encoding
_FIELDS = (  # name, type, length, places
    ("PAID_ON", "D", 8, 0), ("BANK", "C", 11, 0), ("NUMBER", "C", 60, 0), ("ACCOUNT", "C", 20, 0),
    ("SERVICE", "C", 60, 0), ("CODE", "C", 20, 0), ("AMOUNT", "N", 16, 2), ("PENALTY", "N", 16, 2),
    ("PERCENT", "N", 8, 4), ("FEE", "N", 16, 2), ("TRANSFER", "N", 16, 2), ("SOURCE", "C", 40, 0), ("ROW", "N", 8, 0),
)  # fmt: skip
_COLUMNS = ("paid_on", "bank", "number", "account", "service_ru", "service", "amount", "penalty_part", "percent", "fee",
            "transfer", "submission", "row")  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


def write_dbf(rows: Rows, day: date, letters: Mapping[str, str]) -> bytes:
    """Return rows as dBase III in cp866, the fields of the .csv under names of at most ten letters. `day`: of the
    head. A text that is longer than its field is cut."""
    width = 1 + sum(length for _, _, length, _ in _FIELDS)
    start = 32 + 32 * len(_FIELDS) + 1
    head = struct.pack("<BBBBIHH17xB2x", 3, day.year - 1900, day.month, day.day, len(rows), start, width, _CP866)
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), length, places)
        for name, kind, length, places in _FIELDS
    )
    records = b"".join(_record(row, letters) for row in rows)
    return head + fields + b"\r" + records + b"\x1a"


def _record(row: Mapping[str, Any], letters: Mapping[str, str]) -> bytes:
    cells = [b" "]
    for (_, kind, length, places), column in zip(_FIELDS, _COLUMNS, strict=True):
        value = row[column]
        if kind == "D":
            cells.append(f"{value:%Y%m%d}".encode())
        elif kind == "N":
            cells.append(f"{value:{length}.{places}f}".encode())
        else:
            cells.append(spell_for("cp866", one_line(str(value or "")), letters)[:length].ljust(length))
    return b"".join(cells)


def write_payments_1c(
    rows: Rows,
    days: tuple[date, date],
    customer: Customer,
    operator: Operator,
    template: str,
    letters: Mapping[str, str],
) -> bytes:
    """Return rows as a statement of the Customer's account in 1C's format, cp1251: each payment comes in, each reversal
    goes out. `template`: as that of orders."""
    sums = [sum((row["amount"] for row in rows if (row["amount"] > 0) is above), Decimal(0)) for above in (True, False)]
    first, last = (f"{day:%d.%m.%Y}" for day in days)
    common = {
        "made_day": last, "first_day": first, "last_day": last, "iban": customer.iban, "name": one_line(customer.name),
        "bin": customer.bin, "payer_name": one_line(operator.name), "payer_bin": operator.bin, "came": f"{sums[0]:.2f}",
        "went": f"{-sums[1]:.2f}", "net": f"{sums[0] + sums[1]:.2f}",
    }  # fmt: skip
    return fill_parts(template, common, [_document(row) for row in rows], letters)


def _document(row: Mapping[str, Any]) -> dict[str, str]:
    shown = {
        name: one_line(f"{row[name]:%d.%m.%Y}" if name == "paid_on" else str(row[name] or "")) for name in _COLUMNS
    }
    amount, none = f"{abs(row['amount']):.2f}", ""
    came, went = (amount, none) if row["amount"] > 0 else (none, amount)
    return {**shown, "came_in": came, "went_out": went}
