"""Figures of tables of payments, debts, the directory and bills taken apart, down to bank lines and cells (law 4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from inbox_worker.charge_figures import Where
from inbox_worker.figures import Figures

_PAID = """
select a.amount, a.penalty_part, a.percent, a.fee, a.amount - a.fee, a.bank, a.paid_on, a.number, a.account, a.service,
  a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row
from allocations a cross join period p where a.month = p.month
"""
_PAID_ORDER = " order by a.bank, a.paid_on, a.number, a.account, a.service"
_VALUES = {"amount": 0, "penalty_part": 1, "percent": 2, "fee": 3, "transfer": 4}
_LAST_PAID = """
select a.amount, a.bank, a.paid_on, a.number, a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row
from allocations a cross join period p
where a.month <= p.month and a.customer = $customer and a.account = $account
qualify a.paid_on = max(a.paid_on) over () order by a.number, a.service
"""
_TOLD = ("submission, sheet, row", "lines_in_force")
_MOST = 200


class TableFigures(Figures):
    """Explains figures of one month whatever document they stand in."""

    def explain(self, field: str, where: Where) -> list[str]:
        """As `Figures.explain`; besides `payments.*`, `debt*`, `last_paid`, `area`, `residents`, `reading`, `bill`."""
        head, _, rest = field.partition(".")
        if head == "payments":
            return self._of_payments(rest, where)
        if head == "debt":
            return self._debt(rest, where)
        if head == "last_paid":
            rows = self._rows(_LAST_PAID, where)
            total = sum((row[0] for row in rows), Decimal("0.00"))
            told = [f"последний платёж = {total} тенге: счёт {where.account}, заказчик {where.customer}; п. 4.1.8"]
            return told + ["  " + line for line in self._payments(rows)]
        if rest in ("debit", "credit"):
            return super().explain(head, where) if where.is_line else self._sum(head, where, rest)
        if head == "bill":
            return self._bill(where)
        if head in ("area", "residents", "reading") and where.is_line:
            return [f"{head}: {self._line(where)}, месяц {self._month}; п. 4.1.16", *self._told(head, where)]
        return super().explain(field, where)

    def _of_payments(self, name: str, where: Where) -> list[str]:
        keys = ("customer", "account", "service", "bank", "percent", "submission", "row")
        asked = [key for key in keys if getattr(where, key)]
        query = _PAID + "".join(f" and a.{key} = ${key}" for key in asked) + _PAID_ORDER
        values = {key: getattr(where, key) for key in asked}
        rows = self._connection.execute(query, values).fetchall()
        lines = [f"{_summed(name, rows)}: {len(rows)} частей платежей, месяц {self._month}; п. 4.1.7, 4.1.8"]
        for row in rows[:_MOST]:
            lines += ["  " + line for line in self._payment(row)]
        return lines + ([f"  … и ещё {len(rows) - _MOST} частей платежей"] if len(rows) > _MOST else [])

    def _payment(self, row: tuple[Any, ...]) -> list[str]:
        amount, penalty, percent, fee, transfer, bank, day, number, account, service, *parts = row
        return [
            f"{amount} из платежа № {number} банка {bank} от {day:%d.%m.%Y}: счёт {account}, {service}"
            f" (в долг {parts[0]}, в начисление {parts[1]}, в аванс {parts[2]}, в т.ч. пеня {penalty}); п. 4.1.7",
            f"  удержано {percent:.2f} % = {fee} (rules/prices.yaml; п. 4.2.5), к перечислению {transfer}",
            "  " + self._cell(parts[3:], "amount"),
        ]

    def _debt(self, part: str, where: Where) -> list[str]:
        """A debt is the closings that owe; a part of it is found by letting payments settle the oldest debt first."""
        told = []
        if part.startswith("age"):
            told = ["часть долга по возрасту: платёж гасит самый старый долг первым, поэтому долг составляют последние "
                    "начисления, а остаток возник до начала учёта; п. 4.1.8. Долг в целом:"]  # fmt: skip
        field = "closing" if part in ("", *_ages(part)) else part
        if where.is_line:
            return told + super().explain(field, where)
        conditions = [f"{key} = ${key}" for key in ("customer", "account", "service") if getattr(where, key)]
        owing = " and ".join(["closing > 0", *conditions])
        query = f"select account, service, {field} from lines where {owing} order by all"  # noqa: S608
        rows = self._rows(query, where)
        total = sum((row[2] for row in rows), Decimal("0.00"))
        told.append(
            f"долг = {total} тенге: сумма по {len(rows)} строкам, которые должны, месяц {self._month}; п. 4.1.8"
        )
        if where.account:
            for account, service, _ in rows:
                line = Where(where.customer, account, service)
                told += ["  " + text for text in super().explain(field, line)]
            return told
        told += [f"  счёт {account}, {service}: {value}" for account, service, value in rows[:_MOST]]
        return told + ([f"  … и ещё {len(rows) - _MOST}"] if len(rows) > _MOST else [])

    def _bill(self, where: Where) -> list[str]:
        """Every line of an account's bill, in the bill's order, with the sources of what it asks for (4.1.1)."""
        order = self._office.rules.service_order
        rows = self._rows("select customer, service, closing from lines where account = $account", where)
        rows.sort(key=lambda row: (order[row[1]], row[0]))
        owed = sum((row[2] for row in rows if row[2] > 0), Decimal("0.00"))
        every = sum((row[2] for row in rows), Decimal("0.00"))
        told = [f"счёт {where.account}: строк {len(rows)}, долг {owed}, с авансами {every} тенге; "
                f"месяц {self._month}; п. 4.1.1"]  # fmt: skip
        for customer, service, _ in rows:
            told += ["  " + line for line in super().explain("closing", Where(customer, where.account, service))]
        return told

    def _told(self, what: str, where: Where) -> list[str]:
        if what == "reading":
            return ["  " + line for line in self._quantity(where)]
        place = self._rows(self._of_line(*_TOLD), where)
        found = self._corrected_at(what, where)
        return ["  " + self._cell(found or place[0], what, "becomes")] if found or place else []


def _ages(part: str) -> tuple[str, ...]:
    return (part,) if part.startswith("age") else ()


def _summed(name: str, rows: list[tuple[Any, ...]]) -> str:
    if name == "count":
        return f"платежей = {len(rows)}"
    if name == "percent":
        return "ставка, % = " + ", ".join(f"{value:.2f}" for value in sorted({row[2] for row in rows}))
    return f"{name} = {sum((row[_VALUES[name]] for row in rows), Decimal('0.00'))} тенге"
