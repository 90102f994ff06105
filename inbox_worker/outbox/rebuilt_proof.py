"""Proof of a ledger that was made of workbooks, before it is put into its home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inbox_worker.core.files import copy_folder
from inbox_worker.core.model import Period
from inbox_worker.deciding.open_office import open_office
from inbox_worker.documents.ledger_books import find_changed_books
from inbox_worker.documents.whole_book import NAME
from inbox_worker.outbox.verify import verify_ledger
from inbox_worker.settings.home import Home

_ANOTHER = "take the right one from another copy, or move it away: `ledger books` writes it again afterwards"


@dataclass(frozen=True)
class RebuiltProof:
    """Hold what differs; closes that the rules of now compute otherwise; Customers' workbooks that are gone, which the
    workbook of the whole month makes up for."""

    problems: list[str]
    notes: list[str]
    lacking: list[str] = field(default_factory=list)


def prove_ledger(home: Home, built: Home, books: Path, months: Sequence[str]) -> RebuiltProof:
    """Prove the new ledger as `ledger verify` does, and the workbooks of Customers against it."""
    copy_folder(home.rules, built.rules)
    problems, notes, lacking = list[str](), list[str](), list[str]()
    for problem in verify_ledger(built):
        (notes if "(rules " in problem.what else problems).append(str(problem))
    if problems:
        return RebuiltProof(problems, notes)
    with open_office(built, proved=False) as office:
        for month in months:
            for book in find_changed_books(office, Period.parse(month), folder=books / month):
                if book.strange and not book.path.exists():
                    lacking.append(f"{book.path} {book}; `ledger books {month}` writes it again")
                elif book.path.name != NAME and (book.cells or book.unread or book.strange):
                    problems.append(f"{book.path}: {book}; {_ANOTHER}")
    return RebuiltProof(problems, notes, lacking)
