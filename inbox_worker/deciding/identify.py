"""Whose form it is, and which earlier one it replaces: the Customer in it, its sender, its mailbox, `Заменяет`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_worker.core.errors import JournalError
from inbox_worker.core.model import Arrival, Customer, Finding, FormTable, Outcome
from inbox_worker.ledger.mail_places import is_fetched
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import LOAD, customers_for
from inbox_worker.settings.form_rules import FormRule


@dataclass(frozen=True)
class Known:
    """The Customer a form is for, and what is wrong with sender, mailbox or Customer."""

    customer: Customer | None
    findings: tuple[Finding, ...]


def identify(
    office: Office,
    arrival: Arrival,
    sender: str,
    complete_at: datetime,
    form: FormTable,
    rule: FormRule,
    known: str = "",
    *,
    proven: bool = False,
) -> Known:
    """Whose form it is: the БИН in it, which must be one of the sender's Customers (6.2.7).

    `known`: БИН of the Customer of a form that was held: found at its receipt. Neither the sender's address nor the
    contract's end is asked again, for both may have changed while it waited. `proven`: our mail server vouches for the
    sender.
    """
    if rule.operator != (arrival.mailbox == LOAD):
        code = "form.operator_only" if rule.operator else "form.not_a_register"
        return Known(None, (Finding(code, value=rule.title.ru),))
    if rule.operator:
        return Known(None, ())
    findings: list[Finding] = []
    if rule.mailbox != arrival.mailbox:
        address = office.home.config.mailboxes[rule.mailbox].address
        findings.append(Finding("mailbox.wrong", value=rule.title.ru, facts={"address": address}))
    if rule.prove_sender and is_unproven(arrival, proven):
        findings.append(Finding("sender.unproven", value=sender))
    customers = office.journal.customers()
    if known:
        return Known(_in_register(known, customers), tuple(findings))
    found = _named(form, sender, customers_for(arrival, sender, customers), customers, complete_at)
    return Known(found.customer, (*findings, *found.findings))


def _named(
    form: FormTable, sender: str, own: Sequence[Customer], customers: Mapping[str, Customer], complete_at: datetime
) -> Known:
    """Return the Customer that the form names, or the sender's only one. `own`: the Customers of the sender."""
    cell = form.header.get("customer")
    if cell and not cell.text and cell.written:
        return Known(None, ())  # reading has told that the cell could not be read
    if cell is None or not cell.text:
        if len(own) == 1:
            return Known(own[0], (Finding("customer.by_sender", value=own[0].bin, facts={"name": own[0].name}),))
        return Known(None, (Finding("customer.absent"),))
    customer = customers.get(cell.text)
    if customer is None:
        told = ("bin.invalid", "value.scientific")
        if any(f.code in told and (f.sheet, f.cell) == (cell.sheet, cell.cell) for f in form.findings):
            return Known(None, ())
        return Known(None, (Finding("customer.unknown", cell.sheet, cell.cell, cell.written or cell.text),))
    if sender and customer not in own:
        facts = {"bin": cell.text}
        return Known(customer, (Finding("sender.other_customer", cell.sheet, cell.cell, sender, facts),))
    if customer.valid_until and customer.valid_until < complete_at.date():
        facts = {"until": customer.valid_until.strftime("%d.%m.%Y")}
        return Known(customer, (Finding("contract.ended", cell.sheet, cell.cell, cell.text, facts),))
    return Known(customer, ())


def _in_register(bin_: str, customers: Mapping[str, Customer]) -> Customer:
    """Raises JournalError for a Customer who stood there when the form came."""
    if bin_ not in customers:
        raise JournalError(f"customer {bin_} is not in the register any more; load it again (`load`)")
    return customers[bin_]


def is_unproven(arrival: Arrival, proven: bool) -> bool:
    """Return whether nobody vouches for the sender of a fetched letter: our mail server (`proven`), or staff who
    dropped it, handed it in or admitted it (6.2.7)."""
    return not proven and not arrival.stated_sender and is_fetched(arrival)


def replaced_whole(
    office: Office, form: FormTable, rule: FormRule, customer: Customer | None
) -> tuple[str, list[Finding]]:
    """`Заменяет`: the submission this form replaces whole, if it may (interface.md, Corrections)."""
    cell = form.header.get("replaces")
    if cell is None or not cell.text:
        return "", []
    old = office.journal.submission(cell.text.upper())
    mine = old and customer and old.customer == customer.bin and old.form == form.form
    if old is None or not mine or rule.operator or not (old.outcome.posted or old.outcome is Outcome.HELD):
        return "", [Finding("replaces.unknown", cell.sheet, cell.cell, cell.text)]
    if old.replaced_by:
        facts = {"by": old.replaced_by}
        return "", [Finding("replaces.again", cell.sheet, cell.cell, cell.text, facts)]
    if old.month and office.months.is_closed(old.month):
        facts = {"month": old.month.form_text}
        return "", [Finding("replaces.closed", cell.sheet, cell.cell, cell.text, facts)]
    return old.id, []
