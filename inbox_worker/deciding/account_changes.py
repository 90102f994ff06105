"""Accounts that a loaded register tells otherwise than they are known: they wait for a person's confirmation like those
of a letter, for the register may have been typed from one (4.3.3, 7.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer
from inbox_worker.deciding.form_text import write_form
from inbox_worker.deciding.table import show
from inbox_worker.month.office import Office
from inbox_worker.receiving.store import Incoming, keep
from inbox_worker.settings.rules import Rules

REMEMBERED = 90  # days for which an address or a telephone that was changed is written or called to as well
_REQUISITES, _NOTICE = "requisites", "notice"  # the forms by which accounts change


def find_kept_accounts(known: Customer, stated: Customer) -> dict[str, Any]:
    """Return the accounts and banks that stay as they are known until the stated ones are confirmed, by field.

    An own account that is taken away needs nobody: money goes to the contract's account again, which is known.
    """
    kept = dict[str, Any]()
    if (stated.iban, stated.bic) != (known.iban, known.bic):
        kept |= {"iban": known.iban, "bic": known.bic}
    own = stated.own_account, stated.own_bic or known.own_bic
    if stated.own_account and own != (known.own_account, known.own_bic):
        kept |= {"own_account": known.own_account, "own_bic": known.own_bic}
    return {name: value for name, value in kept.items() if value != getattr(stated, name)}


def write_account_changes(
    rules: Rules, known: Customer, stated: Customer, begins: date, source: str, at: datetime
) -> Iterator[Incoming]:
    """Write the accounts that a register (`source`: its number) states as forms of their Customer: they are held, the
    Customer is told at the known addresses, and money waits, as with every such form."""
    kept, day = find_kept_accounts(known, stated), show(begins)
    indicators = {part.name: part.when["indicator"][0] for part in rules.forms[_REQUISITES].parts}
    details = [
        {"indicator": indicators[name], "was": kept[name], "becomes": str(getattr(stated, name)), "changed_on": day}
        for name in ("iban", "bic") if name in kept
    ]  # fmt: skip
    if details:
        yield _come(rules, _REQUISITES, details, stated, source, at)
    if "own_account" in kept or "own_bic" in kept:
        kind = next(kind for kind, rule in rules.customer_notices.items() if rule.acts == "account")
        account = f"{stated.own_account} {stated.own_bic}".strip()
        notice = {"kind": kind, "event_on": day, "parameter": account, "basis": source}
        yield _come(rules, _NOTICE, [notice], stated, source, at)


def _come(
    rules: Rules, form: str, rows: Sequence[Mapping[str, str]], customer: Customer, source: str, at: datetime
) -> Incoming:
    name = f"{source}-{customer.bin}-{form}.csv"
    return Incoming(write_form(rules, form, rows, customer.bin), name, rules.forms[form].mailbox, at)


def keep_to_confirm(office: Office, forms: Iterable[Incoming]) -> None:
    """Keep forms that were made of a register, to be decided next; not those that wait for their confirmation
    already."""
    journal = office.journal
    waiting = [journal.submissions.get(task.submission) for task in journal.tasks.open()]
    known = {form.sha256 for form in waiting if form}
    for form in forms:
        digest = sha256(form.raw)
        if digest not in known and journal.arrivals.undecided_with(form.mailbox, digest) is None:
            keep(journal, office.home.archive, form)
