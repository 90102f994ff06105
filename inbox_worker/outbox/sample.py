"""A made-up month for looking at templates: all that documents can show stands in it once. Nobody's real data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from inbox_worker.core.model import Customer, FactFile, Period
from inbox_worker.core.rendered import CloseData, Operator
from inbox_worker.documents.bill import (
    SUMS,
    Bill,
    BillLine,
    BillMeter,
    LostDays,
    MeterMonth,
    PenaltyDays,
    Recalculation,
)
from inbox_worker.documents.close_protocol import ClosedMonth
from inbox_worker.documents.debtors import AGES
from inbox_worker.documents.month_page import Came, MonthPage, Sums, Waiting
from inbox_worker.settings.calendar import deadline_moment
from inbox_worker.settings.form_rules import METERED
from inbox_worker.settings.office_rules import EVERY_FORM
from inbox_worker.settings.rules import Rules

MONTH = Period(2026, 9)
BIN, NAME = "050140000011", "ТОО «Жетісу Тұрғын Үй & Ко»"
MONEY, PERCENT = pa.decimal128(18, 2), pa.decimal128(9, 4)
PEOPLE = ("Құдайбергенов Әділхан Ғабитұлы", "Өмірбекқызы Гүлнұр", "Иванова-Петропавловская Мария Александровна", "")
_LINE_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("account", "customer", "service", "house", "address", "flat", "name")]
    + [("tariff", pa.decimal128(18, 4)), ("quantity", pa.decimal128(18, 3)), ("area", pa.decimal128(18, 3))]
    + [("residents", pa.int64()), *((name, MONEY) for name in (*SUMS, "closing_penalty"))]
)
_PAYMENT_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("payment", "bank", "number", "account", "customer", "service", "submission")]
    + [("sheet", pa.string()), ("row", pa.int32()), ("paid_on", pa.date32()), ("percent", PERCENT)]
    + [(name, MONEY) for name in ("amount", "penalty_part", "fee", "transfer")]
)
# opening charged undelivered recalculated penalty paid moved
_STORIES = ("817.82 2051.43 0 -590.89 0 1000.00 0", "-500.00 800.00 0 0 0 1000.00 0",
            "12600.10 6600.00 -1064.52 0 12.34 0 100.00", "0 0 0 0 0 0 -100.00")  # fmt: skip


_STEPS = ((Decimal("60.000"), Decimal("27.6970")), (Decimal("5.300"), Decimal("38.1002")))
_STEP_TARIFFS_BEFORE = (Decimal("27.6970"), Decimal("36.5000"))
_PENALTY = (PenaltyDays(Decimal("1201.09"), Decimal(25), Decimal(1), 15),)


@dataclass(frozen=True)
class Sample:
    """The month of a made-up Customer, in every shape that documents ask for."""

    close: CloseData
    customer: Customer
    ages: Any
    last_payments: Any
    directory: Any
    protocol: ClosedMonth
    bills: Sequence[Bill]
    page: MonthPage


def sample(operator: Operator, rules: Rules) -> Sample:
    """Make a sample month from the rules in force, so that services that staff added stand in it too."""
    services = [service.code for service in rules.services]
    lines = [_line(place, code) for place, code in enumerate(services)]
    close = CloseData(
        MONTH, 1, pa.Table.from_pylist(lines, schema=_LINE_SCHEMA),
        pa.Table.from_pylist(_payments(lines), schema=_PAYMENT_SCHEMA), "0123456789abcdef" * 4,
        frozenset({(BIN, "electricity")}),
    )  # fmt: skip
    return Sample(
        close=close,
        customer=_customer(),
        ages=_ages(lines),
        last_payments=pa.table({"account": ["1000"], "customer": [BIN], "last_paid_on": [date(2026, 9, 10)],
                                "last_paid": pa.array([Decimal("1000.00")], MONEY)}),
        directory=_directory(lines, rules),
        protocol=protocol_of(close),
        bills=_bills(lines, rules),
        page=_page(operator, rules),
    )  # fmt: skip


def _customer() -> Customer:
    return Customer(
        bin=BIN, name=NAME, kind="орган управления", contract="АЛС-0142/25", contract_date=date(2025, 8, 1),
        valid_until=None, emails=("ofis@zhetisu.example",), bic="CASPKZKA", iban="KZ28722S000001013958", kbe="17",
        head="Құдайбергенов Ә. Ғ.", address="г. Алматы, мкр. Көктем-2, д. 14", utilities=True,
    )  # fmt: skip


def _line(place: int, service: str) -> dict[str, Any]:
    opening, charged, undelivered, recalculated, penalty, paid, moved = map(Decimal, _STORIES[place % 4].split())
    closing = opening + charged + undelivered + recalculated + penalty - paid + moved
    sums = (opening, charged, undelivered, recalculated, penalty, paid, moved, closing)
    who = place % len(PEOPLE)
    return {
        "account": f"{1000 + who}", "customer": BIN, "service": service, "house": f"A-{1 + who // 2:03d}",
        "address": f"г. Алматы, ул. Құрманғазы, {14 + who // 2}", "flat": f"{12 + who}", "name": PEOPLE[who],
        "tariff": Decimal("31.4155"), "quantity": Decimal("65.300"), "area": Decimal("65.300"), "residents": 3,
        **dict(zip(SUMS, sums, strict=True)), "closing_penalty": penalty,
    }  # fmt: skip


def _payments(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    paid = []
    for place, line in enumerate(line for line in lines if line["paid"]):
        fee = (line["paid"] * Decimal("1.2") / 100).quantize(Decimal("0.01"))
        paid.append({
            "payment": f"IW-000099-1/Реестр/{8 + place}", "bank": ("CASPKZKA", "HSBKKZKX")[place % 2],
            "number": f"{601150052 + place}", "account": line["account"], "customer": BIN, "service": line["service"],
            "submission": "IW-000099-1", "sheet": "Реестр", "row": 8 + place, "paid_on": date(2026, 9, 10 + place % 3),
            "percent": Decimal("1.2"), "amount": line["paid"], "penalty_part": Decimal(0), "fee": fee,
            "transfer": line["paid"] - fee,
        })  # fmt: skip
    return paid


def _ages(lines: Sequence[dict[str, Any]]) -> pa.Table:
    """This month's charge is a month old; the rest of a debt is from before the ledger."""
    owing = [line for line in lines if line["closing"] > 0]
    rows = []
    for line in owing:
        fresh = min(line["closing"], max(line["charged"], Decimal(0)))
        parts = dict.fromkeys(AGES, Decimal(0)) | {"age_1": fresh, "age_before": line["closing"] - fresh}
        rows.append({"account": line["account"], "customer": BIN, "service": line["service"], **parts, "months": 2})
    names = [(name, pa.string()) for name in ("account", "customer", "service")]
    schema = pa.schema([*names, *((name, MONEY) for name in AGES), ("months", pa.int32())])
    return pa.Table.from_pylist(rows, schema=schema)


