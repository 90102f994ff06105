"""The sources of a line's charge: its tariff, its quantity, its meters, or the stated sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.explain.sources import Sources
from inbox_worker.explain.spoken import show, trim, with_commas
from inbox_worker.month.asked import ask_month
from inbox_worker.month.office import Office
from inbox_worker.settings.form_rules import Bilingual

_STATED_IN = {"м²": "area", "чел.": "residents", "кв.": "base"}
_INDICATORS = {"area": "Площадь", "residents": "Проживает"}
_CORRECTED = read_query(__file__, "correction_in_force")
_METERS = read_query(__file__, "meters_of_account")
_AVERAGED = read_query(__file__, "averaged_readings")
_STATED_SUMS = {
    "customer": ("explain.told.customer", "charged"),
    "schedule": ("explain.told.schedule", "total"),
}
_MOST = 10  # rows explained one by one, the largest; of the others their number and sum
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Where:
    """The lines that a figure sums, or the payments on them; '' = any."""

    customer: str
    account: str = ""
    service: str = ""
    house: str = ""
    bank: str = ""
    percent: Decimal = Decimal(0)
    submission: str = ""
    day: str = ""  # of the bank, as 2026-09-10
    row: int = 0

    @property
    def is_line(self) -> bool:
        return bool(self.account and self.service)


class ChargeFigures:
    """Takes apart charges of one month, computed out of the facts its close saw; of one `account`, of those of a
    `customer`, or of all (''). `every_payment`: whether payments of earlier months are asked for, too."""

    def __init__(
        self, office: Office, sources: Sources, month: Period, account: str = "", customer: str = "", *,
        every_payment: bool = False,
    ) -> None:  # fmt: skip
        self._office = office
        self._sources = sources
        self._month = month
        self._say = with_commas(office.say)
        self._asked_account = account
        self._asked = ask_month(office, month, [account] if account else (), customer, every_payment=every_payment)

    def _rows(self, query: str, where: Where, **values: object) -> list[tuple[Any, ...]]:
        names = {"customer": where.customer, "account": where.account, "service": where.service}
        used = {name: value for name, value in names.items() if f"${name}" in query} | values
        return self._asked.rows(query, used)

    def _list(
        self, rows: Sequence[Row], lines_of: Callable[[Row], list[str]], amount: int, more: str = "explain.more"
    ) -> list[str]:
        """Return the lines of each row; of more than _MOST rows the largest, by the `amount` at that place, and how
        many others there are with their sum."""
        some = rows if len(rows) <= _MOST else sorted(rows, key=lambda row: -abs(row[amount]))
        lines = ["  " + line for row in some[:_MOST] for line in lines_of(row)]
        if not (others := some[_MOST:]):
            return lines
        rest = sum((row[amount] for row in others), Decimal("0.00"))
        return [*lines, "  " + self._say(more, count=len(others), rest=rest)]

    def _of_line(self, columns: str, table: str, order: str = "1") -> str:
        line = "customer = $customer and account = $account and service = $service"
        return f"select {columns} from {table} where {line} order by {order}"  # noqa: S608

    def _value(self, field: str, where: Where) -> Decimal:
        rows = self._rows(self._of_line(field, "lines"), where)
        return rows[0][0] if rows else Decimal("0.00")

    def _line(self, where: Where) -> str:
        service = self._office.rules.service(where.service)
        customer = self._office.journal.customers.on(self._month.last_day).get(where.customer)
        named = f"{where.customer} {customer.name}" if customer else where.customer
        facts = {"account": where.account, "service": where.service, "customer": named}
        return self._say("explain.line", title=self._say.of(service), **facts)

    def _name_service(self, code: str) -> str:
        """Return what people call a service, in the reader's language."""
        return self._say.of(self._office.rules.service(code))

    def _explain_charge(self, where: Where) -> list[str]:
        rows = self._rows(self._of_line("tariff, quantity, charged", "charges"), where)
        stopped = self._rows(self._of_line("reason, clause, submission, sheet, row", "stopped"), where)
        if stopped:
            reason, clause, *place = stopped[0]
            return [self._say("explain.stopped", reason=reason, clause=clause), "  " + self._cell(place, "reason")]
        if not rows:
            return [self._say("explain.no_line")]
        tariff, quantity, charged = rows[0]
        stated = self._rows(self._of_line("kind, charged, submission, sheet, row", "fixed_sums"), where)
        if stated:
            kind, amount, *place = stated[0]
            how, column = _STATED_SUMS[kind]
            return [f"= {show(amount)}: {self._say(how)}", "  " + self._cell(place, column)]
        if steps := self._explain_steps(where, self._month):
            return [self._say("explain.charged_by_steps", charged=charged), *steps, *self._explain_quantity(where)]
        formula = self._say("explain.charged", tariff=tariff, quantity=quantity, charged=charged)
        return [formula, *self._explain_tariff(where), *self._explain_quantity(where)]

    def _explain_recount(self, where: Where, past: date) -> list[str]:
        """Return how a past month was counted again, beside what was charged before, with the cells of its steps."""
        columns = "past_month, tariff, quantity, charged, charged_before"
        rows = self._rows(self._of_line(columns, "recounted"), where)
        [(tariff, quantity, charged, before)] = [facts for month, *facts in rows if month == past]
        facts = {"charged": charged, "before": before}
        if steps := self._explain_steps(where, Period.of(past)):
            return [self._say("explain.recounted_by_steps", **facts), *steps]
        return [self._say("explain.recounted", tariff=tariff, quantity=quantity, **facts)]

    def _explain_steps(self, where: Where, month: Period) -> list[str]:
        """Return each part of a month's charge by steps of consumption, with the cell of its tariff (4.3.2.1)."""
        columns = "month, threshold, times, tariff, quantity, amount, submission, sheet, row"
        rows = self._rows(self._of_line(columns, "step_parts", "step"), where)
        lines = []
        for of_month, threshold, times, tariff, quantity, amount, *place in rows:
            if Period.of(of_month) != month:
                continue
            part = {"tariff": tariff, "quantity": quantity, "amount": trim(amount), "times": times}
            said = self._say("explain.step", threshold=threshold.normalize(), **part)
            lines += ["  " + said, "    " + self._cell(place, "tariff")]
        return lines

    def _explain_tariff(self, where: Where) -> list[str]:
        stated = self._rows(self._of_line("kind, tariff, submission, sheet, row", "fixed_sums"), where)
        if stated:
            kind, value, *place = stated[0]
            how = self._say("explain.tariff_told", value=value, how=self._say(_STATED_SUMS[kind][0]))
            return [how, "  " + self._cell(place, "tariff" if kind == "customer" else "total")]
        columns = "tariff, from_month, category, submission, sheet, row"
        found = self._rows(self._of_line(columns, "tariffs_in_force"), where)
        if not found:
            return [self._say("explain.no_tariff")]
        tariff, since, category, *place = found[0]
        whose = self._say.of(self._office.rules.category(category)) if category else ""
        of = self._say("explain.tariff_of_category", category=whose) if whose else ""
        return [self._say("explain.tariff", tariff=tariff, since=since, of=of), "  " + self._cell(place, "tariff")]

    def _explain_quantity(self, where: Where) -> list[str]:
        rows = self._rows(self._of_line("base, quantity, follows", "quantities"), where)
        stated = self._rows(self._of_line("kind", "fixed_sums"), where)
        if not rows or stated == [("schedule",)]:
            return self._explain_tariff(where) if stated else []
        base, quantity, follows = rows[0]
        if base in _STATED_IN:
            column = _STATED_IN[base]
            place = self._rows(self._of_line("submission, sheet, row", "lines_in_force"), where)[0]
            corrected = self._corrected_at(column, where)
            clause = "4.3.2.4" if corrected else "4.1.16"
            return [
                self._say("explain.quantity", quantity=quantity, base=self._name_base(base), clause=clause),
                "  " + self._cell(corrected or place, column, "becomes", "services"),
            ]
        if follows:
            of = self._say.of(self._office.rules.service(follows))
            return [self._say("explain.quantity_of", quantity=quantity, of=of), *self._meters(where, follows)]
        return [self._say("explain.quantity_metered", quantity=quantity), *self._meters(where, where.service)]

    def _name_base(self, base: str) -> str:
        named = next(one for one in self._office.rules.bases if one.code == base)
        return self._say.of(Bilingual(ru=named.code, kk=named.kk))

    def _corrected_at(self, column: str, where: Where) -> tuple[Any, ...] | None:
        """Return the row of the correction of the directory whose value counts now."""
        rows = self._rows(_CORRECTED, where, indicator=_INDICATORS.get(column, ""))
        return rows[0] if rows else None

    def _meters(self, where: Where, service: str) -> list[str]:
        lines, of = [], Where(where.customer, where.account, service)
        owner = where.customer if service == where.service else ""
        for meter, current, last, turned, used, how, starts, *places in self._rows(_METERS, of, owner=owner):
            if current is None:
                estimated = self._say(f"explain.estimated.{how}")
                lines.append("  " + self._say("explain.meter_silent", meter=meter, used=used, how=estimated))
                lines += self._average_of(of, meter, owner) if how == "average" else []
                continue
            over = " " + self._say("explain.meter_over", turned=turned) if turned else ""
            facts = {"meter": meter, "current": current, "last": last, "over": over, "used": used}
            lines.append("  " + self._say("explain.meter", **facts))
            lines.append("    " + self._say("explain.meter_now") + self._cell(places[:3], "current"))
            if places[3]:
                columns = ("initial",) if starts else ("current", "reading")
                lines.append("    " + self._say("explain.meter_last") + self._cell(places[3:], *columns))
        return lines

    def _average_of(self, of: Where, meter: str, owner: str) -> list[str]:
        """Return what an average is made of, with the cells of its readings."""
        rows = self._rows(_AVERAGED, of, meter=meter, owner=owner)
        used, months = sum((row[1] for row in rows), Decimal(0)), sum(row[2] for row in rows)
        lines = ["    " + self._say("explain.averaged", used=used, months=months)]
        for month, own, over, *place in rows:
            lines.append("    " + self._say("explain.averaged_reading", month=Period.of(month), used=own, months=over))
            lines.append("      " + self._cell(place, "current"))
        return lines

    def _cell(self, place: Sequence[Any], *columns: str) -> str:
        submission, sheet, row = place[:3]
        record = self._office.journal.submissions.get(submission)
        names = {c.name for c in self._office.rules.forms[record.form].columns} if record else set()
        column = next((name for name in columns if name in names), columns[0])
        return self._sources.cell(submission, sheet, row, column)
