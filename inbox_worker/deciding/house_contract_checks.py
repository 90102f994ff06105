"""Checks of the register of houses' contracts: houses that their Customer does not have, and contracts that overlap
(4.3.11). They warn: the register may be loaded before the directory, and which of two contracts is right staff know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.ledger.facts import read_facts

_KIND = "house_contracts"


@dataclass(frozen=True)
class _Contract:
    customer: str
    house: str
    since: date
    until: date

    def overlaps(self, other: _Contract) -> bool:
        return self.house == other.house and self.since <= other.until and other.since <= self.until


@check
def house_has_lines(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a house in which its Customer has no line, at the start of the contract or when the register came."""
    return [
        table.make_finding("house_contract.no_lines", index, "house", customer=contract.customer)
        for index, contract in _read_rows(table)
        if contract.customer in case.customers and not _find_services(case, contract)
    ]


@check
def house_contracts_apart(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of two contracts for one house at one time: of one Customer, or of two with lines of the same service."""
    rows = dict(_read_rows(table))
    stated = {(one.customer, one.house, one.since) for one in rows.values()}
    ledger, files = case.office.home.ledger, case.office.journal.facts.files(_KIND)
    known = [
        _Contract(row["customer"], row["house"], row["since"], row["until"] or date.max)
        for row in (read_facts(ledger, _KIND, files).to_pylist() if files else ())
    ]
    known = [one for one in known if (one.customer, one.house, one.since) not in stated]  # told anew here
    found = []
    for index, one in rows.items():
        earlier = [rows[before] for before in rows if before < index]
        for other in (other for other in (*known, *earlier) if one.overlaps(other) and other != one):
            shared = _find_services(case, one) & _find_services(case, other)
            if other.customer == one.customer or shared:
                found.append(_tell_overlap(table, case, index, other, shared))
    return found


def _tell_overlap(table: CheckedTable, case: Case, index: int, other: _Contract, shared: set[str]) -> Finding:
    services = [case.rules.service(code) for code in sorted(shared)]
    facts = {"customer": other.customer, "first": show(other.since)}
    facts["last"] = "—" if other.until == date.max else show(other.until)
    facts["service"] = ", ".join(service.ru for service in services) or "—"
    facts["service_kk"] = ", ".join(service.kk for service in services) or "—"
    return table.make_finding("house_contract.overlaps", index, "since", **facts)


def _read_rows(table: CheckedTable) -> Iterator[tuple[int, _Contract]]:
    """Yield the rows that could be read; reading has told of the others."""
    for index, (bin_, house, since, until) in enumerate(rows_of(table.form.rows, "bin", "house", "since", "until")):
        if bin_ and house and since and (until is None or until >= since):
            yield index, _Contract(bin_, house, since, until or date.max)


def _find_services(case: Case, contract: _Contract) -> set[str]:
    """Return the services of a Customer's lines in a house, in the contract's first month and in the register's."""
    months = {Period.of(min(max(contract.since, case.received_on), contract.until)), Period.of(case.received_on)}
    found: set[str] = set()
    for month in months:
        for row in case.office.directory.lines(contract.customer, month).select(["house", "service"]).to_pylist():
            if row["house"] == contract.house:
                found.add(row["service"])
    return found