def _directory(lines: Sequence[dict[str, Any]], rules: Rules) -> pa.Table:
    rows = []
    for line in lines:
        base = rules.service(line["service"]).base
        meter = f"№ {line['account']}-1" if base == "счётчик" else None
        rows.append({**line, "base": base, "meter": meter, "from_month": date(2025, 1, 1),
                     "reading": Decimal("123.450") if meter else None})  # fmt: skip
    return pa.Table.from_pylist(rows)


def protocol_of(close: CloseData) -> ClosedMonth:
    """Return what the protocol tells of a made-up close."""
    fact = FactFile(f"facts/{BIN}/{MONTH}/tariffs-IW-000058-1.parquet", "fedcba9876543210" * 4, "tariffs", BIN, MONTH,
                    "IW-000058-1", 4)  # fmt: skip
    return ClosedMonth(
        month=close.month,
        number=close.number,
        sha256=close.sha256,
        made_at=datetime(2026, 10, 5, 10, 0),  # noqa: DTZ001 - shown only
        rules="0123456789abcdef",
        sequence=70,
        files={"lines": (close.lines.num_rows, "89abcdef01234567" * 4)},
        facts=[fact],
        customers=_sum_rows(close.lines, "customer", "lines", SUMS),
        services=_sum_rows(close.lines, "service", "lines", SUMS),
        banks=_sum_rows(close.payments, "bank", "parts", ("amount", "fee", "transfer")),
        suspense=pa.table({"bank": ["CASPKZKA"], "amount": pa.array([Decimal("500.00")], MONEY)}),
        received=sum(close.payments.column("amount").to_pylist(), Decimal("500.00")),
    )


