"""Figures of tables of payments, debts, the directory and bills taken apart, down to bank lines and cells (law 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from inbox_worker.core.queries import read_query
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.spoken import show, trim
from inbox_worker.explain.weight_figures import WeightFigures
from inbox_worker.ledger.facts import read_facts

if TYPE_CHECKING:
    from inbox_worker.documents.month_data import MonthFacts

_PAID = read_query(__file__, "paid_parts")
_ANY_STATEMENT: Mapping[str, Any] = MappingProxyType(
    {"of_bank": "", "of_day": "", "after": 0, "upto": 0, "services": []}
)
_VALUES = {"amount": 0, "penalty_part": 1, "percent": 2, "fee": 3, "transfer": 4}
_CALLED = {"amount": "posted", "penalty_part": "paid_penalty", "fee": "fees", "transfer": "transfers"}
_LAST_PAID = read_query(__file__, "last_paid")
_STATED = ("submission, sheet, row", "lines_in_force")
_AGES = {"age_1": (0, 0), "age_2_3": (1, 2), "age_4_6": (3, 5), "age_7_12": (6, 11), "age_over_12": (12, 1200)}
_ACCOUNT, _SERVICE, _PAYMENT, _CUSTOMER = 8, 9, 16, 19  # places in a row of paid_parts
LAST_PAID = "last_paid"  # the one figure that payments of any earlier month may stand behind


class TableFigures(WeightFigures):
    """Explains figures of one month whatever document they stand in."""

    def explain(self, field: str, where: Where) -> list[str]:
        """Explain as `Figures.explain` does; besides `payments.*`, `debt*`, `last_paid`, `area`, `residents`,
        `reading`, `bill`."""
        head, _, rest = field.partition(".")
        if head == "payments":
            return self.explain_some(rest, where)
        if head == "debt":
            return self._explain_debt(rest, where)
        if head == LAST_PAID:
            rows = self._rows(_LAST_PAID, where)
            total = sum((row[0] for row in rows), Decimal("0.00"))
            lines = [self._say("explain.last_paid", total=total, account=where.account, customer=where.customer)]
            return lines + ["  " + line for line in self._payments(rows)]
        if rest in ("debit", "credit"):
            return super().explain(head, where) if where.is_line else self._sum(head, where, rest)
        if head == "bill":
            return self._explain_bill(where)
        if head in ("area", "residents", "reading") and where.is_line:
            return [
                self._say(
                    "explain.of_directory",
                    head=self._say(f"explain.directory.{head}"),
                    line=self._line(where),
                    month=self._month,
                ),
                *self._explain_directory(head, where),
            ]
        return super().explain(field, where)

    def explain_some(self, name: str, where: Where, of: Mapping[str, Any] = _ANY_STATEMENT) -> list[str]:
        """Return a sum of parts of payments with each of them; `of`: the statement that they are in, and services."""
        keys = ("customer", "account", "service", "bank", "percent", "submission", "row", "day")
        values: dict[str, Any] = {**of, **{key: getattr(where, key) for key in keys}}
        rows = self._asked.rows(_PAID, values)
        lines = [self._say("explain.of_payments", summed=self._say_sum(name, rows), count=len(rows), month=self._month)]
        shared = len({row[_PAYMENT] for row in rows}) == 1  # of many payments each figure is asked for by itself

        def part(row: tuple[Any, ...]) -> list[str]:
            line = Where(row[_CUSTOMER], row[_ACCOUNT], row[_SERVICE])
            posting = row[_PAYMENT : _PAYMENT + 3]
            return self._payment(row) + [
                "  " + said for said in (self._explain_shares(line, *posting) if shared else ())
            ]

        lines += self._list(rows, part, 0, "explain.more_parts")
        if not (shared and self._sources.to_start):
            return lines
        payment, sequence = rows[0][_PAYMENT : _PAYMENT + 2]
        own, account = frozenset(row[_CUSTOMER] for row in rows), rows[0][_ACCOUNT]
        taken_back = sorted({row[_PAYMENT + 2] for row in rows if row[_PAYMENT + 2]})
        led = [] if taken_back else self._lead_weights(own, account, payment, sequence)
        led += [line for one in taken_back for line in self._lead_weights_taken_back(own, account, payment, one)]
        return lines + ["  " + line for line in led]

    def _payment(self, row: tuple[Any, ...]) -> list[str]:
        names = ("amount", "penalty", "percent", "fee", "transfer", "bank", "day", "number", "account", "service",
                 "opening", "charged", "advance")  # fmt: skip
        facts = dict(zip(names, row, strict=False))
        customer, commission, of = row[-3:]
        line = Where(customer, facts["account"], facts["service"])
        source, *cells = self._price_of(line, commission, of, facts["day"])
        stated = {"source": source, "commission": commission, "of": of, "percent": trim(facts["percent"])}
        code = self._code_of_fee("explain.part_fee", commission)
        below = [self._say(code, **facts | stated), *cells, self._cell(row[len(names) :], "amount")]
        facts["service"] = self._name_service(facts["service"])
        code = "explain.part" if facts["amount"] > 0 else "explain.part_back"
        return [self._say(code, **facts), *("  " + line for line in below)]

    def _price_of(self, line: Where, commission: Decimal | None, of: Decimal | None, day: date) -> list[str]:
        """Return where a payment's fee is stated (4.3.9, 4.8, 5.1); of a schedule and of the Customer's own price its
        cell, too."""
        if commission is not None:
            return [self._say("explain.price_scheduled"), *self._find_commission(line, commission, of, day)]
        customer = line.customer
        version = self._office.journal.customers.stated_price(customer, day)
        if version is None:
            return [self._say("explain.price_list")]
        files = [f for f in self._office.journal.facts.files("customers") if f.submission == version.submission]
        rows = read_facts(self._office.home.ledger, "customers", files).to_pylist()
        place = next(((version.submission, row["sheet"], row["row"]) for row in rows if row["bin"] == customer), None)
        said = self._say("explain.price_own", submission=version.submission)
        return [said, *([self._cell(place, "price")] if place else [])]

    def _explain_debt(self, part: str, where: Where) -> list[str]:
        """Explain a debt: it is the closings that owe; a part of it is found by letting payments settle the oldest
        debt first."""
        lines = []
        if part.startswith("age"):
            lines = [*(self._explain_age(part, where) if where.is_line else ()), self._say("explain.debt_age")]
        field = "closing" if not part or part.startswith("age") else part
        if where.is_line:
            return lines + self._explain_owed(field, where)
        closings = self._find_summed_lines("closing", where, "l.closing > 0")
        owed = {(account, service): closing for account, service, closing, _ in closings}
        rows = [
            (account, service, min(value, owed[account, service]))
            for account, service, value, _ in self._find_summed_lines(field, where, "l.closing > 0")
        ]
        total = sum((row[2] for row in rows), Decimal("0.00"))
        lines.append(self._say("explain.debt", total=total, count=len(rows), month=self._month))
        if where.account:
            for account, service, _ in rows:
                line = Where(where.customer, account, service)
                aged = self._explain_age(part, line) if part.startswith("age") else []
                lines += ["  " + text for text in (*aged, *self._explain_owed(field, line))]
            return lines
        return lines + self._list(rows, self._account_value, 2)

    @cached_property
    def _papers(self) -> MonthFacts:
        from inbox_worker.documents.month_data import MonthFacts  # of ages alone: it loads what makes documents

        return MonthFacts(self._office, self._month)

    def _explain_age(self, part: str, line: Where) -> list[str]:
        """Return how much of a line's debt is so old, with the months that it is made of."""
        months = self._papers.find_debt_months(line.customer, line.account, line.service)
        closing = self._value("closing", line)
        first, last = _AGES.get(part, (0, -1))  # none of what was owed before the ledger began
        own = [(age, grown, owed) for age, grown, owed in months if first <= age <= last and owed]
        before = closing - sum((owed for _, _, owed in months), Decimal("0.00"))
        value = before if part == "age_before" else sum((owed for _, _, owed in own), Decimal("0.00"))
        title = self._say.of(self._office.rules.texts.written.words(f"sheet.{part}"))
        head = self._say("explain.debt_part", value=value, closing=closing, line=self._line(line), age=title)
        return [head, *(
            "  " + self._say("explain.debt_of_month", month=self._month.plus(-age), grown=grown, owed=owed)
            for age, grown, owed in own
        )]  # fmt: skip

    def _explain_owed(self, field: str, line: Where) -> list[str]:
        """Explain the closing of a line that owes, or the penalty in it: no more of it than is owed."""
        whole, closing = self._value(field, line), self._value("closing", line)
        most = [self._say("explain.debt_penalty", value=closing, whole=whole)] if whole > closing else []
        return most + super().explain(field, line)

    def _explain_bill(self, where: Where) -> list[str]:
        """Return every line of an account's bill, in the bill's order, with the sources of what it asks for (4.1.1)."""
        order = self._office.rules.service_order
        rows = self._rows(read_query(__file__, "debts_of_account"), where)
        rows.sort(key=lambda row: (order[row[1]], row[0]))
        owed = sum((row[2] for row in rows if row[2] > 0), Decimal("0.00"))
        every = sum((row[2] for row in rows), Decimal("0.00"))
        facts = {"account": where.account, "count": len(rows), "owed": owed, "every": every, "month": self._month}
        lines = [self._say("explain.bill", **facts)]
        for customer, service, _ in rows:
            lines += ["  " + line for line in super().explain("closing", Where(customer, where.account, service))]
        return lines

    def _say_sum(self, name: str, rows: list[tuple[Any, ...]]) -> str:
        if name == "count":
            return self._say("explain.count", count=len(rows))
        if name == "percent":
            return self._say("explain.rates") + ", ".join(
                f"{show(trim(value))}" for value in sorted({row[2] for row in rows})
            )
        total = sum((row[_VALUES[name]] for row in rows), Decimal("0.00"))
        return self._say("explain.in_tenge", name=self._name_figure(_CALLED[name]), value=total)

    def _explain_directory(self, what: str, where: Where) -> list[str]:
        if what == "reading":
            return ["  " + line for line in self._explain_quantity(where)]
        place = self._rows(self._of_line(*_STATED), where)
        found = self._corrected_at(what, where)
        return ["  " + self._cell(found or place[0], what, "becomes")] if found or place else []
