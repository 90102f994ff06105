"""A month for questions about some of its lines. Of a closed one only the facts are read and the steps are run that a
question names, and its lines are those that its close froze."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.facts import KNOWN, find_replacing
from inbox_worker.ledger.lines.steps import find_tables, find_tables_of, know
from inbox_worker.ledger.questions import scratch
from inbox_worker.month.compute import Facts, are_few
from inbox_worker.month.engine import ASKED, Engine
from inbox_worker.month.months import find_close, gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.steps import ANSWERING, ASKING, STEPS

_NAMES = {step.stem[3:]: step for step in STEPS}
_ASKING = "asked_months"
_OF_CUSTOMER = read_query(__file__, "accounts_of_customer")


class AskedMonth:
    """Answers questions about a month. `made`: whether the engine has computed it already. `kept`: whether facts are
    read once, for there are few."""

    def __init__(self, facts: Facts, engine: Engine, month: Period, *, made: bool, kept: bool) -> None:
        self._facts = facts
        self._kept = kept
        self._engine = engine
        self._month = month
        self._kinds = set(facts.by_kind) if made else set()
        self._done = set(STEPS) if made else {_NAMES["lines"]}
        self._known = dict.fromkeys(engine.lacking, False)
        if not made:
            engine.prepare(month, kinds=())
            engine.show_frozen(month)

    def rows(self, query: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Return what a question finds in the tables of the month."""
        self._make(find_tables(query))
        return self._engine.connection.execute(query, values).fetchall()

    def _make(self, asked: frozenset[str]) -> None:
        """Run the steps that have not been run of those that these tables are made of, on the facts that they name."""
        names, wanted = set(asked), set()
        for step in reversed(STEPS):  # a step reads those before it
            if step.stem[3:] in names and step not in self._done:
                wanted.add(step)
                names |= find_tables_of(step)
            if names.intersection(ASKED):
                names.add(_ASKING)
        for kind in self._facts.by_kind:
            if kind not in self._kinds and names & {kind, f"every_{kind}", f"known_{kind}"}:
                self._show(kind)
        self._engine.run([step for step in ASKING if step in wanted], self._known)
        if _NAMES[_ASKING] in wanted:
            self._engine.show_asked(self._month, self._known)
        self._engine.run([step for step in ANSWERING if step in wanted], self._known)
        self._done |= wanted

    def _show(self, kind: str) -> None:
        engine, facts = self._engine, self._facts
        facts.show(engine.connection, kind, engine.accounts, kept=self._kept)
        if kind in KNOWN:
            know(engine.connection, kind, bool(find_replacing(facts.home.ledger, {kind: facts.by_kind[kind]})))
        self._kinds.add(kind)


def ask_month(
    office: Office,
    month: Period,
    accounts: Sequence[str] = (),
    customer: str = "",
    *,
    every_payment: bool = False,
) -> AskedMonth:
    """Return the month as its close saw it, an open one by the facts that there are now, for questions. `accounts`:
    only these, `customer`: only the accounts with lines of this one in the close, for no step looks beyond an account;
    none = all. `every_payment`: those of all months can be asked for, not only what the month is computed of."""
    record = office.journal.closes.in_force(month)
    every = gather_facts(office, month, upto=record.sequence if record else None)
    facts = every if every_payment else every.limit_to(month)
    listed = pa.array(accounts) if accounts else _find_accounts(office, month, customer) if record else None
    engine = facts.asked_engine(listed, every_kind=record is None)
    if record is None:
        engine.run_steps(month)
    return AskedMonth(facts, engine, month, made=record is None, kept=are_few(listed))


def _find_accounts(office: Office, month: Period, customer: str) -> pa.Array | None:
    """Find the accounts with lines of a Customer in the month's close; None = all, where none is named."""
    if not customer:
        return None
    values = {"file": str(find_close(office, month).file("lines")), "customer": customer}
    return scratch().sql(_OF_CUSTOMER, params=values).to_arrow_table()["account"].combine_chunks()
