"""A figure of the ledger taken apart: the formula with its numbers, and each number's source.

A closed month is computed again out of the facts its close saw, so what is told is what was summed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inbox_worker.context import Office
from inbox_worker.model import Period
from inbox_worker.rules import fold
from inbox_worker.sources import Sources

IDENTITY = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved")
FIELDS = (*IDENTITY, "closing", "opening_penalty", "paid_penalty", "closing_penalty", "tariff", "quantity",
          "fee", "vat_inside", "undelivered+recalculated")  # fmt: skip
_TOLD_IN = {"м²": ("area", "Площадь"), "чел.": ("residents", "Проживает"), "кв.": ("base", "")}
_CORRECTED = """
select c.submission, c.sheet, c.row from corrected c join lines_in_force l using (customer, account)
where c.indicator = '{indicator}' and l.customer = $customer and l.account = $account and l.service = $service
  and (c.from_month > l.from_month or (c.from_month = l.from_month and c.sequence >= l.sequence))
"""
_TOLD_SUMS = {
    "customer": ("начислено самим заказчиком за месяц; п. 4.3.2.5", "charged"),
    "schedule": ("платёж месяца по графику с комиссиями исполнителя и банка; п. 4.3.9", "total"),
}
_ESTIMATED = {
    "average": "средний месяц по показаниям последних месяцев (rules/meters.yaml); будущее показание пересчитает",
    "norm": "по норме на проживающих (rules/meters.yaml); будущее показание пересчитает",
    "zero": "среднего и нормы нет (rules/meters.yaml)",
}
_RECALCULATED = {
    "form": ("форма перерасчёта; п. 4.3.2.4", "amount"),
    "tariff": ("новый тариф за прошлый месяц; п. 4.1.4", "tariff"),
    "reading": ("показание вместо расчёта по среднему или норме; п. 7.2, 4.1.4", "current"),
    "days": ("уменьшение за дни без услуги по новому начислению месяца; п. 4.1.5, 4.1.4", "tariff"),
}
_MOST = 200  # rows told one by one; past that their number and sum


@dataclass(frozen=True)
class Where:
    """Which lines a figure sums; '' = any."""

    customer: str
    account: str = ""
    service: str = ""
    house: str = ""

    @property
    def is_line(self) -> bool:
        return bool(self.account and self.service)


class Figures:
    """Explains figures of one month."""

    def __init__(self, office: Office, sources: Sources, month: Period) -> None:
        self._office = office
        self._sources = sources
        self._month = month
        self._connection = office.months.computed(month).connection

    def explain(self, field: str, where: Where) -> list[str]:
        """The figure's value, its formula, and every source below it."""
        if field in ("fee", "vat_inside"):
            return self._fee(where, field)
        if field == "undelivered+recalculated":
            return self.explain("undelivered", where) + self.explain("recalculated", where)
        if not where.is_line:
            return self._sum(field, where)
        head = f"{field} = {self._value(field, where)} тенге: {self._line(where)}, месяц {self._month}"
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

    def _rows(self, query: str, where: Where) -> list[tuple[Any, ...]]:
        names = {"customer": where.customer, "account": where.account, "service": where.service}
        used = {name: value for name, value in names.items() if f"${name}" in query}
        return self._connection.execute(query, used).fetchall()

    def _of_line(self, columns: str, table: str, order: str = "1") -> str:
        line = "customer = $customer and account = $account and service = $service"
        return f"select {columns} from {table} where {line} order by {order}"  # noqa: S608

    def _value(self, field: str, where: Where) -> Decimal:
        rows = self._rows(self._of_line(field, "lines"), where)
        return rows[0][0] if rows else Decimal("0.00")

    def _line(self, where: Where) -> str:
        service = self._office.rules.service(where.service)
        return f"счёт {where.account}, {service.ru} ({where.service}), заказчик {where.customer}"

    def _sum(self, field: str, where: Where) -> list[str]:
        conditions = ["l.customer = $customer"]
        if where.service:
            conditions.append("l.service = $service")
        query = (
            f"select l.account, l.service, l.{field}, coalesce(f.house, '') from lines l "  # noqa: S608
            "left join lines_in_force f using (customer, account, service) "
            f"where {' and '.join(conditions)} order by 2, 4, 1"
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

    def _charged(self, where: Where) -> list[str]:
        rows = self._rows(self._of_line("tariff, quantity, charged", "charges"), where)
        stopped = self._rows(self._of_line("reason, clause, submission, sheet, row", "stopped"), where)
        if stopped:
            reason, clause, *where_told = stopped[0]
            return [
                f"строка приостановлена на 1-е число: {reason}; п. {clause}",
                "  " + self._cell(where_told, "reason"),
            ]
        if not rows:
            return ["строки нет в справочнике этого месяца: не начислялось"]
        tariff, quantity, charged = rows[0]
        told = self._rows(self._of_line("kind, charged, submission, sheet, row", "fixed_sums"), where)
        if told:
            kind, amount, *place = told[0]
            how, column = _TOLD_SUMS[kind]
            return [f"= {amount}: {how}", "  " + self._cell(place, column)]
        formula = f"= тариф {tariff} × количество {quantity}, округлено до тиына один раз = {charged}; п. 4.1.4"
        return [formula, *self._tariff(where), *self._quantity(where)]

    def _tariff(self, where: Where) -> list[str]:
        told = self._rows(self._of_line("kind, tariff, submission, sheet, row", "fixed_sums"), where)
        if told:
            kind, value, *where_told = told[0]
            column = "tariff" if kind == "customer" else "total"
            return [f"тариф {value}; {_TOLD_SUMS[kind][0]}", "  " + self._cell(where_told, column)]
        found = self._rows(self._of_line("tariff, from_month, submission, sheet, row", "tariffs_in_force"), where)
        if not found:
            return ["тариф не задан ни справочником, ни формой"]
        tariff, since, *place = found[0]
        return [f"тариф {tariff}, действует с {since:%m.%Y}; п. 4.3.2.1", "  " + self._cell(place, "tariff")]

    def _quantity(self, where: Where) -> list[str]:
        rows = self._rows(self._of_line("base, quantity, follows", "quantities"), where)
        told = self._rows(self._of_line("kind", "fixed_sums"), where)
        if not rows or told == [("schedule",)]:
            return self._tariff(where) if told else []
        base, quantity, follows = rows[0]
        if base in _TOLD_IN:
            column, indicator = _TOLD_IN[base]
            place = self._rows(self._of_line("submission, sheet, row", "lines_in_force"), where)[0]
            corrected = self._rows(_CORRECTED.format(indicator=indicator), where)
            source = self._cell(corrected[0] if corrected else place, column, "becomes", "services")
            return [f"количество {quantity} по базе {base}; п. {'4.3.2.4' if corrected else '4.1.16'}", "  " + source]
        if follows:
            of = self._office.rules.service(follows).ru
            return [
                f"количество {quantity}: по расходу «{of}» этого счёта; п. 7.2",
                *self._meters(where, follows),
            ]
        return [f"количество {quantity}: расход приборов; п. 7.2", *self._meters(where, where.service)]

    def _meters(self, where: Where, service: str) -> list[str]:
        query = (
            "select meter, current, last, turned, used, how, submission, sheet, row, "
            "last_submission, last_sheet, last_row "
            "from meter_use where account = $account and service = $service "
            + ("and customer = $customer " if service == where.service else "")
            + "order by meter"
        )
        lines = []
        for meter, current, last, turned, used, how, *places in self._rows(
            query, Where(where.customer, where.account, service)
        ):
            if current is None:
                lines.append(f"  прибор {meter}: показания за месяц нет, расход {used}: {_ESTIMATED[how]}")
                continue
            over = f" + {turned} (прошёл через ноль)" if turned else ""
            lines.append(f"  прибор {meter}: {current} − {last}{over} = {used}")
            lines.append("    текущее: " + self._cell(places[:3], "current"))
            if places[3]:
                lines.append("    последнее учтённое: " + self._cell(places[3:], "current", "reading"))
        return lines

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
        if amount < 0:
            return ["получено из платежей за строки заказчиков, чей договор закончился, по доле начисления; п. 10.10"]
        return ["платёж сверх долга строки, договор заказчика закончился: перенесён на остальные строки; п. 10.10"]

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

    def _cell(self, place: Sequence[Any], *columns: str) -> str:
        submission, sheet, row = place[:3]
        record = self._office.journal.submission(submission)
        names = {c.name for c in self._office.rules.forms[record.form].columns} if record else set()
        column = next((name for name in columns if name in names), columns[0])
        return self._sources.cell(submission, sheet, row, column)
