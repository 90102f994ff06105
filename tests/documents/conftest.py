"""A small Customer's month, made by hand: two houses, three services, the signs and edges documents meet."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import CloseData, Operator
from inbox_worker.settings.rules import Rules, load_rules

ROOT = Path(__file__).parents[2]
MONEY, TARIFF, QUANTITY = pa.decimal128(18, 2), pa.decimal128(18, 4), pa.decimal128(18, 3)
SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing",
        "opening_penalty", "paid_penalty", "closing_penalty")  # fmt: skip
LINES = pa.schema(
    [(name, pa.string()) for name in ("account", "customer", "service", "house", "address", "flat", "name")]
    + [("tariff", TARIFF), ("quantity", QUANTITY), ("area", QUANTITY), ("residents", pa.int64())]
    + [(name, MONEY) for name in SUMS]
)
PAYMENTS = pa.schema(
    [(name, pa.string()) for name in ("payment", "bank", "number", "account", "customer", "service")]
    + [("paid_on", pa.date32()), ("percent", pa.decimal128(9, 4)), ("submission", pa.string())]
    + [("sheet", pa.string()), ("row", pa.int32())]
    + [(name, MONEY) for name in ("amount", "penalty_part", "fee", "transfer")]
)
BIN = "971240003619"


def line(account: str, service: str, house: str, name: str, sums: str) -> dict[str, Any]:
    """`sums`: opening charged undelivered recalculated penalty paid moved; the closing follows."""
    given = [Decimal(text) for text in sums.split()]
    opening, charged, undelivered, recalculated, penalty, paid, moved = given
    closing = opening + charged + undelivered + recalculated + penalty - paid + moved
    values = dict(zip(SUMS, [*given, closing, Decimal(0), Decimal(0), penalty], strict=True))
    place = {"account": account, "service": service, "house": house, "name": name, "customer": BIN}
    kind = {
        "tariff": Decimal("31.4155"),
        "quantity": Decimal("65.300"),
        "area": Decimal("65.300"),
        "residents": 3,
    }
    return {**place, **kind, **values, "address": f"г. Алматы, ул. Құрманғазы, {house}", "flat": "12"}


def payment(number: str, service: str, amount: str, fee: str) -> dict[str, Any]:
    sums = {"amount": Decimal(amount), "penalty_part": Decimal(0), "fee": Decimal(fee)}
    who = {"payment": f"p{number}", "bank": "CASPKZKA", "number": number, "account": "0012", "customer": BIN}
    where = {"submission": "S-1", "sheet": "Реестр", "row": 8, "percent": Decimal("1.2")}
    paid = {"paid_on": date(2026, 9, 10), "transfer": sums["amount"] - sums["fee"]}
    return {**who, **where, **paid, **sums, "service": service}


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules(ROOT / "rules")


@pytest.fixture(scope="session")
def act_template() -> bytes:
    return (ROOT / "templates/documents/act.docx").read_bytes()


@pytest.fixture
def customer() -> Customer:
    return Customer(
        bin=BIN,
        name="ТОО «Жетісу Тұрғын Үй & Ко»",
        kind="орган управления",
        contract="АЛС-0142/25",
        contract_date=date(2025, 1, 15),
        valid_until=None,
        emails=("ofis@zhetisu.example",),
        bic="CASPKZKA",
        iban="KZ28722S000001013958",
        kbe="17",
        head="Құдайбергенов Ә. Ғ.",
        address="г. Алматы, мкр. Көктем-2, д. 14",
        utilities=False,
    )


@pytest.fixture
def operator() -> Operator:
    return Operator(
        bin="120340004560",
        name="АО «Есеп»",
        name_kk="«Есеп» АҚ",
        address="г. Алматы, ул. Байтурсынова, 1",
        iban="KZ28722S000001013958",
        bank="АО «Банк»",
        bic="CASPKZKA",
        head="Ахметов Б. С.",
        head_position="Бас директор / Генеральный директор",
    )


@pytest.fixture
def close() -> CloseData:
    lines = [
        line("0012", "maintenance", "A-001", "Қасымов Ерлан", "817.82 6068.53 0 -590.89 0.00 13674.89 0"),
        line("0012", "lift", "A-001", "Қасымов Ерлан", "-500.00 800.00 0 0 0 1000.00 0"),
        line("0012", "heating", "A-001", "Қасымов Ерлан", "0.10 6600.00 -1064.52 0 12.34 0 0.20"),
        line("10020037", "maintenance", "A-002", "Өмірбекқызы Гүлнұр", "0.00 2051.43 0 0 0 2051.43 0"),
        line("10020044", "heating", "A-001", "=cmd()", "100.30 0.10 0 0.20 0 0 0"),
    ]
    payments = [
        payment("1", "maintenance", "13674.89", "164.10"),
        payment("2", "lift", "1000.00", "12.00"),
        payment("3", "maintenance", "2051.43", "24.62"),
    ]
    table = pa.Table.from_pylist(lines, schema=LINES)
    return CloseData(Period(2026, 9), 1, table, pa.Table.from_pylist(payments, schema=PAYMENTS), "ab" * 32)
