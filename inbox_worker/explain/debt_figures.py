"""Balances, penalties and payments of a line taken apart: the debt of each day, and by what each payment was shared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Self

from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.explain.charge_figures import ChargeFigures, Row, Where
from inbox_worker.explain.spoken import show, show_term
from inbox_worker.month.posted_shares import PaidStep, find_shares
from inbox_worker.month.taken_back import find_taken_back

_OWED_BEFORE, _OWED_LATER, _OWED_LESS = (
    read_query(__file__, "owed_before"), read_query(__file__, "owed_later"), read_query(__file__, "owed_less"),
)  # fmt: skip
_PAID_PENALTY = read_query(__file__, "paid_penalty")
_PART = len(("amount", "bank", "day", "number", "opening", "month", "advance", "submission", "sheet", "row"))


class DebtFigures(ChargeFigures):
    """Explains what lines of one month owe and what was paid on them."""

    _leading = False  # whether these are figures of a month that a later one is led back to, told in short
    _stops = False  # whether its opening is led on no further

    def _explain_closing(self, where: Where) -> list[str]:
        raise NotImplementedError

    def _lead_on(self, months: int) -> Self:
        """Return the figures of so many months ago, whose balances are led on to the month before them."""
        earlier = type(self)(self._office, self._sources, self._month.plus(-months), self._asked_account)
        earlier._leading = True
        return earlier

    def _explain_opening(self, where: Where) -> list[str]:
        before = self._month.plus(-1)
        previous = self._rows(self._of_line("closing", "previous"), where)
        if previous:
            record = self._office.journal.closes.in_force(before)
            close = self._say("explain.not_closed")
            if record:
                close = self._say("explain.closed", number=record.number, sha256=record.sha256)
            lines = [self._say("explain.opening", before=before, value=previous[0][0], close=close)]
            return [*lines, *("  " + line for line in self._lead_balance(where, previous[0][0]))]
        found = self._rows(self._of_line("balance, submission, sheet, row", "opening_balances"), where)
        if found:
            value, *place = found[0]
            return [self._say("explain.opening_new", value=value), "  " + self._cell(place, "balance")]
        places = self._rows(self._of_line("submission, sheet, row", "lines_in_force"), where)
        return [self._say("explain.opening_none"), *("  " + self._cell(place, "balance") for place in places)]

    def _lead_balance(self, where: Where, value: Decimal) -> list[str]:
        """Return what the closing balance of the month before is made of; of that month's opening the same, where it is
        led to its start. A balance of the past that is 0,00 is led on no more."""
        if self._leading and not value:
            return []
        if self._stops:
            return [self._say("explain.lead_on")]
        earlier = self._lead_on(1)
        earlier._stops = not (self._leading or self._sources.to_start)
        return earlier._explain_closing(where)

    def _explain_penalty(self, where: Where) -> list[str]:
        columns = "amount, full_amount, limit_of_debt, most, days, weight, submission, sheet, row"
        rows = self._rows(self._of_line(columns, "penalties"), where)
        if not rows:
            return [self._say("explain.no_penalty")]
        amount, full, limit, most, days, weight, *place = rows[0]
        year = self._office.rules.penalties.algorithm.year_days
        facts = {"amount": amount, "days": days, "weight": weight, "year": year, "full": full, "limit": limit}
        lines = [self._say("explain.penalty", most=most, **facts), "  " + self._cell(place, "rate")]
        return lines if self._leading else [*lines, *("  " + line for line in self._explain_debt_of_days(where))]

    def _explain_debt_of_days(self, where: Where) -> list[str]:
        """Return each span of days of one debt with what the debt is made of, then where each part of it comes from."""
        columns = "first_day, days, debt, rate, coefficient"
        spans = _join_spans(self._rows(self._of_line(columns, "penalty_spans", "first_day"), where))
        [(balance, less)] = self._rows(_OWED_BEFORE, where)
        later, paid = self._rows(_OWED_LATER, where), self._rows(_OWED_LESS, where)
        lines: list[str] = []
        for day, days, *terms in spans:
            rate, coefficient = (term.normalize() for term in terms[1:])
            facts = {"debt": terms[0], "rate": rate, "coefficient": coefficient, "days": days}
            lines.append(self._say("explain.penalty_since", day=day, last=day + timedelta(days=days - 1), **facts))
            parts = {
                "less": less, "later": _sum(row[2] for row in later if row[0] == day),
                "paid": _sum(row[0] for row in paid if row[2] < day),
            }  # fmt: skip
            shown = {name: show_term(value) for name, value in parts.items()}
            lines.append("  " + self._say("explain.debt_of_day", debt=terms[0], balance=balance, **shown))
        return [*lines, *self._lead_debt(where, balance, less), *self._list_later(later),
                *self._list_paid([row for row in paid if row[2] < spans[-1][0]])]  # fmt: skip

    def _lead_debt(self, where: Where, balance: Decimal, less: Decimal) -> list[str]:
        """Return where the balance comes from that the month of the days opened with, and what lessens it."""
        of_days = self._lead_on(1)
        lines = [self._say("explain.debt_balance", month=of_days._month, value=balance)]
        lines += ["  " + line for line in of_days._explain_opening(where)] if balance else []
        if not less:
            return lines
        lines.append(self._say("explain.debt_less", month=of_days._month, value=less))
        for name in ("charged", "undelivered", "recalculated"):
            if of_days._value(name, where):
                lines += ["  " + line for line in of_days._parts(name, where)]
        return lines

    def _parts(self, field: str, where: Where) -> list[str]:
        raise NotImplementedError

    def _list_later(self, later: Sequence[Row]) -> list[str]:
        """Return the charges that were not overdue yet, with the day after which they are."""
        due = self._office.rules.penalties.algorithm.due_day
        months = {Period.of(month): amount for _, month, amount in later}
        return [
            self._say("explain.debt_later", month=month, amount=amount, due=month.plus(1).first_day.replace(day=due))
            for month, amount in sorted(months.items())
        ]

    def _list_paid(self, paid: Sequence[Row]) -> list[str]:
        lines = []
        for amount, bank, day, number, *place in paid:
            facts = {"amount": amount, "bank": bank, "day": day, "number": number}
            code = "explain.debt_paid" if amount > 0 else "explain.debt_unpaid"
            lines += [self._say(code, since=day + timedelta(days=1), **facts), "  " + self._cell(place, "amount")]
        return lines

    def _explain_penalty_balance(self, where: Where) -> list[str]:
        names = ("opening_penalty", "penalty", "paid_penalty", "closing_penalty")
        opening, penalty, paid, closing = (self._value(name, where) for name in names)
        facts = {"opening": opening, "penalty": penalty, "paid": show_term(paid), "closing": closing}
        said = self._say("explain.penalty_balance", **facts)
        lines = [said, *([self._say("explain.penalty_overpaid", value=-closing)] if closing < 0 else [])]
        if opening:
            earlier = self._lead_on(1)._explain_penalty_balance(where)
            lines += [self._say("explain.penalty_before", month=self._month.plus(-1)), *("  " + one for one in earlier)]
        if penalty:
            lines += self._explain_penalty(where)
        for amount, bank, day, number, *place in self._rows(_PAID_PENALTY, where):
            facts = {"amount": amount, "bank": bank, "day": day, "number": number}
            lines += [self._say("explain.penalty_paid", **facts), "  " + self._cell(place, "amount")]
        return lines

    def _explain_paid(self, where: Where) -> list[str]:
        rows = self._rows(read_query(__file__, "paid_line"), where)
        return self._payments(rows, where) or [self._say("explain.no_payments")]

    def _payments(self, rows: Sequence[tuple[Any, ...]], where: Where | None = None) -> list[str]:
        """Return payments with their cells; of those on a line (`where`), whose rows name the posting behind, by what
        each was shared."""

        def describe(row: Row) -> list[str]:
            amount, bank, day, number, opening, month, advance, *place = row[:_PART]
            parts = self._say("explain.posted_parts", opening=opening, month=month, advance=advance)
            code = "explain.payment" if amount > 0 else "explain.payment_back"
            head = self._say(code, amount=amount, number=number, bank=bank, day=day, parts=parts)
            shares = self._explain_shares(where, *row[_PART:]) if where and not self._leading else []
            return [head, "  " + self._cell(place, "amount"), *("  " + line for line in shares)]

        return [line.removeprefix("  ") for line in self._list(rows, describe, 0, "explain.more_payments")]

    def _explain_shares(self, where: Where, payment: str, sequence: int, reverses: str | None) -> list[str]:
        """Return by what a payment was shared over the account's lines (4.1.7); of a reversal, what it takes back."""
        if reverses:
            return self._explain_reversal(where, payment, reverses)
        shares = find_shares(self._office, payment, where.account, self._month, sequence)
        lines = [line for share in shares for line in self._say_share(share, (where.customer, where.service))]
        return lines or [self._say("explain.share_lost")]

    def _explain_reversal(self, where: Where, reversal: str, payment: str) -> list[str]:
        """Return what a reversal takes back of a payment: the payment's cell, by what it was shared, and where only
        some of it goes back, how that was divided."""
        lines = [self._say("explain.reverses"), "  " + self._cell_of(payment)]
        back = find_taken_back(self._office, self._month, where.account, payment, reversal)
        if back is None:
            return lines
        own = where.customer, where.service
        if not back.is_all and back.is_shared and own in back.left:
            shown = "; ".join(f"{self._name_service(service)} {show(one)}" for (_, service), one in back.left.items())
            part, total = back.parts.get(own, Decimal("0.00")), _sum(back.parts.values())
            facts = {"part": part, "total": total, "weight": back.left[own], "weights": _sum(back.left.values())}
            lines.append(self._say("explain.back_shared", lines=shown, **facts))
        shares = find_shares(self._office, payment, where.account, back.month, back.sequence)
        said = [line for share in shares for line in self._say_share(share, own)]
        lines.append(self._say("explain.back_posted", month=back.month))
        return [*lines, *("  " + line for line in said or [self._say("explain.share_lost")])]

    def _say_share(self, share: PaidStep, line: tuple[str, str]) -> list[str]:
        """Return a line's part of a step of a payment, nothing where it got none."""
        if not (part := share.parts.get(line)):
            return []
        weights = _sum(share.weights.values())
        facts = {"what": self._say(f"explain.paid_step.{share.step}"), "part": part, "total": share.total}
        if share.step != "advance" and share.total == weights:
            return [self._say("explain.share_whole", **facts)]
        if not share.weights:
            return [self._say("explain.share_first", total=share.total, lines=self._name_service(line[1]))]
        shown = "; ".join(f"{self._name_service(service)} {show(one)}" for (_, service), one in share.weights.items())
        own = share.weights.get(line, Decimal("0.00"))
        return [self._say("explain.share_paid", weight=own, weights=weights, lines=shown, **facts)]

    def _cell_of(self, payment: str) -> str:
        """Return the cell of a payment named by its place in a register."""
        submission, _, place = payment.partition("/")
        sheet, _, row = place.rpartition("/")
        return self._cell((submission, sheet, int(row)), "amount")


def _sum(amounts: Any) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def _join_spans(rows: Sequence[Row]) -> list[Row]:
    """Return the spans of days of a debt; those that follow each other with the same debt and terms are one."""
    spans: list[Row] = []
    for first, days, *terms in rows:
        if spans and spans[-1][0] + timedelta(days=spans[-1][1]) == first and list(spans[-1][2:]) == terms:
            first, days = spans[-1][0], spans.pop()[1] + days
        spans.append((first, days, *terms))
    return spans
