"""The account that a Customer's money is passed on to, and why it may have to wait (4.1.7, 4.3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from inbox_worker.core.model import Customer
from inbox_worker.month.office import Office

_REQUISITES = "requisites"  # the kind of their tasks


@dataclass(frozen=True)
class Payee:
    """A Customer as the register of a day has it. `waits`: the code of why nothing goes to its account now, '' = it
    goes; `task`: what a person has to do first."""

    bin: str
    customer: Customer | None
    waits: str = ""
    task: str = ""

    @property
    def name(self) -> str:
        """Return what it is called; its БИН where the register does not have it."""
        return self.customer.name if self.customer else self.bin


def find_payees(office: Office, bins: Iterable[str], on: date) -> Mapping[str, Payee]:
    """Return whom to pay on a day, by БИН.

    New requisites stop the old account from the moment they are told until staff have confirmed them, loaded the
    register and ended the task: money goes to an account that somebody vouched for, or it waits in sight.
    """
    known = office.journal.customers.on(on)
    open_tasks = {task.customer: task.id for task in office.journal.tasks.open() if task.kind == _REQUISITES}
    found = {}
    for bin_ in bins:
        customer, task = known.get(bin_), open_tasks.get(bin_, "")
        waits = "payee.unknown" if customer is None else "payee.unconfirmed" if task else ""
        found[bin_] = Payee(bin_, customer, waits, task)
    return found
