"""Identity of a form: its Customer, and the earlier one that it replaces; from the Customer in it, its sender, its
mailbox, `Заменяет`."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from inbox_worker.core.errors import JournalError
from inbox_worker.core.identifiers import parse_number
from inbox_worker.core.model import Customer, Finding, Outcome, Submission
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.held_for import DOCUMENTS
from inbox_worker.ledger.mail_places import is_fetched
from inbox_worker.month.months import is_closed
from inbox_worker.receiving.opening import LOAD
from inbox_worker.settings.config import MAILBOXES

_OF_BANKS = ("bank_register", "bank_statement", "order_answers")


def identify(case: Case) -> Case:
    """Return the case with its Customer, by the БИН in the form, which must be one of the sender's (6.2.7).

    The Customer of a form that was held was found at its receipt. The sender's address is not asked again, for it may
    have changed while it waited. Raises JournalError when he is in no register any more.
    """
    customer, findings = _customer(case)
    known = _with_held(replace(case, customer=customer))
    replaced, notes = _find_replaced(known)
    return replace(known, replaced=replaced, about_sender=(*findings, *notes))


def _with_held(case: Case) -> Case:
    """Return the case with the forms of its kind and Customer that came before it and are held, where a further one may
    take the place of one or be compared with it."""
    if case.customer is None or case.rule.corrections != "replace":
        return case
    held = case.office.journal.submissions.find_waiting(case.form.form, case.bin)
    return replace(case, held_before=tuple(one for one in held if one.arrival < case.arrival.number))


def _customer(case: Case) -> tuple[Customer | None, list[Finding]]:
    rule = case.rule
    if case.of_bank:
        return None, _about_bank(case)
    titled = {"value_kk": rule.title.kk}
    if rule.operator != (case.arrival.mailbox == LOAD):
        code = "form.operator_only" if rule.operator else "form.not_a_register"
        return None, [Finding(code, value=rule.title.ru, facts=titled)]
    if rule.operator:
        return None, []
    findings: list[Finding] = []
    if rule.mailbox != case.arrival.mailbox:
        address = case.office.home.config.mailboxes[rule.mailbox].address
        findings.append(Finding("mailbox.wrong", value=rule.title.ru, facts={"address": address, **titled}))
    if rule.prove_sender and _is_unproven(case):
        findings.append(Finding("sender.unproven", value=case.sender))
    if case.held and case.held.customer:
        if case.held.customer not in case.customers:
            words = "is not in the register any more; load it again (`load`)"
            raise JournalError(f"customer {case.held.customer} {words}")
        return case.customers[case.held.customer], findings
    customer, notes = _find_named_customer(case)
    return customer, [*findings, *notes]


def _about_bank(case: Case) -> list[Finding]:
    """Return why a bank's file is not taken: it is no bank's form, it came to BigOperators@, our mail server does not
    prove the letter, however it came here, or it tells of another bank than that which sent it (4.1.7)."""
    title = case.rule.title
    if case.rule.form not in _OF_BANKS:
        return [Finding("bank.other_form", value=title.ru, facts={"value_kk": title.kk})]
    if case.arrival.mailbox in MAILBOXES[1:]:
        address = case.office.home.config.address_of(MAILBOXES[0])
        return [Finding("bank.mailbox", value=title.ru, facts={"address": address, "value_kk": title.kk})]
    unproven = bool(case.bank) and not (case.proven or case.arrival.stated_sender)
    found = [Finding("bank.unproven", value=case.sender)] if unproven else []
    named = pc.unique(case.form.rows.column("bank")).to_pylist() if case.bank else []
    others = [bank for bank in named if bank not in (None, "", case.bank)]
    return found + [Finding("bank.another", value=bank, facts={"known": case.bank}) for bank in others]


def _is_unproven(case: Case) -> bool:
    """Return whether nobody vouches for the sender of a fetched letter: our mail server, or staff who dropped it,
    handed it in or admitted it (6.2.7)."""
    vouched = case.proven or case.arrival.stated_sender
    return not vouched and is_fetched(case.arrival)


def _find_named_customer(case: Case) -> tuple[Customer | None, list[Finding]]:
    """Return the Customer that the form names, or the sender's one that its letterhead names, or his only one."""
    cell, own = case.form.header.get("customer"), case.own_customers
    if cell and not cell.text and cell.written:
        return None, []  # reading has told that the cell could not be read
    if cell is None or not cell.text:
        said = case.form.header.get("customers_named")
        named = [one for one in own if said and one.bin in said.text.split()]
        if len(named) == 1:
            return named[0], []
        if len(own) == 1:
            return own[0], [Finding("customer.by_sender", value=own[0].bin, facts={"name": own[0].name})]
        return None, [Finding("customer.absent")]
    customer = case.customers.get(cell.text)
    if customer is None:
        codes = ("bin.invalid", "value.scientific", "value.letter_for_digit")
        if any(f.code in codes and (f.sheet, f.cell) == (cell.sheet, cell.cell) for f in case.form.findings):
            return None, []
        return None, [Finding("customer.unknown", cell.sheet, cell.cell, cell.written or cell.text)]
    if case.sender and customer not in own:
        return customer, [Finding("sender.other_customer", cell.sheet, cell.cell, case.sender, {"bin": cell.text})]
    return customer, []


def _find_replaced(case: Case) -> tuple[Submission | None, list[Finding]]:
    """Return the submission that `Заменяет` names, if it may be replaced whole (interface.md, Corrections)."""
    cell = case.form.header.get("replaces")
    if cell is None or not cell.text:
        return _find_held_copy(case), []
    found = _find_named_forms(case, cell.text)
    if len(found) > 1:
        facts = {"numbers": ", ".join(one.id for one in found)}
        return None, [Finding("replaces.several", cell.sheet, cell.cell, cell.text, facts)]
    if not found:
        return None, [Finding("replaces.unknown", cell.sheet, cell.cell, cell.text)]
    old = found[0]
    if old.outcome.posted and case.rule.in_register:
        return None, [Finding("replaces.acted", cell.sheet, cell.cell, old.id)]
    if old.replaced_by:
        return None, [Finding("replaces.again", cell.sheet, cell.cell, old.id, {"by": old.replaced_by})]
    if old.month and is_closed(case.office, old.month):
        facts = {"month": old.month.form_text}
        return None, [Finding("replaces.closed", cell.sheet, cell.cell, old.id, facts)]
    return old, []


def _find_held_copy(case: Case) -> Submission | None:
    """Return the form of the same bytes that came before and waits for documents alone, the last one: whoever sends it
    again, now with them, means this one to count (4.3.2). One that a person confirms keeps the month of its receipt."""
    held = [one for one in case.held_before if one.held_for == (DOCUMENTS,) and one.sha256 == case.sha256]
    return held[-1] if held else None


def _find_named_forms(case: Case, text: str) -> list[Submission]:
    """Return the Customer's forms of this kind that a number names: one, or those of a letter, of which the ones that
    are replaced already count where no other does."""
    named = parse_number(text)
    if named is None or case.customer is None or case.rule.operator:
        return []
    of_letter = case.office.journal.submissions.of_arrival(named[0])
    mine = [one for one in of_letter if (one.customer, one.form) == (case.bin, case.form.form)]
    mine = [one for one in mine if one.outcome.posted or one.outcome is Outcome.HELD]
    if named[1]:
        return [one for one in mine if one.ordinal == named[1]]
    return [one for one in mine if not one.replaced_by] or mine[:1]
