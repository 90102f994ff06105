"""Figures of statements of distribution and of payment orders taken apart, down to the rows of banks' registers
(4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.core.money import as_term, show_ru
from inbox_worker.explain.cell_figures import DocumentFigure
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.sources import Sources
from inbox_worker.explain.table_figures import TableFigures
from inbox_worker.ledger.transfers import Distribution, PartKind, PaymentOrder, Transfer
from inbox_worker.month.distributing import part_kind
from inbox_worker.month.office import Office

STATEMENT, ORDERS = "bank_distribution", "payment_orders"


def explain_bank_figure(
    office: Office, sources: Sources, entry: Mapping[str, Any], month: Period, figure: DocumentFigure
) -> list[str]:
    """Explain a figure of a statement, or a sum of a list of orders."""
    if entry["kind"] == STATEMENT:
        number = int(entry["made_of"]["statement"])
        [statement] = [one for one in office.journal.transfers.distributions() if one.number == number]
        return _StatementFigures(office, sources, month).explain_payments(statement, figure.field, figure.where)
    orders = office.journal.transfers.orders()
    if figure.where.row:
        wanted = [order for order in orders if order.number == figure.where.row]
    else:
        wanted = [order for order in orders if order.batch == int(entry["made_of"]["batch"])]
    return [line for order in wanted for line in _explain_order(office, sources, order)]


class _StatementFigures(TableFigures):
    """Explains the payments of one statement."""

    def explain_payments(
        self, one: Distribution, field: str, where: Where, services: tuple[str, ...] = ()
    ) -> list[str]:
        """Return a figure of a statement with its payments; `services`: only of these."""
        facts = {"of_bank": one.bank, "of_day": one.day.isoformat(), "after": one.after, "upto": one.upto}
        return self.explain_some(field.partition(".")[2], where, {**facts, "services": list(services)})


def _explain_order(office: Office, sources: Sources, order: PaymentOrder) -> list[str]:
    """Explain an order: the parts of statements in it, and the payments of each."""
    statements = {one.number: one for one in office.journal.transfers.distributions()}
    parts = [part for part in office.journal.transfers.parts() if part.payment_order == order.number]
    state = office.say(f"order_state.{order.state.value}")
    facts = {"number": order.number, "state": state, "name": order.name, "iban": order.iban}
    lines = [office.say("explain.order", **facts, amount=show_ru(order.amount), proof=order.proof or "—")]
    for part in parts:
        one = statements[part.distribution]
        said = {"bank": one.bank, "day": one.day, "place": one.place}
        sums = {name: show_ru(getattr(part, name)) for name in ("received", "fee", "amount")}
        sums["fee"] = as_term(sums["fee"])
        lines.append("  " + office.say("explain.order_part", **said, **sums))
        lines += ["    " + line for line in _explain_part(office, sources, part, one)]
    return lines


def _explain_part(office: Office, sources: Sources, part: Transfer, one: Distribution) -> list[str]:
    fee = part.what is PartKind.FEE
    services = tuple(s.code for s in office.rules.services if fee or part_kind(office, s.code) is part.what)
    field = "payments.fee" if fee else "payments.transfer"
    where = Where(customer="" if fee else part.customer)
    return _StatementFigures(office, sources, one.month).explain_payments(one, field, where, services)
