"""The journal's names of fact files: a file that no transaction names does not exist. Of one that was written anew
without personal data the hash is that of now (`rewritten.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from inbox_worker.core.model import FactFile
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.rewritten import find_current_hashes

_EVERY_FORM_ASKS = frozenset({"customers", "directory_corrections"})  # for those of all Customers


@cache
def _select_standing(asked: frozenset[str]) -> Select[Any]:
    """Put together the question for fact files of submissions that none replaces, in order of posting, with parameters
    for what is asked: their `kind`, their `customer`, `upto` which posting."""
    query = (
        select(t.fact_files)
        .join(t.submissions, t.submissions.c.id == t.fact_files.c.submission)
        .where(t.submissions.c.replaced_by == "")
        .order_by(t.submissions.c.sequence, t.fact_files.c.path)
    )
    for name in asked - {"upto"}:
        query = query.where(t.fact_files.c[name] == bindparam(name))
    return query.where(t.submissions.c.sequence <= bindparam("upto")) if "upto" in asked else query


class FactFiles:
    """Keep which fact files there are, in order of posting."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def files(self, kind: str = "", upto: int | None = None, customer: str = "") -> list[FactFile]:
        """Return the fact files in force, in order of posting: those of a submission replaced whole are left out.

        `upto`: only postings up to this sequence, as a close saw them.
        """
        if kind and customer and upto is None:
            return list(
                self._database.answer(f"files of {customer}", lambda: self._files_by_kind(customer)).get(kind, ())
            )
        if kind in _EVERY_FORM_ASKS and not customer and upto is None:
            return list(self._database.answer(f"files of kind {kind}", lambda: self._fact_files(kind, None, "")))
        return self._fact_files(kind, upto, customer)

    def last(self) -> FactFile | None:
        """Return a fact file of the last posting that has one; None when nothing was ever posted."""
        query = select(t.fact_files).join(t.submissions, t.submissions.c.id == t.fact_files.c.submission)
        return next(iter(self._find(query.order_by(t.submissions.c.sequence.desc()).limit(1))), None)

    def find_paths(self) -> set[str]:
        """Return the paths of all fact files that the journal names, those of replaced submissions too."""
        return {row.path for row in self._database.rows(select(t.fact_files.c.path))}

    def since(self, sequence: int, upto: int | None = None) -> list[FactFile]:
        """Return the fact files of the postings after this one (`upto` that one), in their order, those of replaced
        submissions too."""
        s = t.submissions.c
        query = select(t.fact_files).join(t.submissions, s.id == t.fact_files.c.submission)
        query = query.where(s.sequence > sequence).order_by(s.sequence, t.fact_files.c.path)
        return self._find(query if upto is None else query.where(s.sequence <= upto))

    def _files_by_kind(self, customer: str) -> dict[str, list[FactFile]]:
        found: dict[str, list[FactFile]] = {}
        for file in self._fact_files("", None, customer):
            found.setdefault(file.kind, []).append(file)
        return found

    def _fact_files(self, kind: str, upto: int | None, customer: str) -> list[FactFile]:
        of = {"kind": kind, "customer": customer, "upto": upto}
        asked = {name: value for name, value in of.items() if value not in ("", None)}
        return self._find(_select_standing(frozenset(asked)), asked)

    def _find(self, query: Select[Any], values: Mapping[str, object] | None = None) -> list[FactFile]:
        found, now = self._database.find_all(FactFile, query, values), find_current_hashes(self._database)
        return [replace(file, sha256=now[file.sha256]) if file.sha256 in now else file for file in found]


def add_to_kept(kept: dict[str, Any], files: Sequence[FactFile]) -> None:
    """Add the files of a posting, the last there is, to the kept answers that they belong to."""
    for file in sorted(files, key=lambda file: file.path):
        if (known := kept.get(f"files of {file.customer}")) is not None:
            known.setdefault(file.kind, []).append(file)
        if (of_kind := kept.get(f"files of kind {file.kind}")) is not None:
            of_kind.append(file)
