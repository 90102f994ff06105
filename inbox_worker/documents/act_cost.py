"""Расчёт стоимости, the appendix of an act: how its sum was made, for a Customer who counts it again (4.2.5, 5.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from inbox_worker.core.rendered import CloseData
from inbox_worker.documents.sheet_columns import records
from inbox_worker.documents.view import clean, show_exact, show_ru
from inbox_worker.settings.rules import Rules

_FIELDS = ("service", "percent", "amount", "fee")
_ZERO = Decimal(0)


def cost_data(close: CloseData, vat: Mapping[str, Decimal], rules: Rules) -> dict[str, Any]:
    """Return what the appendix shows: a row a service and per cent, and the totals.

    Payments x per cent is not the cost: the fee is rounded in every payment, and `rounding` is the difference. Where
    a schedule of payments states the fee (4.3.9), its per cent is shown with four places, and `scheduled` has the page
    say so: what is withheld is the exact share of the commissions. `vat`: the act's, by service;
    it stands once where a service has several rows.
    """
    groups: dict[tuple[str, Decimal], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for service, percent, amount, fee in records(close.payments, _FIELDS):
        groups[service, percent or _ZERO].append((amount, fee))
    rows, whole, unsaid = [], dict.fromkeys(("count", "amount", "product", "cost"), _ZERO), dict(vat)
    for place, key in enumerate(sorted(groups, key=lambda key: (rules.service_order[key[0]], key[1])), start=1):
        amount, cost = (sum(values, _ZERO) for values in zip(*groups[key], strict=True))
        sums = {"count": Decimal(len(groups[key])), "amount": amount, "product": amount * key[1] / 100, "cost": cost}
        whole = {name: value + sums[name] for name, value in whole.items()}
        service = rules.service(key[0])
        said = unsaid.pop(key[0], None)
        rows.append({
            "place": str(place), "name_ru": clean(service.ru), "name_kk": clean(service.kk),
            "percent": show_exact(key[1], 2), "vat": "" if said is None else show_ru(said), **_show_sums(sums),
        })  # fmt: skip
    total = {**_show_sums(whole), "transfer": show_ru(whole["amount"] - whole["cost"])}
    scheduled = any(rules.service(service).base == "schedule" for service, _ in groups)
    return {
        "rows": rows, "total": total, "payments_file": f"payments-{close.month}.xlsx", "scheduled": scheduled,
    }  # fmt: skip


def _show_sums(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {
        "count": str(sums["count"]),
        "amount": show_ru(sums["amount"]),
        "product": show_exact(sums["product"], 5),
        "rounding": show_exact(sums["cost"] - sums["product"], 5),
        "cost": show_ru(sums["cost"]),
    }
