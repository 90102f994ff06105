"""A figure of the ledger taken apart: the formula with its numbers, and each number's source.

Lines of a closed month are those that its close froze; what they come from is computed again out of the facts it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.core.text import fold
from inbox_worker.explain.charge_figures import Row, Where
from inbox_worker.explain.debt_figures import DebtFigures
from inbox_worker.explain.spoken import show, show_term, trim

IDENTITY = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved")
FIELDS = (*IDENTITY, "closing", "opening_penalty", "paid_penalty", "closing_penalty", "tariff", "quantity",
          "fee", "vat_inside", "undelivered+recalculated")  # fmt: skip
_RECALCULATED = {
    "form": ("explain.recalculated.form", "amount"),
    "tariff": ("explain.recalculated.tariff", "tariff"),
    "reading": ("explain.recalculated.reading", "current"),
    "days": ("explain.recalculated.days", "tariff"),
}
_COUNTED_AGAIN = ("tariff", "reading")
_MOVED = read_query(__file__, "moved_payments")
_COMMISSION = read_query(__file__, "scheduled_commission")
_MOVED_BY = {
    (0, True): "explain.moved_away", (0, False): "explain.moved_here", (1, True): "explain.moved_back",
    (1, False): "explain.moved_back",
}  # fmt: skip
_BY_SCHEDULE = {
    "explain.fee_part": "explain.fee_part_scheduled", "explain.part_fee": "explain.part_fee_scheduled",
}  # fmt: skip
_UNDELIVERED = read_query(__file__, "undelivered_days")
_UNROUNDED = Decimal("0.000001")  # days are divided by multiplying with an inverse of 18 places
_SIDES = {"debit": ">", "credit": "<"}


class Figures(DebtFigures):
    """Explains figures of one month."""

    def explain(self, field: str, where: Where) -> list[str]:
        """Return the figure's value, its formula, and every source below it."""
        if field in ("fee", "vat_inside"):
            return self._explain_fee(where, field)
        if "+" in field:
            parts = field.split("+")
            return [self._add_up(parts, where), *(line for part in parts for line in self.explain(part, where))]
        if not where.is_line:
            return self._sum(field, where)
        unit = "" if field == "quantity" else self._say("explain.tenge")
        name = self._name_figure(field)
        facts = {"field": name, "value": self._value(field, where), "unit": unit, "line": self._line(where)}
        head = self._say("explain.figure", month=self._month, **facts)
        return [head, *("  " + line for line in self._parts(field, where))]

    def _add_up(self, parts: Sequence[str], where: Where) -> str:
        """Return a figure of several columns as their sum."""
        values = [self.find_value(part, where) or Decimal("0.00") for part in parts]
        first, *others = (self._name_figure(part) for part in parts)
        terms = [f"{first} {show(values[0])}"]
        terms += [f"{name} {show_term(value)}" for name, value in zip(others, values[1:], strict=True)]
        return f"{show(sum(values, Decimal(0)))} = {' + '.join(terms)}"

    def _name_figure(self, field: str) -> str:
        """Return what a column of lines is called in the reader's language."""
        return self._say(f"total.{field}")

    def find_value(self, field: str, where: Where) -> Decimal | None:
        """Return a figure of the lines, of one or the sum of several; None for what is no column of lines."""
        if field not in (*IDENTITY, "closing", "opening_penalty", "paid_penalty", "closing_penalty"):
            return None
        if where.is_line:
            return Decimal(self._value(field, where))
        return sum((row[2] for row in self._find_summed_lines(field, where)), Decimal(0))

    def _parts(self, field: str, where: Where) -> list[str]:
        parts: dict[str, Callable[[Where], list[str]]] = {
            "opening": self._explain_opening,
            "charged": self._explain_charge,
            "tariff": self._explain_tariff,
            "quantity": self._explain_quantity,
            "undelivered": self._explain_undelivered,
            "recalculated": self._explain_recalculated,
            "penalty": self._explain_penalty,
            "opening_penalty": self._explain_penalty_balance,
            "paid_penalty": self._explain_penalty_balance,
            "closing_penalty": self._explain_penalty_balance,
            "moved": self._explain_moved,
            "paid": self._explain_paid,
            "closing": self._explain_closing,
        }
        if field in parts:
            return parts[field](where)
        return [self._say("explain.nothing")]

    def _find_summed_lines(self, field: str, where: Where, condition: str = "") -> list[tuple[Any, ...]]:
        """Return account, service, value and house of the lines that a sum is of."""
        conditions = [f"l.{key} = ${key}" for key in ("customer", "account", "service") if getattr(where, key)]
        conditions += [condition] if condition else []
        query = (
            f"select l.account, l.service, l.{field}, coalesce(f.house, '') from lines l "  # noqa: S608
            "left join lines_in_force f using (customer, account, service) "
            f"where {' and '.join(conditions or ['true'])} order by 2, 4, 1"
        )
        return [row for row in self._rows(query, where) if not where.house or fold(row[3]) == fold(where.house)]

    def _sum(self, field: str, where: Where, side: str = "") -> list[str]:
        rows = self._find_summed_lines(field, where, f"l.{field} {_SIDES[side]} 0" if side else "")
        total = sum((row[2] for row in rows), Decimal("0.00"))
        service = where.service and self._name_service(where.service)
        place = " ".join(
            filter(None, [service, where.house and self._say("explain.of_house", house=where.house)])
        ) or self._say("explain.all_lines")
        name = self._name_figure(field)
        head = self._say("explain.sum", field=name, total=total, count=len(rows), place=place, month=self._month)
        return [head, *self._list(rows, self._account_value, 2)]

    def _account_value(self, row: Sequence[Any]) -> list[str]:
        return [self._say("explain.account_value", account=row[0], service=self._name_service(row[1]), value=row[2])]

    def _explain_undelivered(self, where: Where) -> list[str]:
        columns = "days_month, days_now, days_before, amount"
        rows = self._rows(self._of_line(columns, "undelivered_rows"), where)
        by_row = self._rows(_UNDELIVERED, where) if rows else []
        if not rows:
            return [self._say("explain.no_undelivered")]
        lines, formulas = list[str](), list[str]()
        for month, now, before, amount in rows:
            measure, measured = self._explain_measure(where, month)
            formulas.append(_formula_of_days(measure, now, Period.of(month).last_day.day, amount))
            earlier = self._say("explain.counted_before", before=before) if before else ""
            facts = {"now": now, "month": month, "earlier": earlier, "amount": amount}
            lines.append(self._say("explain.undelivered", formula=formulas[-1], **facts))
            for _, days, *place in (one for one in by_row if one[0] == month):
                lines.append("  " + self._say("explain.undelivered_told", days=days) + self._cell(place, "days"))
            lines += ["  " + line for line in measured]
        value = self._value("undelivered", where)
        return [self._say("explain.undelivered_sum", formula=" + ".join(formulas), value=value), *lines]

    def _explain_measure(self, where: Where, days_month: date) -> tuple[Decimal, list[str]]:
        """Return the charge that days without service are measured by, unrounded, and where it comes from: of their
        month, as it is counted by now; of a month that the ledger never charged, this month's."""
        recounted = dict(self._rows(self._of_line("past_month, coalesce(exact, charged)", "recounted"), where))
        past = dict(self._rows(self._of_line("month, exact", "past_charges"), where))
        month = Period.of(days_month)
        if days_month in recounted:
            measure, lines = recounted[days_month], self._explain_recount(where, days_month)
        elif days_month in past and month != self._month:
            measure, again = past[days_month], self._find_recounts(where, days_month)
            counted = self._lead_on(self._month.minus(again[-1] if again else month))
            lines = counted._explain_recount(where, days_month) if again else counted._explain_charge(where)
        else:
            [(measure,)] = self._rows(self._of_line("coalesce(stepped, tariff * quantity)", "charges"), where)
            lines = self._explain_charge(where)
        head = self._say("explain.measure", month=month, measure=trim(measure), days=month.last_day.day)
        return measure, [head, *("  " + line for line in lines)]

    def _find_recounts(self, where: Where, past: date) -> list[Period]:
        """Return the closed months in which a past one was counted again, in order."""
        rows = self._rows(self._of_line("month, past_month, kind", "asked_recalculations"), where)
        return [Period.of(month) for month, of_month, kind in rows if of_month == past and kind in _COUNTED_AGAIN]

    def _explain_recalculated(self, where: Where) -> list[str]:
        columns = "past_month, amount, kind, submission, sheet, row"
        rows = self._rows(self._of_line(columns, "recalculation_rows", "1, 3, 4, 6"), where)
        lines = [] if rows else [self._say("explain.no_recalculated")]
        for past, amount, kind, *place in rows:
            clause, column = _RECALCULATED[kind]
            lines.append(self._say("explain.recalculated", amount=amount, past=past, why=self._say(clause)))
            lines.append("  " + self._cell(place, column, "current"))
            if kind in _COUNTED_AGAIN:
                lines += ["  " + line for line in self._explain_recount(where, past)]
        return lines

    def _explain_moved(self, where: Where) -> list[str]:
        amount = self._value("moved", where)
        if not amount:
            return [self._say("explain.not_moved")]
        excess = self._rows(read_query(__file__, "moved_excess"), where)
        line = where.customer, where.service
        ways = {(back, (customer, service) == line) for back, customer, service, *_ in excess}
        ways -= {(0, False)} if (0, True) in ways else set()  # what left another ended line is no part of this one's
        how = ", ".join(self._say(_MOVED_BY[way]) for way in sorted(ways))
        head = self._say("explain.moved", amount=amount, how=how)
        below = [*map(self._say_excess, excess), *self._say_shares(where, excess)]
        if self._sources.to_start and not self._leading:
            below += self._lead_moved(where, excess)
        return [head, *("  " + line for line in (*below, *self._payments(self._rows(_MOVED, where))))]

    def _lead_moved(self, where: Where, excess: Sequence[Row]) -> list[str]:
        """Return where the debts come from that payments were beyond, and the charge that the line's share is by."""
        lines = list[str]()
        for back, customer, service, *_ in excess:
            if not back:
                ended = replace(where, customer=customer, service=service)
                lines += [f"{self._line(ended)}:", *("  " + line for line in self._explain_opening(ended))]
        if (where.customer, where.service) not in [(customer, service) for _, customer, service, *_ in excess]:
            lines += [f"{self._line(where)}:", *("  " + line for line in self._explain_charge(where))]
        return lines

    def _say_excess(self, row: Row) -> str:
        """Return how much left a line or goes back to it, and what that comes of."""
        back, customer, service, amount, paid, debt = row
        code = "explain.undone" if back else "explain.excess" if debt >= 0 else "explain.excess_paid"
        facts = {"amount": amount, "paid": paid, "debt": debt, "customer": customer}
        return self._say(code, service=self._name_service(service), **facts)

    def _say_shares(self, where: Where, excess: Sequence[Row]) -> list[str]:
        """Return by what the line's share of what is moved is counted, with the weights of all that share it."""
        weights, lines = self._rows(read_query(__file__, "moved_weights"), where), list[str]()
        for back, code in ((0, "explain.share"), (1, "explain.share_back")):
            those = {(customer, service): weight for way, customer, service, weight in weights if way == back}
            if (own := those.get((where.customer, where.service))) is None:
                continue
            total = sum((row[3] for row in excess if row[0] == back), Decimal("0.00"))
            every = sum(those.values(), Decimal("0.00"))
            shown = "; ".join(f"{self._name_service(service)} {show(weight)}" for (_, service), weight in those.items())
            code = code if every else "explain.share_first"
            lines.append(self._say(code, total=total, weight=own, weights=every, lines=shown))
        return lines

    def _explain_closing(self, where: Where) -> list[str]:
        values = {name: self._value(name, where) for name in IDENTITY}
        called = {name: self._name_figure(name) for name in IDENTITY}
        first, *others = IDENTITY
        formula = [f"= {called[first]} {show(values[first])}"]
        formula += [f"{'−' if name == 'paid' else '+'} {called[name]} {show_term(values[name])}" for name in others]
        lines = [" ".join(formula)]
        for name in IDENTITY:
            if values[name]:
                lines += [f"{called[name]}:", *("  " + line for line in self._parts(name, where))]
        return lines

    def _explain_fee(self, where: Where, field: str) -> list[str]:
        rows = self._rows(read_query(__file__, "fees_withheld"), where)
        total = sum((row[3] for row in rows), Decimal("0.00"))
        lines = [self._say("explain.fee", total=total, count=len(rows), month=self._month)]
        if field == "vat_inside":
            percent = self._office.rules.vat_percent(self._month.first_day)
            lines.append("  " + self._say("explain.vat_inside", total=total, percent=percent))
        names = ("service", "amount", "percent", "fee", "bank", "day", "number", "account", "commission", "of")

        def part(row: tuple[Any, ...]) -> list[str]:
            facts = dict(zip(names, row, strict=False))
            of = Where(where.customer, facts["account"], facts["service"])
            cells = self._find_commission(of, facts["commission"], facts["of"], facts["day"])
            code = self._code_of_fee("explain.fee_part", facts["commission"])
            facts |= {"service": self._name_service(facts["service"]), "percent": trim(facts["percent"])}
            cells.append(self._cell(row[len(names) :], "amount"))
            return [self._say(code, **facts), *("  " + cell for cell in cells)]

        return lines + self._list(rows, part, 3)

    def _code_of_fee(self, code: str, commission: Decimal | None) -> str:
        """Return the text of a fee by per cent, or by a schedule (4.3.9), whose per cent is rounded."""
        return code if commission is None else _BY_SCHEDULE[code]

    def _find_commission(self, where: Where, commission: Decimal | None, of: Decimal | None, day: date) -> list[str]:
        """Return the cell of the schedule's total by which a fee was withheld; nothing of a fee by per cent."""
        if commission is None:
            return []
        rows = self._rows(_COMMISSION, where, commission=commission, of=of, day=day)
        return [self._cell(row, "total") for row in rows]


def _formula_of_days(measure: Decimal, days: int, length: int, amount: Decimal) -> str:
    """Return how days without service were counted; where the month's charge was the limit, what was left of it."""
    if abs(measure * days / length - amount) < _UNROUNDED:
        return f"{show(trim(measure))} × {days} / {length}"
    return f"{show(trim(round(amount, 9)))}"
