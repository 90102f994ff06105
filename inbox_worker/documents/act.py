"""Акт выполненных работ (оказанных услуг), form Р-1, with a ninth column for VAT (4.1.11, 4.3.7, 5.1).

The act of a month is the operator's fees withheld from consumers' payments in it, a row a service of the Customer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.money import in_words_kk, in_words_ru, split, vat_inside
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.act_cost import cost_data
from inbox_worker.documents.sheet_columns import records
from inbox_worker.documents.templates import fill_docx
from inbox_worker.documents.view import (
    clean,
    last_day,
    month_kk,
    month_ru,
    show_date,
    show_quantity,
    show_ru,
    show_tariff,
)
from inbox_worker.settings.rules import Rules

TEMPLATE = "act.docx"


@dataclass(frozen=True)
class ActRow:
    """A row of the act: a service's fees and the part of the act's VAT inside them. `service` '' = no fees."""

    service: str
    cost: Decimal
    vat: Decimal


def act_rows(close: CloseData, rules: Rules) -> list[ActRow]:
    """Return the fees withheld in the month by service, in the bill's order; one row of zero when there were none.

    VAT is rounded once, for the act; the rows' parts add up to it exactly (5.1).
    """
    fees: dict[str, Decimal] = defaultdict(Decimal)
    for service, fee in records(close.payments, ("service", "fee")):
        fees[service] += fee
    services = sorted((code for code in fees if fees[code]), key=lambda code: rules.service_order[code])
    costs = [fees[code] for code in services]
    vat = vat_inside(sum(costs, Decimal(0)), rules.vat_percent(close.month.first_day))
    if not sum(costs):
        return [ActRow(code, fees[code], Decimal(0)) for code in services] or [ActRow("", Decimal(0), Decimal(0))]
    return [ActRow(*row) for row in zip(services, costs, split(vat, costs), strict=True)]


def render_act(
    close: CloseData,
    customer: Customer,
    operator: Operator,
    rules: Rules,
    number: str,
    signed_on: date,
    template: bytes,
) -> Rendered:
    """Render the act as a Word document made of `template` (templates/documents/act.docx).

    `close` holds this Customer's lines and payments only; `signed_on` is the date of the document, the
    Customer's own date of signing stays blank (4.3.7). `figures`: `total`, `vat` and `cost N`, `vat N` of
    the rows -> `fee`, `vat_inside:<percent>`, with `:<service>` for a row. Raises TemplateProblem when the
    template is broken.
    """
    rows = act_rows(close, rules)
    percent = rules.vat_percent(close.month.first_day)
    values: dict[str, Any] = {
        "number": clean(number),
        "date": show_date(signed_on),
        "month_ru": month_ru(close.month),
        "month_kk": month_kk(close.month),
        "customer": _customer(customer),
        "operator": {**vars(operator), "contacts": clean(operator.contacts)},
        "rows": [_row(place, row, close.month, rules) for place, row in enumerate(rows, start=1)],
        **_sums(rows, percent),
        "cost": cost_data(close, {row.service: row.vat for row in rows}, rules),
    }
    return Rendered(
        kind="act",
        file_name=f"act-{close.month}.docx",
        data=fill_docx(TEMPLATE, template, values),
        template=f"{TEMPLATE}@{sha256(template)[:16]}",
        figures=_figures(rows, percent),
    )


def _sums(rows: Sequence[ActRow], percent: Decimal) -> dict[str, str]:
    """Return the act's totals as they are printed, the sum in words too."""
    total, vat = sum((row.cost for row in rows), Decimal(0)), sum((row.vat for row in rows), Decimal(0))
    return {
        "quantity": str(sum(bool(row.service) for row in rows)),
        "total": show_ru(total), "vat": show_ru(vat), "vat_percent": show_quantity(percent),
        "words_ru": in_words_ru(total), "words_kk": in_words_kk(total),
    }  # fmt: skip


def _customer(customer: Customer) -> dict[str, str]:
    return {
        **{name: clean(getattr(customer, name)) for name in ("name", "address", "bin", "contract", "head")},
        "contacts": clean(", ".join(filter(None, (customer.phone, *customer.emails)))),
        "contract_date": show_date(customer.contract_date),
    }


def _row(place: int, row: ActRow, month: Period, rules: Rules) -> dict[str, str]:
    texts = rules.texts.written
    title = texts.words("act.service")
    what = rules.service(row.service) if row.service else texts.words("act.nothing")
    return {
        "place": str(place),
        "name_ru": f"{title.ru}: {clean(what.ru)}",
        "name_kk": f"{title.kk}: {clean(what.kk)}",
        "done": show_date(last_day(month)),
        "quantity": "1" if row.service else "0",
        "price": show_tariff(row.cost),
        "cost": show_ru(row.cost),
        "vat": show_ru(row.vat),
    }


def _figures(rows: list[ActRow], percent: Decimal) -> dict[str, str]:
    inside = f"vat_inside:{percent}"
    figures = {"total": "fee", "vat": inside}
    for place, row in enumerate(rows, start=1):
        if row.service:
            figures |= {f"cost {place}": f"fee:{row.service}", f"vat {place}": f"{inside}:{row.service}"}
    return figures
