"""Answers of banks to payment orders, of the facts order_answers (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inbox_worker.core.model import FactFile, Period
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.transfers import OrderState, PaymentOrder
from inbox_worker.month.office import Office

ORDER_ANSWERS = "order_answers"
_COLUMNS = ("scope", "number", "many", "answer", "reason")


@dataclass(frozen=True)
class Answered:
    """The end of an order by a line of a statement, or by a bank's answer. `reason`: in the bank's words."""

    order: PaymentOrder
    state: OrderState
    line: str  # submission and line
    reason: str = ""


@dataclass(frozen=True)
class Unheard:
    """Say where something may stand that no order has: in the `fresh` submission, and in facts of the month `since` and
    later; without either in all there are."""

    fresh: str = ""
    since: Period | None = None

    def select(self, files: Sequence[FactFile]) -> list[FactFile]:
        """Return those of the files that are to be read."""
        if self == EVERYTHING:
            return list(files)
        return [one for one in files if one.submission == self.fresh or (self.since and one.month >= self.since)]


EVERYTHING = Unheard()


def find_meant(
    office: Office, orders: Sequence[PaymentOrder], scope: str, number: int, count: int | None
) -> list[PaymentOrder]:
    """Return the orders that an answer is about: one, a whole file by its first, or those of a message of МТ102, which
    are the first so many of one file to one bank."""
    first = next((order for order in orders if order.number == number), None)
    one, message, _ = office.rules.forms[ORDER_ANSWERS].column("scope").choices
    if first is None or scope == one:
        return [first] if first else []
    own = [order for order in orders if order.batch == first.batch]
    if scope == message:
        return [order for order in own if order.bic == first.bic and order.number >= number][: count or 1]
    return own if first.batch == number else []


def state_of(office: Office, answer: str) -> OrderState:
    """Return what becomes of an order by an answer; ORDERED where nothing does yet."""
    done, taken, _ = office.rules.forms[ORDER_ANSWERS].column("answer").choices
    return {done: OrderState.TRANSFERRED, taken: OrderState.ORDERED}.get(answer, OrderState.REJECTED)


def find_answered(office: Office, unheard: Unheard = EVERYTHING) -> Iterator[Answered]:
    """Yield what banks answered of orders that nothing is known of yet, each once; the first answer counts."""
    waiting = office.journal.transfers.orders([OrderState.ORDERED])
    files = unheard.select(office.journal.facts.files(ORDER_ANSWERS)) if waiting else []
    if not files:
        return
    columns, settled = [*_COLUMNS, "submission", "row"], set[int]()
    orders = office.journal.transfers.orders_of_batches({order.batch for order in waiting})
    for row in read_facts(office.home.ledger, ORDER_ANSWERS, files, columns).to_pylist():
        state = state_of(office, row["answer"])
        if state is not OrderState.ORDERED:
            for order in find_meant(office, orders, row["scope"], row["number"], row["many"]):
                if order.state is OrderState.ORDERED and order.number not in settled:
                    settled.add(order.number)
                    yield Answered(order, state, f"{row['submission']}/{row['row']}", row["reason"] or "")