def _sum_rows(rows: pa.Table, by: str, count: str, sums: Sequence[str]) -> pa.Table:
    found = rows.group_by(by).aggregate([([], "count_all"), *((name, "sum") for name in sums)])
    return found.rename_columns({"count_all": count, **{f"{name}_sum": name for name in sums}})


def _bills(lines: Sequence[dict[str, Any]], rules: Rules) -> list[Bill]:
    services = [service.code for service in rules.services]

    def bill_line(line: dict[str, Any], place: int) -> BillLine:
        before = {0: None, 1: Decimal("29.9000")}.get(place, line["tariff"])
        quantity, sums = line["quantity"], {name: line[name] for name in SUMS}
        service = rules.service(line["service"])
        return BillLine(
            service.code, BIN, NAME, line["tariff"], quantity, before, None if before is None else quantity, True, sums,
            steps=_STEPS if service.code == "electricity" else (),
            step_tariffs_before=_STEP_TARIFFS_BEFORE if service.code == "electricity" else (),
            meters=[_meter(place)] if service.base == METERED and not service.of else (),
            tariff_basis="протокол собрания № 14 от 15.07.2026" if place == 1 else "",
            penalty_days=_PENALTY if sums["penalty"] else (),
        )  # fmt: skip

    every = [bill_line(line, place) for place, line in enumerate(lines)]
    news = Recalculation(services[2], "form", date(2026, 7, 1), date(2026, 8, 1), Decimal("-590.89"), "акт № 7")
    by_tariff = Recalculation(services[1], "tariff", date(2026, 8, 1), date(2026, 8, 1), Decimal("120.00"), "")
    lost = LostDays(services[3], 5, date(2026, 8, 1), date(2026, 8, 5), "авария на сети")
    full = Bill("1000", PEOPLE[0], "г. Алматы, ул. Құрманғазы, 14", "12", Decimal("65.300"), 3, True, every,
                [(BIN, news), (BIN, by_tariff)], [(BIN, lost)], [services[-1]])  # fmt: skip
    paid = [line for line in every if line.sums["closing"] < 0]
    advance = Bill("1003", "", "г. Алматы, ул. Құрманғазы, 15", "15", None, None, True, paid)
    return [full, advance]


def _meter(place: int) -> BillMeter:
    """Return a meter with a year behind it; every third was not read, and one month of the year neither."""
    months = [MONTH.plus(back).first_day for back in range(-11, 1)]
    used = [Decimal(40 + (place * 7 + at * 5) % 30) / 10 for at in range(12)]
    read = place % 3 != 0
    history = [MeterMonth(month, value, at == 4 or (at == 11 and not read))
               for at, (month, value) in enumerate(zip(months, used, strict=True))]  # fmt: skip
    last = Decimal("318.4")
    return BillMeter(f"ПР-{104_800 + place}", last, date(2026, 7, 20), last + used[-1] if read else None,
                     date(2026, 8, 20) if read else None, used[-1], history)  # fmt: skip


def _page(operator: Operator, rules: Rules) -> MonthPage:
    deadline = deadline_moment(MONTH.plus(-1), rules, EVERY_FORM)
    came = [Came(outcome, timedelta(hours=hours)) for outcome, hours in (
        ("accepted", 200), ("accepted", 30), ("held", 5), ("rejected", 2), ("accepted", 0.1), ("deferred", -3),
        ("quarantined", 40), ("duplicate", 28), ("ignored", 90), ("failed", 7),
    )]  # fmt: skip
    sums = [Sums(NAME, Decimal("1200000.00"), Decimal("900000.00"), Decimal("400000.00"), Decimal("1500.00")),
            Sums("ИП Гончарова Н. М.", Decimal("300000.00"), Decimal(0), Decimal(0), Decimal(0))]  # fmt: skip
    waiting = [Waiting("Форма ждёт документов / Нысан құжат күтуде", "IW-000024-1 Тарифы.xlsx", "09.08.2026 09:38")]
    houses = [Sums("A-001", sums[0].charged + sums[1].charged, sums[0].paid, sums[0].debt, sums[0].advance)]
    return MonthPage(MONTH, "образец / үлгі", operator, deadline, came, sums, houses, waiting, rules.texts.written)
