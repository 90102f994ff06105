"""List what is suspicious about an account that money is to go to (4.3.3, 7.1), for the person who confirms it, and
what of it the sender can mend. Whose else an account is stays with us (4.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.case import Case
from inbox_worker.ledger.banks import find_banks
from inbox_worker.settings.bank_codes import find_bank_of
from inbox_worker.settings.rules import Rules

REMEMBERED = 90  # days for which an address or a telephone that was changed is written or called to as well
_WAYS = ("phone", "contact", "emails")  # fields by which a Customer is asked
_COLUMNS = (("iban", "bic"), ("own_account", "own_bic"))  # of an account, and of its bank


def is_of_bank(rules: Rules, iban: str, bic: str) -> bool:
    """Return whether a БИК may be that of an account's bank: of an account whose code nobody knows every one may."""
    bank = find_bank_of(rules.bank_codes, iban)
    return bank is None or bank.has_bic(bic)


def find_doubts(case: Case) -> list[str]:
    """Return what is suspicious about the accounts that a form tells, a line each, in the language of the home; none of
    a form that tells no account."""
    if case.customer is None or not case.rule.in_register:
        return []
    rows, customer, say = case.form.rows.to_pylist(), case.customer, case.office.say
    stated = {row[name]: row.get(bank) for row in rows for name, bank in _COLUMNS if row.get(name)}
    alone = next((row["bic"] for row in reversed(rows) if row.get("bic")), "")
    found = [(iban, each) for iban in stated for each in _of_owner(case, iban)]
    accounts = stated or ({customer.iban: alone} if alone else {})  # of a new bank alone the account is known
    found += [(iban, each) for iban, bic in accounts.items() for each in _of_bank(case, iban, bic or alone)]
    found += [(iban, each) for iban in list(accounts)[:1] for each in _of_way_to_ask(case, rows)]
    return [say(code, iban=iban, **facts) for iban, (code, facts) in found]


def _of_owner(case: Case, iban: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield whose account it is already, where that is somebody else."""
    office = case.office
    if iban == office.home.config.operator.iban:
        yield "doubt.operators_account", {}
    for bank in find_banks(office.journal, office.home.ledger).values():
        if iban == bank.iban:
            yield "doubt.transit_account", {"bank": bank.name}
    others = [
        f"{version.customer.bin} {version.customer.name}"
        for bin_ in office.journal.customers.at(case.acted_at or case.arrival.received_at)
        if bin_ != case.bin
        for version in office.journal.customers.versions(bin_)
        if iban in (version.customer.iban, version.customer.own_account)
    ]
    for other in dict.fromkeys(others):
        yield "doubt.others_account", {"other": other}


def _of_bank(case: Case, iban: str, bic: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what is wrong with the bank of an account on the day the form came."""
    bank = find_bank_of(case.rules.bank_codes, iban)
    if bank is None:
        yield "doubt.bank_unknown", {"bank_code": iban[4:7]}
        return
    if bank.closed and bank.closed <= case.received_on:
        yield "doubt.bank_closed", {"bank": bank.name, "closed": bank.closed.strftime("%d.%m.%Y")}
    bic = bic or (case.customer.bic if case.customer else "")
    if bic and not bank.has_bic(bic):
        yield "doubt.bic_differs", {"bank": bank.name, "expected": bank.bic, "bic": bic}


def _of_way_to_ask(case: Case, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield that the telephone, person or address by which a person would ask changes with the account, or changed
    shortly before it: whoever changed those would answer (6.2.7)."""
    if case.customer is None:
        return
    with_it = [name for name in _WAYS if any(row.get(name) for row in rows)]
    if with_it:
        yield "doubt.way_with_account", {"was": _show_ways(case.customer, with_it)}
    known = case.office.journal.customers.versions(case.bin)
    today = to_almaty(case.acted_at or case.arrival.received_at).date()
    for before, after in pairwise(known):
        changed = [name for name in _WAYS if getattr(before.customer, name) not in ("", getattr(after.customer, name))]
        if changed and 0 <= (today - after.begins).days < REMEMBERED:
            facts = {"since": f"{after.begins:%d.%m.%Y}", "source": after.submission}
            yield "doubt.way_changed", {**facts, "was": _show_ways(before.customer, changed)}


def _show_ways(customer: Customer, names: Sequence[str]) -> str:
    stated = (getattr(customer, name) for name in names)
    return ", ".join("; ".join(one) if isinstance(one, tuple) else one for one in stated if one) or "—"
