"""A figure of the ledger taken apart: the formula with its numbers, and each number's source.

A closed month is computed again out of the facts its close saw, so what is told is what was summed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from inbox_worker.explaining.charge_figures import ChargeFigures, Where
from inbox_worker.spelling import fold

IDENTITY = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved")
FIELDS = (*IDENTITY, "closing", "opening_penalty", "paid_penalty", "closing_penalty", "tariff", "quantity",
          "fee", "vat_inside", "undelivered+recalculated")  # fmt: skip
_RECALCULATED = {
    "form": ("форма перерасчёта; п. 4.3.2.4", "amount"),
    "tariff": ("новый тариф за прошлый месяц; п. 4.1.4", "tariff"),
    "reading": ("показание вместо расчёта по среднему или норме; п. 7.2, 4.1.4", "current"),
    "days": ("уменьшение за дни без услуги по новому начислению месяца; п. 4.1.5, 4.1.4", "tariff"),
}
_MOVED = """
select a.amount, a.bank, a.paid_on, a.number, a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row
from allocations a cross join period p join moved m using (customer, account, service)
where a.month = p.month and m.amount > 0 and a.account = $account order by a.paid_on, a.number, a.payment
"""
_SIDES = {"debit": ">", "credit": "<"}
_MOST = 200  # rows told one by one; past that their number and sum


class Figures(ChargeFigures):
    """Explains figures of one month."""

    def explain(self, field: str, where: Where) -> list[str]:
        """The figure's value, its formula, and every source below it."""
        if field in ("fee", "vat_inside"):
            return self._fee(where, field)
        if field == "undelivered+recalculated":
            return self.explain("undelivered", where) + self.explain("recalculated", where)
        if not where.is_line:
            return self._sum(field, where)
        unit = "" if field == "quantity" else " тенге"
        head = f"{field} = {self._value(field, where)}{unit}: {self._line(where)}, месяц {self._month}"
        return [head, *("  " + line for line in self._parts(field, where))]

    def _parts(self, field: str, where: Where) -> list[str]:
        parts: dict[str, Callable[[Where], list[str]]] = {
            "opening": self._opening,
            "charged": self._charged,
            "tariff": self._tariff,
            "quantity": self._quantity,
            "undelivered": self._undelivered,
            "recalculated": self._recalculated,
            "penalty": self._penalty,
            "opening_penalty": self._penalty_balance,
            "paid_penalty": self._penalty_balance,
            "closing_penalty": self._penalty_balance,
            "moved": self._moved,
            "paid": self._paid,
            "closing": self._closing,
        }
        if field in parts:
            return parts[field](where)
        return ["нет движения по этой статье"]

    def _sum(self, field: str, where: Where, side: str = "") -> list[str]:
        conditions = [f"l.{key} = ${key}" for key in ("customer", "account", "service") if getattr(where, key)]
        if side:
            conditions.append(f"l.{field} {_SIDES[side]} 0")
        query = (
            f"select l.account, l.service, l.{field}, coalesce(f.house, '') from lines l "  # noqa: S608
            "left join lines_in_force f using (customer, account, service) "
            f"where {' and '.join(conditions or ['true'])} order by 2, 4, 1"
        )
        rows = [row for row in self._rows(query, where) if not where.house or fold(row[3]) == fold(where.house)]
        total = sum((row[2] for row in rows), Decimal("0.00"))
        place = " ".join(filter(None, [where.service, where.house and f"дом {where.house}"])) or "все строки"
        lines = [f"{field} = {total}: сумма по {len(rows)} строкам ({place}), месяц {self._month}"]
        lines += [f"  счёт {account}, {service}: {value}" for account, service, value, _ in rows[:_MOST]]
        return lines + ([f"  … и ещё {len(rows) - _MOST}"] if len(rows) > _MOST else [])

    def _opening(self, where: Where) -> list[str]:
        before = self._month.plus(-1)
        previous = self._rows(self._of_line("closing", "previous"), where)
        if previous:
            record = self._office.journal.close_record(before)
            close = f"закрытие № {record['number']}, {record['sha256']}" if record else "ещё не закрыт"
            return [f"= сальдо конечное {before}: {previous[0][0]} ({close}); п. 4.1.4"]
        found = self._rows(self._of_line("balance, submission, sheet, row", "opening_balances"), where)
        if found:
            value, *place = found[0]
            return [
                f"= сальдо строки, новой для учёта: {value}; п. 4.1.4, 4.3.2.5",
                "  " + self._cell(place, "balance"),
            ]
        return ["строка новая, «Сальдо» в справочнике не указано: 0,00"]

    def _undelivered(self, where: Where) -> list[str]:
        rows = self._rows(
            self._of_line("days_month, days_now, days_before, amount, submission, sheet, row", "undelivered_rows"),
            where,
        )
        lines = [] if rows else ["недопоставки в этом месяце нет"]
        for month, now, before, amount, *place in rows:
            earlier = f" (раньше учтено {before})" if before else ""
            lines.append(f"−{amount:.9f}: {now} дней {month:%m.%Y}{earlier}, начисление × дни / дни месяца; п. 4.1.5")
            lines.append("  " + self._cell(place, "days"))
        return lines

    def _recalculated(self, where: Where) -> list[str]:
        rows = self._rows(
            self._of_line("past_month, amount, kind, submission, sheet, row", "recalculation_rows", "1, 3, 4, 6"),
            where,
        )
        lines = [] if rows else ["перерасчётов в этом месяце нет"]
        for past, amount, kind, *place in rows:
            clause, column = _RECALCULATED[kind]
            lines.append(f"{amount} за {past:%m.%Y}: {clause}")
            lines.append("  " + self._cell(place, column, "current"))
        return lines

    def _penalty(self, where: Where) -> list[str]:
        columns = "amount, full_amount, limit_of_debt, most, days, weight, submission, sheet, row"
        rows = self._rows(self._of_line(columns, "penalties"), where)
        if not rows:
            return ["пени нет: её начисляют только по уведомлению заказчика на просроченный долг (п. 4.1.6)"]
        amount, full, limit, most, days, weight, *place = rows[0]
        year = self._office.rules.penalties.algorithm.year_days
        lines = [
            f"= {amount}: за {days} дней прошлого месяца сумма (долг × ставка × коэффициент) {weight:.2f} "
            f"/ (100 × {year}) = {full}; предел {limit} от долга {most}, вместе с неоплаченной раньше пеней; п. 4.1.6",
            "  " + self._cell(place, "rate"),
        ]
        spans = self._rows(self._of_line("day, debt, rate, coefficient", "penalty_days"), where)
        shown: tuple[Any, ...] | None = None
        for day, *terms in spans:
            if terms[0] and tuple(terms) != shown:
                lines.append(f"  с {day:%d.%m.%Y}: долг {terms[0]}, {terms[1]} % годовых × {terms[2]}")
                shown = tuple(terms)
        return lines

    def _penalty_balance(self, where: Where) -> list[str]:
        names = ("opening_penalty", "penalty", "paid_penalty", "closing_penalty")
        opening, penalty, paid, closing = (self._value(name, where) for name in names)
        return [f"пеня: {opening} на начало + {penalty} начислено − {paid} оплачено = {closing}; п. 4.1.6"]

    def _moved(self, where: Where) -> list[str]:
        amount = self._value("moved", where)
        if not amount:
            return ["платежи между строками не переносились"]
        how = "перенесены на остальные строки" if amount > 0 else "перенесены на эту строку по доле начисления"
        head = f"{amount}: платежи сверх долга строк, чей договор закончился, {how}; п. 10.10"
        return [head, *("  " + line for line in self._payments(self._rows(_MOVED, where)))]

    def _paid(self, where: Where) -> list[str]:
        columns = "amount, bank, paid_on, number, opening_part, month_part, advance_part, submission, sheet, row"
        table = "(select a.* from allocations a cross join period p where a.month = p.month)"
        rows = self._rows(self._of_line(columns, table, "paid_on, number"), where)
        return self._payments(rows) or ["платежей в этом месяце нет"]

    def _payments(self, rows: Sequence[tuple[Any, ...]]) -> list[str]:
        lines = []
        for amount, bank, day, number, opening, month, advance, *place in rows[:_MOST]:
            parts = f"в долг {opening}, в начисление {month}, в аванс {advance}"
            lines.append(f"{amount} из платежа № {number} банка {bank} от {day:%d.%m.%Y} ({parts}); п. 4.1.7")
            lines.append("  " + self._cell(place, "amount"))
        return lines + ([f"… и ещё {len(rows) - _MOST} платежей"] if len(rows) > _MOST else [])

    def _closing(self, where: Where) -> list[str]:
        values = {name: self._value(name, where) for name in IDENTITY}
        formula = " ".join(f"{'−' if name == 'paid' else '+'} {name} {value}" for name, value in values.items())
        lines = [f"= {formula[2:]}"]
        for name in IDENTITY:
            if values[name]:
                lines += [f"{name}:", *("  " + line for line in self._parts(name, where))]
        return lines

    def _fee(self, where: Where, field: str) -> list[str]:
        condition = "and service = $service" if where.service else ""
        query = (
            "select service, amount, percent, fee, bank, paid_on, number, account, submission, sheet, row "
            "from allocations a cross join period p where a.month = p.month "
            f"and customer = $customer {condition} order by service, paid_on, number, account"
        )
        rows = self._rows(query, where)
        total = sum((row[3] for row in rows), Decimal("0.00"))
        lines = [
            f"вознаграждение = {total} тенге: удержано с {len(rows)} частей платежей, "
            f"месяц {self._month}; п. 4.2.5, 5.1"
        ]
        if field == "vat_inside":
            percent = self._office.rules.vat_percent(self._month.first_day)
            lines.append(
                f"  НДС внутри = {total} × {percent} / (100 + {percent}), округлён один раз (rules/prices.yaml)"
            )
        for service, amount, percent, fee, bank, day, number, account, *place in rows[:_MOST]:
            lines.append(
                f"  {fee} = {percent:.2f} % от {amount}: {service}, счёт {account}, "
                f"платёж № {number} {bank} {day:%d.%m.%Y}"
            )
            lines.append("    " + self._cell(place, "amount"))
        return lines + ([f"  … и ещё {len(rows) - _MOST}"] if len(rows) > _MOST else [])
