"""Proof of a ledger that was made of workbooks, before it is put into its home."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from inbox_worker.core.model import Period
from inbox_worker.deciding.open_office import open_office
from inbox_worker.documents.ledger_books import find_changed_books
from inbox_worker.documents.whole_book import NAME
from inbox_worker.outbox.verify import verify_ledger
from inbox_worker.settings.home import Home


def prove_ledger(home: Home, built: Home, books: Path, months: Sequence[str]) -> tuple[list[str], list[str]]:
    """Prove the new ledger as `ledger verify` does, and the workbooks of Customers against it; return what differs, and
    closes that the rules of now compute otherwise."""
    shutil.copytree(home.rules, built.rules)
    problems, notes = list[str](), list[str]()
    for problem in verify_ledger(built):
        (notes if "(rules " in problem.what else problems).append(str(problem))
    if problems:
        return problems, notes
    with open_office(built, proved=False) as office:
        for month in months:
            for book in find_changed_books(office, Period.parse(month), folder=books / month):
                if book.path.name != NAME and (book.cells or book.unread):
                    problems.append(f"{book.path}: {book}")
    return problems, notes
