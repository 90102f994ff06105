"""The account that money of a part is passed on to, and why it may have to wait (4.1.7, 4.2.5, 4.3.3, 7.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from inbox_worker.core.model import Customer
from inbox_worker.ledger.transfers import PartKind
from inbox_worker.month.office import Office
from inbox_worker.settings.bank_codes import find_bank_of
from inbox_worker.settings.rules import Rules

_REQUISITES, _NOTICE = "requisites", "notice"  # the kinds of their tasks
Whose = tuple[str, PartKind]  # БИН, and what the money was paid for


@dataclass(frozen=True)
class Payee:
    """An account of a Customer, or the operator's own, as the register of a day has it. `name`: the БИН where no
    register has it; `contract`, `day`: its number and date; `waits`: the code of why nothing goes there now,
    '' = it goes; `task`: what a person has to do first."""

    bin: str
    name: str
    bic: str = ""
    iban: str = ""
    kbe: str = ""
    contract: str = ""
    day: str = ""
    waits: str = ""
    task: str = ""


def find_payees(office: Office, wanted: Iterable[Whose], on: date) -> Mapping[Whose, Payee]:
    """Return whom to pay on a day, and to which account: what was paid for communal services goes to the Customer's own
    account where it has one (7.1), all else to its ordinary one, what was withheld to the operator's (4.2.5).

    New requisites stop the old accounts, a notice of an own account stops that of communal services, from the moment it
    came until staff have confirmed it, loaded the register and ended the task: money goes to an account that somebody
    vouched for, or it waits in sight.
    """
    known = office.journal.customers.on(on)
    open_tasks = office.journal.tasks.open()
    details = {task.customer: task.id for task in open_tasks if task.kind == _REQUISITES}
    own = {rule.clause for rule in office.rules.customer_notices.values() if rule.acts == "account"}
    accounts = {task.customer: task.id for task in open_tasks if task.kind == _NOTICE and task.clause in own}
    found, operator = dict[Whose, Payee](), office.home.operator
    for whose in wanted:
        bin_, what = whose
        if what is PartKind.FEE:
            found[whose] = Payee(operator.bin, operator.name, operator.bic, operator.iban, operator.kbe)
        elif (customer := known.get(bin_)) is None:
            found[whose] = Payee(bin_, bin_, waits="payee.unknown")
        else:
            task = details.get(bin_, "") or (accounts.get(bin_, "") if what is PartKind.UTILITY else "")
            found[whose] = _payee(office, customer, what, task)
    return found


def _payee(office: Office, customer: Customer, what: PartKind, task: str) -> Payee:
    bic, iban = customer.bic, customer.iban
    if what is PartKind.UTILITY and customer.own_account:
        iban = customer.own_account
        bic = customer.own_bic or _find_bic(office.rules, iban, customer)
    waits = "payee.unconfirmed" if task else "" if bic else "payee.no_bic"
    return Payee(customer.bin, customer.name, bic, iban, customer.kbe, customer.contract,
                 f"{customer.contract_date:%d.%m.%Y}", waits, task)  # fmt: skip


def _find_bic(rules: Rules, iban: str, customer: Customer) -> str:
    """Return the БИК of an own account that nobody told (7.1): that of the contract's account at the same bank, else by
    the bank's code; '' where nothing tells it, or the bank is closed."""
    own = rules.orders.find_bic(iban, beside=(customer.iban, customer.bic))
    bank = find_bank_of(rules.bank_codes, iban)
    return own or (bank.bic if bank and not bank.closed else "")
