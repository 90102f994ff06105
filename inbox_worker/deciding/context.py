"""What the checks of a form may know: the directory, the register, earlier facts, as of one moment."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.table import NO_LINES, Context
from inbox_worker.ledger.earlier_facts import facts_in_force
from inbox_worker.month.months import compute_openings, find_first_open_month
from inbox_worker.month.office import Office

# lines that have ended have past months; a meter that was replaced has a last reading
_ALSO = {"recalculations": "ended", "undelivered": "ended", "meter_readings": "meters", "meter_change": "changed"}
_TELLS_OF_ITSELF = frozenset({"meter_change"})  # a meter that was put in may be replaced in turn


def what_checks_know(
    office: Office, customer: Customer | None, form: str, month: Period, received_at: datetime, replaces: str
) -> Context:
    """The context of a form's checks. What is dear to look up is looked up when a check asks.

    `form`: its code. `month`: the month of account. `replaces`: a submission that this form replaces whole; its facts
    do not count.
    """
    directory, customers = office.directory, office.journal.customers.all()
    number, first_open = customer.bin if customer else "", find_first_open_month(office)
    lines = NO_LINES
    if customer:
        without = "" if form in _TELLS_OF_ITSELF else form
        also = _ALSO.get(form, "")
        lines = directory.lines(number, month, also=also, without=without, open_from=first_open, replaces=replaces)

    def with_kind(kind: str, accounts: list[str]) -> set[str]:
        return directory.accounts_of({c.bin for c in customers.values() if c.kind == kind}, accounts, month)

    def facts(kind: str) -> pd.DataFrame:
        return facts_in_force(office.home.ledger, office.journal, kind, number, first_open, replaces)

    return Context(
        rules=office.rules,
        month=month,
        customers=customers,
        lines=lines,
        elsewhere=directory.accounts_anywhere,
        with_kind=with_kind,
        facts=facts,
        customer=customer,
        received_on=to_almaty(received_at).date(),
        openings=lambda: compute_openings(office, number, month),
        of_others=lambda accounts: directory.of_others(number, accounts, month),
        register_sequence=lambda: office.journal.customers.register_sequence(number),
        codes=directory.codes,
        acts=lambda: office.journal.closes.document_numbers(number, "act"),
    )
