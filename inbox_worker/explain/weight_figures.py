"""The debts that a payment was shared by, led back: what each line owed when the payment was posted, and what payments
before it had taken (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.month.posted_shares import PaidStep, Row, find_earlier_parts, find_shares
from inbox_worker.month.taken_back import find_taken_back

_FIGURES = {
    "opening": ("opening",),
    "month": ("charged", "undelivered", "recalculated"),
    "opening_penalty": ("opening_penalty",),
    "penalty": ("penalty",),
    "advance": ("charged",),
}  # what a line's weight of a step is made of


class WeightFigures(Figures):
    """Leads the shares of one payment back to the figures of the lines that it was shared over."""

    def _lead_weights(self, own: frozenset[str], account: str, payment: str, sequence: int) -> list[str]:
        """Return each line's weight in each step that the payment paid, with what it is made of. `own`: Customers whose
        figures are led on to their forms; of others they are only told, for their forms are not for these (4.7)."""
        shares = find_shares(self._office, payment, account, self._month, sequence)
        if not shares:
            return []
        earlier = find_earlier_parts(self._office, payment, account, self._month, sequence)
        lines = [self._say("explain.weights", account=account)]
        for share in shares:
            for (customer, service), weight in share.weights.items():
                where = Where(customer, account, service)
                facts = {"line": self._line(where), "what": self._say(f"explain.paid_step.{share.step}")}
                lines.append("  " + self._say("explain.weight", weight=weight, **facts))
                below = self._explain_weight(share, weight, where, earlier, led=customer in own)
                lines += ["    " + line for line in below]
        return lines

    def _lead_weights_taken_back(self, own: frozenset[str], account: str, reversal: str, payment: str) -> list[str]:
        """Return the same of the payment that a reversal takes back, with the figures of the month that it was posted
        in."""
        back = find_taken_back(self._office, self._month, account, payment, reversal)
        if back is None:
            return []
        figures = self if back.month == self._month else self._lead_on(self._month.minus(back.month))
        return figures._lead_weights(own, account, payment, back.sequence)

    def _explain_weight(
        self, share: PaidStep, weight: Decimal, where: Where, earlier: list[Row], *, led: bool
    ) -> Iterator[str]:
        names = _FIGURES[share.step]
        values = {name: self._value(name, where) for name in names}
        figure = sum(values.values(), Decimal("0.00"))
        if share.step == "opening":
            figure -= self._value("opening_penalty", where)
        taken = [row for row in earlier if (row["customer"], row["service"]) == (where.customer, where.service)]
        amounts = {row["payment"]: row[share.step] for row in taken if row[share.step] and share.step != "advance"}
        for name, value in values.items():
            if value:
                yield self._say("explain.weight_figure", name=self._name_figure(name), value=value)
                if led:
                    yield from ("  " + line for line in self._parts(name, where))
        if amounts:
            yield self._say("explain.weight_taken", figure=figure, taken=sum(amounts.values(), Decimal("0.00")))
            for row in (row for row in taken if row["payment"] in amounts):
                facts = {"number": row["number"], "bank": row["bank"], "day": row["paid_on"]}
                yield "  " + self._say("explain.weight_paid", amount=row[share.step], **facts)
        if max(figure, Decimal(0)) - sum(amounts.values(), Decimal(0)) != weight:
            yield self._say("explain.weight_then")
