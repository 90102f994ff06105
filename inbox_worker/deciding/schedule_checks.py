"""Checks of payment schedules for repair and lifts (4.3.9), and of gas maintainers' attestation (4.3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from inbox_worker.core.model import Finding, Period
from inbox_worker.core.money import round_money
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show

_PARTS = ("charge", "operator_fee", "bank_fee")


@check
def schedule_service(table: CheckedTable, case: Case) -> list[Finding]:
    """A schedule is for services that are charged by a schedule (rules/services.yaml, base `schedule`)."""
    scheduled = [service for service in case.rules.services if service.base == "schedule"]
    service = table.frame["service"]
    rows = table.where(service.notna() & ~service.isin([s.code for s in scheduled]))
    facts = {"known": ", ".join(s.ru for s in scheduled), "known_kk": ", ".join(s.kk for s in scheduled)}
    return [table.service_finding("schedule.service", index, **facts) for index in rows]


@check
def schedule_total(table: CheckedTable, case: Case) -> list[Finding]:
    """`Итого` = `Начисление` + operator's commission + bank's commission, to the tiyn."""
    parts = table.frame[list(_PARTS)]
    found = []
    for index in table.where(table.frame["total"] != parts["charge"] + parts["operator_fee"] + parts["bank_fee"]):
        expected = sum((table.value(index, part) for part in _PARTS), Decimal(0))
        found.append(table.finding("schedule.total_differs", index, "total", expected=show(expected)))
    return found


@check
def schedule_commission(table: CheckedTable, case: Case) -> list[Finding]:
    """Tell, once a form, that the commission differs from the price list: the schedule's is withheld (4.3.9)."""
    kind = case.customer.kind if case.customer else ""
    frame = table.frame
    differing = []
    charged = (frame["pay_month"] >= case.month.first_day) & (frame["total"] > 0)
    for index in table.where(frame["service"].notna() & charged):
        stated = table.value(index, "operator_fee") + table.value(index, "bank_fee")
        month, total = table.value(index, "pay_month"), table.value(index, "total")
        percent = case.rules.fee_percent(kind, str(table.value(index, "service")), month)
        if stated != round_money(total * percent / 100):
            differing.append((index, stated, round_money(total * percent / 100), percent))
    if not differing:
        return []
    index, stated, priced, percent = differing[0]
    facts = {"stated": show(stated), "priced": show(priced), "percent": show(percent), "count": str(len(differing))}
    return [table.finding("schedule.commission_differs", index, "operator_fee", **facts)]


@check
def schedule_gaps(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns of months left out of an account's schedule, earlier forms in force counted in."""
    columns = ["account", "service", "pay_month"]
    mine = table.frame[columns].assign(place=range(len(table.frame)))
    before = case.facts("repair_schedule")[columns].assign(place=-1)
    months = pd.concat([mine, before], ignore_index=True).dropna(subset=columns)
    dates = pd.to_datetime(months["pay_month"])
    months = months.assign(number=dates.dt.year * 12 + dates.dt.month - 1)
    months = months.sort_values([*columns[:2], "number", "place"], ignore_index=True)
    months["step"] = months.groupby(columns[:2])["number"].diff()
    months["before"] = months["place"].shift()
    found = []
    for row in months[months["step"] > 1].to_dict("records"):
        place = int(row["place"]) if row["place"] >= 0 else int(row["before"])
        if place < 0:
            continue  # a gap between forms taken before was told then
        first, last = int(row["number"] - row["step"]) + 1, int(row["number"]) - 1
        span = _month(first) if first == last else f"{_month(first)} — {_month(last)}"
        facts = {"months": span, "account": str(row["account"])}
        found.append(table.finding("schedule.gap", place, "pay_month", **facts))
    return found


@check
def schedule_month_open(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns of months before the month of account: they are not charged by a schedule (4.3.9, 4.3.2.4)."""
    months = table.frame["pay_month"]
    return table.each("schedule.month_past", months < case.month.first_day, "pay_month")


@check
def balance_compared(table: CheckedTable, case: Case) -> list[Finding]:
    """A stated debt or overpayment of a line that the ledger knows is compared with the ledger's (4.3.2.5)."""
    rows = table.where(table.frame["balance"].notna())
    held = case.openings() if rows else {}
    found = []
    for index in rows:
        known = held.get((str(table.value(index, "account")), str(table.value(index, "service"))))
        if known is not None and known != table.value(index, "balance"):
            facts = {"known": show(known), "month": case.month.form_text}
            found.append(table.finding("balance.differs", index, "balance", **facts))
    return found


@check
def attestation_live(table: CheckedTable, case: Case, services: Sequence[str]) -> list[Finding]:
    """Lines of gas-equipment maintenance need an attestation that lives on the 1st of the month of account (4.3.10).

    The register's `Аттестация до` says until when; a register without it gives one warning.
    """
    rows = table.where(table.frame["service"].isin(list(services)))
    until = case.customer.attested_until if case.customer else None
    if not rows:
        return []
    if until is None:
        return [table.service_finding("attestation.unknown", rows[0])]
    if until >= case.month.first_day:
        return []
    facts = {"until": show(until), "month": case.month.form_text}
    return [table.service_finding("attestation.expired", index, **facts) for index in rows]


def _month(number: int) -> str:
    return Period(number // 12, number % 12 + 1).form_text
