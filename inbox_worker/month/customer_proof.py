"""The register of Customers proven against the facts of the forms that told it: bank details above all (4.3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from inbox_worker.ledger import tables as t
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.journal import Journal

_COMPARED = ("name", "contract", "bic", "iban", "kbe", "head")


def find_changed_customers(journal: Journal, ledger: Path) -> Iterator[str]:
    """Find Customers whose row is not their last version, and versions that are not what their form told."""
    own = list(t.customers.columns)
    rows = {row.bin: row for row in journal.database.rows(select(*own))}
    versions = select(t.customer_versions).order_by(t.customer_versions.c.bin, t.customer_versions.c.number)
    every = journal.database.rows(versions)
    for bin_, last in {row.bin: row for row in every}.items():
        row = rows.pop(bin_, None)
        if row is None or any(row._mapping[column.name] != last._mapping[column.name] for column in own):
            yield f"customer {bin_} is not what version {last.number} of it says"
    yield from (f"customer {bin_} has no version that tells it" for bin_ in rows)
    facts = read_facts(ledger, "customers", journal.facts.files("customers")).to_pylist()
    stated = {(fact["submission"], fact["bin"]): fact for fact in facts}
    kept = {(version.submission, version.bin) for version in every}
    yield from (
        f"customer {bin_}, told by {form}, has no version of it" for form, bin_ in stated if (form, bin_) not in kept
    )
    for version in every:
        fact = stated.get((version.submission, version.bin))
        if fact and (names := [name for name in _COMPARED if fact[name] not in (None, version._mapping[name])]):
            yield f"version {version.number} of customer {version.bin} says another {', '.join(names)} than its form"
