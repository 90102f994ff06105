"""Checks of payment schedules for repair and lifts (4.3.9), and of gas maintainers' attestation (4.3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.core.money import round_money
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show, show_sum
from inbox_worker.month.fees import find_fee_percent

_LINE = ("account", "service")
_PARTS = ("charge", "operator_fee", "bank_fee")


@check
def schedule_service(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a schedule is for services that are charged by a schedule (rules/services.yaml, base `schedule`)."""
    scheduled = [service for service in case.rules.services if service.base == "schedule"]
    rows = table.strangers("service", [service.code for service in scheduled])
    facts = {"known": ", ".join(s.ru for s in scheduled), "known_kk": ", ".join(s.kk for s in scheduled)}
    return [table.service_finding("schedule.service", index, **facts) for index in rows]


@check
def schedule_total(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that `Итого` = `Начисление` + operator's commission + bank's commission, to the tiyn."""
    charge, *fees = (table.column(part) for part in _PARTS)
    found = []
    for index in table.where(pc.not_equal(table.column("total"), pc.add(charge, pc.add(*fees)))):
        expected = sum((table.value(index, part) for part in _PARTS), Decimal(0))
        found.append(table.make_finding("schedule.total_differs", index, "total", expected=show_sum(expected)))
    return found


@check
def schedule_commission(table: CheckedTable, case: Case) -> list[Finding]:
    """Tell, once a form, that the commission differs from the price list: the schedule's is withheld (4.3.9)."""
    differing = []
    charged = pc.and_(
        pc.greater_equal(table.column("pay_month"), case.month.first_day), pc.greater(table.column("total"), 0)
    )
    for name in ("service", "operator_fee", "bank_fee"):
        charged = pc.and_(charged, pc.is_valid(table.column(name)))
    for index in table.where(charged):
        stated = table.value(index, "operator_fee") + table.value(index, "bank_fee")
        month, total = table.value(index, "pay_month"), table.value(index, "total")
        percent = find_fee_percent(case.office, case.bin, str(table.value(index, "service")), month)
        if stated != round_money(total * percent / 100):
            differing.append((index, stated, round_money(total * percent / 100), percent))
    if not differing:
        return []
    index, stated, priced, percent = differing[0]
    facts = {"stated": show_sum(stated), "priced": show_sum(priced)}
    facts |= {"percent": show(percent), "count": str(len(differing))}
    return [table.make_finding("schedule.commission_differs", index, "operator_fee", **facts)]


@check
def schedule_gaps(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns of months left out of an account's schedule, earlier forms in force counted in."""
    key = ("account", "service", "pay_month")
    rows = [(row, place) for place, row in enumerate(rows_of(table.form.rows, *key))]
    rows += [(row, -1) for row in rows_of(case.facts("repair_schedule"), *key)]
    months = sorted((*row, place) for row, place in rows if None not in row)
    found = []
    for (*line, last, before), (*same, month, place) in pairwise(months):
        first, end = Period.of(last).plus(1), Period.of(month).plus(-1)
        noted_at = place if place >= 0 else before
        if line != same or first > end or noted_at < 0:  # a gap between forms taken before was told then
            continue
        span = first.form_text if first == end else f"{first.form_text} — {end.form_text}"
        found.append(table.make_finding("schedule.gap", noted_at, "pay_month", months=span, account=line[0]))
    return found


@check
def schedule_month_open(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns of months before the month of account: they are not charged by a schedule (4.3.9, 4.3.2.4)."""
    past = pc.less(table.column("pay_month"), case.month.first_day)
    return table.each("schedule.month_past", past, "pay_month")


@check
def balance_compared(table: CheckedTable, case: Case) -> list[Finding]:
    """Compare a stated debt or overpayment of a line that the ledger knows with the ledger's (4.3.2.5)."""
    rows = table.where(table.find_filled("balance"))
    held = case.openings() if rows else {}
    found = []
    for index in rows:
        known = held.get((str(table.value(index, "account")), str(table.value(index, "service"))))
        if known is not None and known != table.value(index, "balance"):
            facts = {"known": show_sum(known), "month": case.month.form_text}
            found.append(table.make_finding("balance.differs", index, "balance", **facts))
    return found


@check
def charge_agrees(table: CheckedTable, case: Case, area: str, residents: str, flat: str) -> list[Finding]:
    """Tell, once a form, that a stated charge is not the stated tariff times the line's area, residents or flat: the
    charge counts, as stated (4.3.2.5). `area`, `residents`, `flat`: the bases that are charged by them."""
    quantities: dict[tuple[str, str], Decimal] = {}
    for *line, base, size, people in rows_of(case.lines, *_LINE, "base", "area", "residents"):
        if (quantity := {area: size, residents: people, flat: 1}.get(base)) is not None:
            quantities[line[0], line[1]] = Decimal(quantity)
    differing = []
    for index, (*line, tariff, charged) in enumerate(rows_of(table.form.rows, *_LINE, "tariff", "charged")):
        quantity = quantities.get((line[0], line[1]))
        if quantity is None or tariff is None or charged is None or round_money(tariff * quantity) == charged:
            continue
        differing.append((index, tariff, quantity))
    if not differing:
        return []
    index, tariff, quantity = differing[0]
    facts = {"tariff": show(tariff), "quantity": show(quantity), "priced": show_sum(round_money(tariff * quantity))}
    return [table.make_finding("charge.differs_from_tariff", index, "charged", count=str(len(differing)), **facts)]


@check
def attestation_live(table: CheckedTable, case: Case, services: Sequence[str]) -> list[Finding]:
    """Check that lines of gas-equipment maintenance need an attestation that lives on the 1st of the month of account
    (4.3.10).

    The register's `Аттестация до` says until when; a register without it gives one warning.
    """
    rows = table.where(table.among("service", services))
    until = case.customer.attested_until if case.customer else None
    if not rows:
        return []
    if until is None:
        return [table.service_finding("attestation.unknown", rows[0])]
    if until >= case.month.first_day:
        return []
    facts = {"until": show(until), "month": case.month.form_text}
    return [table.service_finding("attestation.expired", index, **facts) for index in rows]
