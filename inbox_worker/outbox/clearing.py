"""Consumers who left, whose names a proposal takes out of the ledger, and the workbooks that are written anew for it
(4.1.12, 4.2.4, 8.10)."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from datetime import date

from inbox_worker.contract.consumer_holds import find_clearable
from inbox_worker.contract.former_consumers import find_former_consumers
from inbox_worker.contract.retention import KeptItem
from inbox_worker.core.model import Period
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.ledger.rewritten import ClearedAccount, RewrittenFile
from inbox_worker.month.months import list_closed_months
from inbox_worker.month.office import Office
from inbox_worker.month.rewriting import clear_staging, find_brought_back, install_cleared, stage_cleared, store_staged
from inbox_worker.month.shown_files import PAST_BOOKS


def find_cleared(
    office: Office, on: date, known: Sequence[KeptItem], going: Collection[str], customer: str = ""
) -> list[ClearedAccount]:
    """Return the accounts whose personal data may be taken out on a day, in order. `known`: letters and documents,
    `going`: those that go with them; `customer`: accounts of this one alone, '' = of all."""
    kept = [item for item in known if item.item not in going]
    former = find_clearable(office, find_former_consumers(office, on), on, kept)
    return sorted(
        (
            ClearedAccount(one.account, " ".join(one.customers), one.since.isoformat(), one.clause)
            for one in former
            if one.is_over(on) and one.places.files and (not customer or one.customers == (customer,))
        ),
        key=lambda one: one.account,
    )


def foresee_rewriting(office: Office, accounts: Sequence[ClearedAccount]) -> list[RewrittenFile]:
    """Return the files that are written anew without the personal data of these accounts, as they will be."""
    found = stage_cleared(office.journal, office.home, [one.account for one in accounts])
    clear_staging(office.home)
    return found


def stage_again(office: Office, accounts: Sequence[ClearedAccount], rewritten: Sequence[RewrittenFile]) -> bool:
    """Write the files anew beside their places and into the storage; tell whether they are those that were proposed."""
    if stage_cleared(office.journal, office.home, [one.account for one in accounts]) != [*rewritten]:
        return False
    store_staged(office.home, rewritten)
    return True


def install_all(office: Office, rewritten: Sequence[RewrittenFile]) -> None:
    """Put what was written anew into its place, and write the ledger workbooks of it anew. Those as of a moment go:
    the command that made them makes them again, without the names."""
    install_cleared(office.journal, office.home)
    clear_staging(office.home)
    for month in _find_months_of_books(office, rewritten):
        render_books(office, month)
    if (office.home.ledger / PAST_BOOKS).exists():
        shutil.rmtree(office.home.ledger / PAST_BOOKS)


def has_come_back(office: Office, number: int) -> bool:
    """Tell whether files hold again what a certificate took out."""
    problems, _ = find_brought_back(office.journal, office.home.path, (), deep=True)
    return any(problem.file == f"certificate {number}" for problem in problems)


def _find_months_of_books(office: Office, rewritten: Sequence[RewrittenFile]) -> list[Period]:
    """Return the closed months with ledger workbooks that carry rows of these files: the month's close, or facts that
    were posted between it and the close before."""
    paths = {file.path for file in rewritten}
    facts = [file for file in office.journal.facts.since(0) if f"ledger/{file.path}" in paths]
    forms = {one.submission for one in facts}
    sequences = {form.sequence or 0 for form in office.journal.submissions.all() if form.id in forms}
    months, last = [], 0
    for month in list_closed_months(office):
        record = office.journal.closes.in_force(month)
        upto = record.sequence if record else last
        carries = f"ledger/closes/{month}/places.parquet" in paths or any(last < one <= upto for one in sequences)
        last = upto
        if carries and (office.home.ledger / "books" / str(month)).is_dir():
            months.append(month)
    return months
