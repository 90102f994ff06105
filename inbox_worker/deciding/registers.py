"""Operator's registers: the month of one, and what staff must hear of a bank's files (4.1.7): suspense, closed months,
money that left by no order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.month.confirming import find_fresh_strays
from inbox_worker.month.kept_penalties import find_kept_penalties
from inbox_worker.month.payments import PostedPayments, first_month_posted
from inbox_worker.month.payments import refused_reversals as _refused
from inbox_worker.month.reassigned import MATCHED
from inbox_worker.month.suspense import find_waiting
from inbox_worker.settings.rules import Rules

BY_CUSTOMER = {
    "directory": "from_month",
    "stops": "from_date",
    "house_contracts": "since",
}  # registers of many Customers; when a row begins
_CODES = {
    "account.unknown": "register.account_unknown",
    "line.unknown": "register.line_unknown",
    "payment.unknown": "register.reversal_unknown",
    "payment.before_first": "register.before_first",
}  # why a payment stands in suspense -> what is told of it


def month_of_register(case: Case, rows: pa.Table) -> Period | None:
    """Return the month that an operator's register is filed under, known before anything is written."""
    if rows.num_rows and case.rule.form in BY_CUSTOMER:
        return Period.of(pc.min(rows.column(BY_CUSTOMER[case.rule.form])).as_py())
    if rows.num_rows and case.rule.form == "bank_register":
        return first_month_posted(case.office, rows)
    return None


def refused_reversals(case: Case, rows: pa.Table) -> list[Finding]:
    """Return an error for each row of a bank's register that takes back more than is left of its payments (4.1.7)."""
    if case.rule.form != "bank_register" or not rows.num_rows:
        return []
    return _place_findings((_of_row("register.reversal_exceeds", row, {}) for row in _refused(case.office, rows)), case)


def about_register(posted: PostedPayments, case: Case) -> list[Finding]:
    """Return a warning for each payment that went to suspense, at its account; what became of older ones; closed
    months."""
    entries = posted.suspense
    own = entries.filter(pc.equal(entries.column("submission"), case.id))
    waiting = own.filter(pc.is_in(own.column("reason"), pa.array(list(_CODES)))).to_pylist()
    found = entries.filter(pc.equal(entries.column("reason"), MATCHED))
    left = _sum_remainders(entries)
    first = case.office.directory.first_month()
    begins = {"month": first.form_text} if first else {}
    findings = [_about_payment(entry, case.rules, begins) for entry in waiting if left[entry["payment"]]]
    findings += [_of_row("register.reversal_unlike", row, {}) for row in posted.unlike]
    if found.num_rows:
        facts = {"amount": _money(-pc.sum(found.column("amount")).as_py())}
        findings.append(Finding("register.payments_found", value=str(found.num_rows), facts=facts))
    findings += _about_reversals(posted, case)
    for month, count in sorted(posted.moved.items()):
        facts = {"count": str(count), "month": posted.first.form_text}
        findings.append(Finding("register.month_closed", value=month.form_text, facts=facts))
    if posted.moved or found.num_rows:
        findings += _about_penalties(posted, case)
    return _place_findings(findings, case)


def _about_reversals(posted: PostedPayments, case: Case) -> list[Finding]:
    """Return a warning for each payment whose reversal came before it and waits in suspense: staff take it off."""
    waiting = {(one.bank, one.number, one.account): one for one in find_waiting(case.office) if one.amount < 0}
    if not waiting:
        return []
    rows = (row for tables in posted.entries.values() for row in tables["bank_register"].to_pylist())
    found = ((row, waiting.get((row["bank"], row["number"], row["account"]))) for row in rows if row["amount"] > 0)
    return [_of_row("register.reversal_waits", row, {"payment": one.id}) for row, one in found if one]


def _paid_before(month: Period, allocations: pa.Table) -> Sequence[Mapping[str, Any]]:
    before = pc.less(allocations.column("paid_on"), pa.scalar(month.first_day))
    parts: list[Mapping[str, Any]] = allocations.filter(before).to_pylist()
    return parts


def _about_penalties(posted: PostedPayments, case: Case) -> list[Finding]:
    """Return a warning with the penalty that closed months took for days after payments which they did not know of."""
    parts = (part for month, tables in posted.entries.items() for part in _paid_before(month, tables["allocations"]))
    kept = find_kept_penalties(case.office, parts)
    if not kept:
        return []
    lines = {(one.customer, one.account, one.service) for one in kept}
    months = ", ".join(month.form_text for month in sorted({one.month for one in kept}))
    first = min(account for _, account, _ in lines)
    facts = {"months": months, "count": str(len(lines)), "account": first, "submission": case.id}
    return [Finding("register.penalty_kept", value=_money(sum((one.amount for one in kept), Decimal(0))), facts=facts)]


def about_statement(rows: pa.Table, case: Case) -> tuple[Finding, ...]:
    """Return a warning where money left a transit account by no order, or of another sum than its order, and what the
    bank took as its own fee."""
    strays = find_fresh_strays(case.office, rows.to_pylist())
    debits = {
        "statement.stray_debit": [one for one in strays if not one.own_fee],
        "statement.own_fee": [one for one in strays if one.own_fee],
    }
    return tuple(
        Finding(
            code, value=str(len(found)),
            facts={"amount": _money(sum((one.amount for one in found), Decimal(0))), "line": found[0].source},
        )
        for code, found in debits.items() if found
    )  # fmt: skip


def _place_findings(findings: Iterable[Finding], case: Case) -> list[Finding]:
    """Findings about a row's account, at its cell: facts know rows, not columns."""
    letters = case.form.letters
    return [replace(f, cell=f"{letters[f.sheet]['account']}{f.row}") if f.row else f for f in findings]


def _sum_remainders(entries: pa.Table) -> dict[str, Decimal]:
    """What is left in suspense of each payment: the register may take back what it brought."""
    sums = entries.group_by("payment").aggregate([("amount", "sum")])
    return dict(zip(sums.column("payment").to_pylist(), sums.column("amount_sum").to_pylist(), strict=True))


def _about_payment(entry: Mapping[str, Any], rules: Rules, begins: Mapping[str, str]) -> Finding:
    service = rules.service(entry["service"]) if entry["service"] else None
    facts = {
        **begins,
        "payee": entry["payee"] or "—",
        "service": service.ru if service else "—",
        "service_kk": service.kk if service else "—",
    }
    return _of_row(_CODES[entry["reason"]], entry, facts)


def _of_row(code: str, row: Mapping[str, Any], facts: Mapping[str, str]) -> Finding:
    values = {"number": row["number"], "amount": _money(abs(row["amount"])), **facts}
    return Finding(code, row["sheet"], value=row["account"], facts=values, row=row["row"])


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
