"""Documents and ledger workbooks are made a few Customers at a time: how many changes no byte of them."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path

import pytest

from inbox_worker.core.files import sha256_file
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.documents import month_data as paper_facts
from inbox_worker.documents import processes as workers
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.documents.month_data import MonthFacts, customers_of, split_customers
from inbox_worker.documents.processes import Workers
from inbox_worker.outbox.publish import CUSTOMERS_KINDS, render_customers, render_documents
from inbox_worker.workbooks.cells import CellReader
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

__all__ = ["office"]
MONTH = Period(2026, 9)
KINDS = tuple(kind for kind in CUSTOMERS_KINDS if kind != "act")


def lived(office: TownOffice) -> None:
    """Three Customers on two accounts in two houses; one payment of all lines of an account."""
    office.load_customers(*(customer(name) for name in "ABC"))
    office.load_directory(
        *(line(name, account, service, tariff="20", area="50", balance="300", house=f"H-{account}")
          for account in ("1001", "1002")
          for name, service in (("A", "maintenance"), ("B", "heating"), ("C", "intercom")))
    )  # fmt: skip
    office.load_payments(payment("1001", "1000"))
    office.close(str(MONTH))


office = copies_of(lived)


def made(office: TownOffice) -> dict[str, str]:
    kinds = (*KINDS, "bills")
    paths = render_documents(office.office, MONTH, kinds, "", moment("2026-10-05")) + render_books(office.office, MONTH)
    return {f"{path.parent.name}/{path.name}": sha256_file(path) for path in paths}


@pytest.mark.slow
def test_one_at_a_time_or_all_at_once_by_one_process_or_two_and_accounts_one_by_one(
    office: TownOffice,
    tmp_path: Path,
    reader: CellReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once = made(office)
    every = 3 * (2 * len(KINDS) + 1) + 3  # + a csv each, ledger workbooks; the bills
    assert len(at_once) == every, "every kind is made for every Customer, with a .csv beside it"
    monkeypatch.setattr(paper_facts, "_BATCH_LINES", 1)
    monkeypatch.setattr(workers, "_WORTH_A_PROCESS", 1)
    with TownOffice(tmp_path / "again", reader, threads=2, rows_at_once=1) as again:
        lived(again)
        assert made(again) == at_once


def test_what_is_put_up_is_not_kept_while_the_next_are_made(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A town's documents take the memory of a few Customers'."""
    monkeypatch.setattr(paper_facts, "_BATCH_LINES", 1)
    facts, seen = MonthFacts(office.office, MONTH), list[weakref.ref[Rendered]]()
    with Workers(1, 3) as one:
        for _, documents in render_customers(facts, customers_of(facts), ("turnover",), None, one):
            assert not [document for document in seen if document() is not None]
            seen += map(weakref.ref, documents)
            del documents
    assert len(seen) == 3 * 2


def test_others_lines_are_not_read(office: TownOffice) -> None:
    facts = MonthFacts(office.office, MONTH)
    data = facts.of([bin_of("B")])
    assert (
        set(data.lines.column("customer").to_pylist())
        == {bin_of("B")}
        == set(data.payments.column("customer").to_pylist())
    )
    assert facts.customers == {bin_of(name): 2 for name in "ABC"}


def test_a_batch_has_so_many_lines_or_one_customer(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    some = customers_of(MonthFacts(office.office, MONTH))
    first, second, third = (one.bin for one in some)
    monkeypatch.setattr(paper_facts, "_BATCH_LINES", 10)

    def shared(*lines: int) -> list[list[str]]:
        return [names(batch) for batch in split_customers(some, dict(zip((first, second, third), lines, strict=True)))]

    assert shared(3, 3, 4) == [[first, second, third]]
    assert shared(3, 8, 2) == [[first], [second, third]]
    assert shared(99, 1, 1) == [[first], [second, third]]
    monkeypatch.setattr(paper_facts, "_BATCH", 2)
    assert shared(1, 1, 1) == [[first, second], [third]]


def names(batch: Sequence[Customer]) -> list[str]:
    return [one.bin for one in batch]
