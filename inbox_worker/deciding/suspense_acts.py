"""Acts of staff about payments in suspense, each an arrival of its own: what they said is kept as it was said, then
posted in one transaction (4.1.7)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from inbox_worker.core.errors import UseError
from inbox_worker.core.identifiers import valid_bin
from inbox_worker.core.model import Outcome, Period, Submission
from inbox_worker.core.text import fold
from inbox_worker.ledger.acts import ASSIGN, RETURN, find_user, record_act
from inbox_worker.ledger.arrivals import register_in
from inbox_worker.month.assign import ANY, AssignedPayment, Belongs, assign, give_back
from inbox_worker.month.office import Office
from inbox_worker.month.payments import mark_drafted
from inbox_worker.month.suspense import WaitingPayment, find_payment
from inbox_worker.receiving.store import Incoming, write_raw

_FORM = "bank_register"  # it is a word about a row of one


class MisnamedPlace(UseError):
    """A Customer or service that staff name is none; the text says what can be named."""


def assign_payment(office: Office, identifier: str, to: Belongs, by: str, now: datetime) -> Submission:
    """Post a payment in suspense to the account that staff name, once: it is allocated like a register's payment in the
    first open month. `by`: how they know. The caller holds the home's lock. Raises UnknownPayment for one that does not
    wait, NotAssigned when no line of the account fits it."""
    to = _as_known(office, to)
    payment = find_payment(office, identifier)
    sequence = office.journal.submissions.next_sequence()
    assigned = assign(office, payment, to, sequence)
    mark_drafted(office, [assigned.month])
    said = {"payment": payment.payment, "amount": str(payment.amount), **vars(to), "by": by}
    return _commit(office, ASSIGN, payment, assigned, said, sequence, now)


def preview_assignment(office: Office, identifier: str, to: Belongs) -> AssignedPayment:
    """Return what assign_payment would post. Nothing is written. Raises what it raises."""
    sequence = office.journal.submissions.next_sequence()
    return assign(office, find_payment(office, identifier), _as_known(office, to), sequence)


def preview_return(office: Office, identifier: str) -> tuple[WaitingPayment, Period]:
    """Return the payment that return_payment would record, and the month it would count in. Nothing is written. Raises
    what it raises."""
    payment = find_payment(office, identifier)
    return payment, give_back(office, payment, office.journal.submissions.next_sequence()).month


def return_payment(office: Office, identifier: str, by: str, now: datetime) -> Submission:
    """Record that a payment in suspense went back to its bank, once. `by`: by which order or letter. The caller holds
    the home's lock. Raises UnknownPayment for one that does not wait."""
    payment = find_payment(office, identifier)
    sequence = office.journal.submissions.next_sequence()
    returned = give_back(office, payment, sequence)
    mark_drafted(office, [returned.month])
    said = {"payment": payment.payment, "amount": str(payment.amount), "by": by}
    return _commit(office, RETURN, payment, returned, said, sequence, now)


def _as_known(office: Office, to: Belongs) -> Belongs:
    """Return the place with the service's code for any of its names, as in forms."""
    if to.customer not in ("", ANY) and not valid_bin(to.customer):
        raise MisnamedPlace(f"{to.customer!r} is no number of a Customer; write its 12 digits, or `any`")
    if to.service in ("", ANY):
        return to
    if code := office.rules.service_names.get(fold(to.service)):
        return replace(to, service=code)
    known = ", ".join(f"{service.code} ({service.ru})" for service in office.rules.services)
    raise MisnamedPlace(f"there is no service {to.service!r}; it is `any` or one of {known}")


def _commit(
    office: Office,
    act: str,
    payment: WaitingPayment,
    assigned: AssignedPayment,
    said: dict[str, str],
    sequence: int,
    now: datetime,
) -> Submission:
    """Keep what was said, then name it and its facts in one transaction: a kill leaves the payment waiting."""
    words = {
        "act": act,
        **said,
        "who": find_user(),
    }  # without the moment: given again after a kill, they are the same bytes
    raw = json.dumps(words, ensure_ascii=False, indent=1).encode()
    arrival = write_raw(office.home.archive, Incoming(raw, act, "load", now))
    details = "; ".join(f"{name} {value}" for name, value in said.items() if value)
    with office.journal.transaction() as connection:
        [number] = register_in(connection, [replace(arrival, outcome=Outcome.ACCEPTED)])
        one = f"{replace(arrival, number=number).id}-1"
        submission = Submission(
            one, number, 1, payment.payment, arrival.sha256, _FORM, "", Outcome.ACCEPTED, assigned.month, now, 1, 1,
            office.rules.version, sequence=sequence, confirmed=details,
        )  # fmt: skip
        office.journal.submissions.record(connection, submission, (), assigned.write(office, one))
        record_act(connection, act, payment.payment, now, details=details)
    return submission
