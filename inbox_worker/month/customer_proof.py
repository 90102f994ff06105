"""The register of Customers proven against the facts of the forms that told it: bank details above all (4.3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inbox_worker.ledger import tables as t
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.journal import Journal

# what forms other than the register tell of a field under another name
_COLUMNS = {"representative": {"head": "name"}, "notice": {"valid_until": "ends", "no_depersonalised": "banned"}}
_STATED = tuple(column.name for column in t.customers.columns if column.name not in ("bin", "submission"))
Fields = Mapping[str, Any]
ByForm = Mapping[tuple[str, str], Sequence[Fields]]
_VERSIONS = select(t.customer_versions).order_by(t.customer_versions.c.bin, t.customer_versions.c.number)


def find_changed_customers(journal: Journal, ledger: Path) -> Iterator[str]:
    """Find Customers whose row is not what the register loaded last says, and versions that say what neither their form
    nor any version before told."""
    every = [dict(row._mapping) for row in journal.database.rows(_VERSIONS)]
    rows = {row.bin: dict(row._mapping) for row in journal.database.rows(select(*t.customers.columns))}
    facts_of = {kind: _read(journal, ledger, kind) for kind in ("customers", "requisites", "representative", "notice")}
    yield from _compare_rows(rows, every, facts_of["customers"])
    for bin_, versions in groupby(every, key=lambda version: version["bin"]):
        earlier: list[Fields] = []
        for version in versions:
            of_form = {kind: facts.get((version["submission"], bin_), ()) for kind, facts in facts_of.items()}
            others = [one for kind in of_form if kind != "customers" for one in _tell_fields(kind, of_form[kind])]
            known = [*earlier, *of_form["customers"], *others]
            names = [
                name for name in _STATED
                if _as_text(version[name]) not in {_as_text(one.get(name)) for one in known if name in one}
            ]  # fmt: skip
            if known and names:
                yield f"version {version['number']} of customer {bin_} says another {', '.join(names)} than its form"
            earlier.append(version)


def _tell_fields(kind: str, facts: Sequence[Fields]) -> Iterator[Fields]:
    """Yield the fields that each row of a form tells; one that it says nothing of is not in it."""
    columns = _COLUMNS.get(kind, {})
    for fact in facts:
        stated = {name: fact.get(columns.get(name, name)) for name in _STATED}
        known = {name: value for name, value in stated.items() if value is not None}
        yield {**known, "no_depersonalised": True} if "no_depersonalised" in known else known


def _compare_rows(rows: Mapping[str, Fields], every: Sequence[Fields], loaded: ByForm) -> Iterator[str]:
    kept = {(version["submission"], version["bin"]) for version in every}
    yield from (
        f"customer {bin_}, told by {form}, has no version of it" for form, bin_ in loaded if (form, bin_) not in kept
    )
    versions = {bin_: list(of) for bin_, of in groupby(every, key=lambda version: version["bin"])}
    for bin_ in sorted(rows.keys() | versions.keys()):
        if bin_ not in versions:
            yield f"customer {bin_} has no version that tells it"
            continue
        row = rows.get(bin_)
        if row is None or not _is_stated(row, loaded.get((row["submission"], bin_), ()), versions[bin_]):
            yield f"customer {bin_} is not what the register says that was loaded last"


def _is_stated(row: Fields, facts: Sequence[Fields], versions: Sequence[Fields]) -> bool:
    """Tell whether a row is what its form stated, field by field; of one without facts what its first version did. A
    field that the form was silent of is what some version had: its sheet had no such column."""
    if not facts:
        return all(versions[0][name] in (None, row[name]) for name in _STATED)
    silent = {name: {"", *(_as_text(version[name]) for version in versions)} for name in _STATED}
    return any(
        all(_as_text(row[name]) in ({said} if (said := _as_text(fact.get(name))) else silent[name]) for name in _STATED)
        for fact in facts
    )


def _as_text(value: Any) -> str:
    """Return a field as both sides write it: what is not stated is empty, and no flag is one that is not set."""
    value = value.normalize() if isinstance(value, Decimal) else value
    return ";".join(value) if isinstance(value, tuple) else str(value or "")


def _read(journal: Journal, ledger: Path, kind: str) -> ByForm:
    """Return the facts of a form by submission and Customer, those that later ones took the place of, too: a file at a
    time, for a version of then was told by them."""
    found: dict[tuple[str, str], list[Fields]] = {}
    for fact in (row for file in journal.facts.files(kind) for row in read_facts(ledger, kind, [file]).to_pylist()):
        found.setdefault((fact["submission"], fact["customer"]), []).append(fact)
    return found
