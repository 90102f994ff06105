"""Accounts of consumers who left: since when, whose term is over, where their personal data are, and what is open
about them (4.1.12, 8.10).

An account is a former one when none of its lines stands any more. Its term begins with the end of the last closed
month in which a line of it stood or money moved on it; what only owes since then is a claim. Nothing is changed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.contract.keeping import KeepingReasons
from inbox_worker.contract.personal_places import PersonalPlaces, find_personal_places
from inbox_worker.core.hashes import require
from inbox_worker.core.model import FactFile, Outcome, Period
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.month.months import find_close, list_closed_months
from inbox_worker.month.office import Office
from inbox_worker.month.rewriting import require_taken_out
from inbox_worker.month.suspense import find_waiting

_ACTIVE = ("charged", "undelivered", "recalculated", "penalty", "paid", "moved", "tariff", "quantity")
_OPENING, _CLOSING = ("opening", "opening_penalty"), ("closing", "closing_penalty")
_NONE = Decimal(0)


@dataclass(frozen=True)
class FormerConsumer:
    """An account without lines. `since`: the last day of its last month, `until`: the first day after its term, `kept`:
    codes of what is open about it; `places`: where its personal data are, once its term is over."""

    account: str
    customers: tuple[str, ...]
    since: date
    until: date
    clause: str
    kept: tuple[str, ...]
    places: PersonalPlaces

    def is_over(self, on: date) -> bool:
        """Tell whether its term is over on a day and nothing is open about it."""
        return self.until <= on and not self.kept


def find_former_consumers(office: Office, on: date) -> list[FormerConsumer]:
    """Return every account that had lines in a close and has none any more, in order of its term and number. None
    before the first close. Raises DamagedFile, and RewritingError where names that were taken out are there again."""
    require_taken_out(office.journal, office.home.path)
    known, months = KeepingReasons(office, on), list_closed_months(office)
    last = _find_last_months(office, months)
    if not last:
        return []
    owners = _find_owners(office, months, last)
    # again, or still: a line without a tariff moves no money
    standing = {one["account"] for one in office.directory.of_others("", sorted(last), months[-1].plus(1))}
    terms = {account: known.term("consumers", month.last_day, ()) for account, month in last.items()
             if account not in standing}  # fmt: skip
    holds = _find_holds(known, months[-1], {account: owners[account] for account in terms})
    over = {account: owners[account] for account, (until, _, _) in terms.items() if until <= on}
    places = find_personal_places(office, over) if over else {}
    nowhere = PersonalPlaces()
    found = [
        FormerConsumer(account, owners[account], last[account].last_day, until, clause, holds[account],
                       places.get(account, nowhere))
        for account, (until, clause, _) in terms.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.until, one.account))


def _find_last_months(office: Office, months: list[Period]) -> dict[str, Period]:
    """Return the last month of each account that was in none of the last close but with what it owes."""
    found: dict[str, Period] = {}
    for month in reversed(months):
        lines = _read_lines(office, month, *_ACTIVE, *_OPENING)
        carried = pc.and_(pc.invert(_any_of(lines, _ACTIVE)), _any_of(lines, _OPENING))
        for account in pc.unique(lines.filter(pc.invert(carried))["account"]).to_pylist():
            found.setdefault(account, month)
    return {account: month for account, month in found.items() if month != months[-1]}


def _find_owners(office: Office, months: list[Period], accounts: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the Customers who ever had a line on each account."""
    asked, found = pa.array(sorted(accounts), pa.string()), defaultdict[str, set[str]](set)
    for month in months if accounts else ():
        lines = _read_lines(office, month, "customer")
        pairs = lines.filter(pc.is_in(lines["account"], asked)).group_by(["account", "customer"]).aggregate([])
        for row in pairs.to_pylist():
            found[row["account"]].add(row["customer"])
    return {account: tuple(sorted(customers)) for account, customers in found.items()}


def _find_holds(
    known: KeepingReasons, last: Period, owners: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the codes of what is open about each account."""
    office, found = known.office, defaultdict[str, list[str]](list)
    asked = pa.array(sorted(owners), pa.string())
    files = [file for file in office.journal.facts.since(0) if "account" in SCHEMAS[file.kind].names]
    lines = _read_lines(office, last, *_CLOSING)
    owing = set(lines.filter(_any_of(lines, _CLOSING))["account"].to_pylist())
    about = {
        "claim": owing,
        "suspense": {one.account for one in find_waiting(office)},
        "unclosed": _named_in(office, asked, [file for file in files if file.month > last]),
        **{why: _named_in(office, asked, [file for file in files if _words(file) & set(open_)])
           for why, open_ in (("task", known.tasks), ("duty", known.owed_sources), ("incident", known.incidents))},
    }  # fmt: skip
    of_customers = dict(_hold_customers(known, {word for file in files for word in _words(file)}))
    for account, customers in owners.items():
        found[account] += [why for why, accounts in about.items() if account in accounts]
        found[account] += [why for why, those in of_customers.items() if those & set(customers)]
    return {account: tuple(dict.fromkeys(found[account])) for account in owners}


def _hold_customers(known: KeepingReasons, read: Collection[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield what is open about Customers and may be about any account of theirs: tasks about a letter or a form of
    which the ledger has no rows, and held forms."""
    open_ = known.office.journal.tasks.open()
    tasks = [one for one in open_ if one.submission not in read and f"IW-{one.arrival:06d}" not in read]
    yield "task", {customer for one in tasks for customer in one.customer.split(" ")}
    forms = (form for some in known.submissions.values() for form in some)
    yield "held", {form.customer for form in forms if form.outcome is Outcome.HELD}


def _words(file: FactFile) -> set[str]:
    """Return the numbers of a fact file's form and letter."""
    return {file.submission, file.submission.rpartition("-")[0]}


def _named_in(office: Office, asked: pa.Array, files: list[FactFile]) -> set[str]:
    """Return which of the accounts asked rows of these files name."""
    found: set[str] = set()
    for file in files:
        accounts = pq.read_table(require(office.home.ledger / file.path, file.sha256), columns=["account"])["account"]
        found |= set(accounts.filter(pc.is_in(accounts, asked)).to_pylist())
    return found


def _read_lines(office: Office, month: Period, *columns: str) -> pa.Table:
    path = find_close(office, month).files_needed("lines")["lines"]
    return pq.read_table(path, columns=["account", *columns])


def _any_of(lines: pa.Table, columns: tuple[str, ...]) -> pa.ChunkedArray:
    """Return for each row whether any of its sums is not nothing."""
    found = pc.not_equal(lines[columns[0]], _NONE)
    for name in columns[1:]:
        found = pc.or_(found, pc.not_equal(lines[name], _NONE))
    return found
