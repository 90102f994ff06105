"""What staff must hear of a bank's register once its payments are allocated (4.1.7): suspense, closed months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.month.payments import PostedPayments
from inbox_worker.settings.rules import Rules

_CODES = {
    "account.unknown": "register.account_unknown",
    "line.unknown": "register.line_unknown",
    "payment.unknown": "register.reversal_unknown",
}  # why a payment stands in suspense -> what is told of it
_FOUND = "payment.matched"


def about_register(posted: PostedPayments, submission: str, rules: Rules) -> tuple[Finding, ...]:
    """A warning for each payment that went to suspense, at its account; what became of older ones; closed months.

    The cell of a warning is for the caller to fill in: facts know rows, not columns.
    """
    entries = posted.suspense
    own = entries.filter(pc.equal(entries.column("submission"), submission))
    waiting = own.filter(pc.is_in(own.column("reason"), pa.array(list(_CODES)))).to_pylist()
    found = entries.filter(pc.equal(entries.column("reason"), _FOUND))
    left = _left(entries)
    findings = [_about_payment(entry, rules) for entry in waiting if left[entry["payment"]]]
    findings += [_of_row("register.reversal_unlike", row, {}) for row in posted.unlike]
    if found.num_rows:
        facts = {"amount": _money(-pc.sum(found.column("amount")).as_py())}
        findings.append(Finding("register.payments_found", value=str(found.num_rows), facts=facts))
    for month, count in sorted(posted.moved.items()):
        facts = {"count": str(count), "month": posted.first.form_text}
        findings.append(Finding("register.month_closed", value=month.form_text, facts=facts))
    return tuple(findings)


def about_refused(rows: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """An error for each reversal of more than is left of its payments, at its account."""
    return tuple(_of_row("register.reversal_exceeds", row, {}) for row in rows)


def _left(entries: pa.Table) -> dict[str, Decimal]:
    """What is left in suspense of each payment: the register may take back what it brought."""
    sums = entries.group_by("payment").aggregate([("amount", "sum")])
    return dict(zip(sums.column("payment").to_pylist(), sums.column("amount_sum").to_pylist(), strict=True))


def _about_payment(entry: Mapping[str, Any], rules: Rules) -> Finding:
    service = rules.service(entry["service"]) if entry["service"] else None
    facts = {
        "payee": entry["payee"] or "—",
        "service": service.ru if service else "—",
        "service_kk": service.kk if service else "—",
    }
    return _of_row(_CODES[entry["reason"]], entry, facts)


def _of_row(code: str, row: Mapping[str, Any], facts: Mapping[str, str]) -> Finding:
    told = {"number": row["number"], "amount": _money(abs(row["amount"])), **facts}
    return Finding(code, row["sheet"], value=row["account"], facts=told, row=row["row"])


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
