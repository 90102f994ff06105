"""Files as banks make them: the same payments in every shipped layout of rules/banks, and statements of accounts."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal as D

import xlsxwriter

BANK = "CASPKZKA"
DAY = "05.09.2026"


@dataclass(frozen=True)
class Paid:
    """A payment as a bank knows it."""

    number: str
    account: str
    amount: D


PAID = (
    Paid("70011", "10020030", D("5000.00")),
    Paid("70012", "10020031", D("1250.50")),
    Paid("70013", "10020032", D("7.05")),
)


def total(paid: Sequence[Paid]) -> D:
    return sum((one.amount for one in paid), D(0))


def comma(amount: D) -> str:
    return f"{amount:.2f}".replace(".", ",")


def printed(paid: Sequence[Paid] = PAID, encoding: str = "cp866") -> bytes:
    """register_print: lines of 56 characters."""
    lines = [f"   РЕЕСТР ПРИНЯТЫХ ПЛАТЕЖЕЙ за {DAY}", f"   БИК {BANK}", "-" * 56]
    lines += ["№ док    Счет              Сумма   Комиссия        Всего", "-" * 56]
    for one in paid:
        fee = D("10.00")
        lines.append(f"{one.number:<8} {one.account:>10} {one.amount:>12} {fee:>10} {one.amount + fee:>12}")
    lines += [f"Пачка 1: платежей {len(paid)} на сумму {total(paid):.2f}", "=" * 56]
    lines += [f"Итого: платежей {len(paid):>5} на сумму {total(paid):>14.2f}"]
    return "\r\n".join([*lines, ""]).encode(encoding) + (b"\x1a" if encoding == "cp866" else b"")


def dbf(fields: Sequence[tuple[str, str, int, int]], rows: Sequence[Sequence[str]], encoding: str = "cp866") -> bytes:
    """A dBase III table: name, kind, length and places of each field."""
    width = 1 + sum(size for _, _, size, _ in fields)
    head = struct.pack("<4BIHH20x", 3, 126, 9, 5, len(rows), 32 + 32 * len(fields) + 1, width)
    for name, kind, size, places in fields:
        head += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), size, places)
    records = b""
    for row in rows:
        records += b" "
        for text, (_, kind, size, _) in zip(row, fields, strict=True):
            records += (text.rjust(size) if kind == "N" else text.ljust(size)).encode(encoding)
    return head + b"\r" + records + b"\x1a"


def as_dbf(paid: Sequence[Paid] = PAID) -> bytes:
    """register_dbf."""
    fields = [
        ("BIK", "C", 8, 0), ("DAT", "D", 8, 0), ("NOMDOC", "C", 10, 0), ("LS", "C", 12, 0), ("BIN", "C", 12, 0),
        ("USLUGA", "C", 20, 0), ("SUMMA", "N", 15, 2),
    ]  # fmt: skip
    day = f"{DAY[6:]}{DAY[3:5]}{DAY[:2]}"
    return dbf(fields, [[BANK, day, one.number, one.account, "", "", f"{one.amount:.2f}"] for one in paid])


def moments(paid: Sequence[Paid] = PAID, encoding: str = "utf-8") -> bytes:
    """register_moments: no number of a payment."""
    lines = [f"Реестр платежей;БИК;{BANK}"]
    lines += [f"{DAY} 12:00:{at:02d};{one.account};{comma(one.amount)}" for at, one in enumerate(paid)]
    lines += [f"Итого;{len(paid)};{comma(total(paid))}"]
    return "\r\n".join([*lines, ""]).encode(encoding)


def operations(
    paid: Sequence[Paid] = PAID, *, foot: bool = True, beside: str = "", bank: str = BANK, day: str = DAY
) -> bytes:
    """register_operations: a workbook of one sheet, or with another one `beside` it."""
    rows: list[list[object]] = [[f"Реестр платежей за период {day}"], ["БИК банка", bank], []]
    rows.append(["№ документа", "Дата операции", "Номер абонента", "Плательщик", "Зачислено"])
    rows += [[one.number, f"{day} 10:15:00", one.account, "Яна Петровна О.", float(one.amount)] for one in paid]
    if foot:
        rows.append(["Итого операций", len(paid), None, None, float(total(paid))])
    return book(rows, beside)


def book(rows: Sequence[Sequence[object]], beside: str = "") -> bytes:
    """A workbook with these rows."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for place, row in enumerate(rows):
            for at, value in enumerate(row):
                if value is not None:
                    sheet.write(place, at, value)
        if beside:
            made.add_worksheet().write(0, 0, beside)
    return sink.getvalue()


SAMPLES: Mapping[str, tuple[str, bytes]] = {
    "register_print": ("any.txt", printed()),
    "register_dbf": ("any.dbf", as_dbf()),
    "register_moments": ("any.csv", moments()),
    "register_operations": ("any.xlsx", operations()),
}
